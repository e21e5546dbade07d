"""What is read out of carriers' invoices."""
