"""The story of one parcel on a real server: ``make demo``."""
