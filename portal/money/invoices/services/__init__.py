"""What happens to an invoice: settled, taken back, shown a slip."""
