"""How files are read whatever is in them: characters, tables, numbers, dates, archives."""
