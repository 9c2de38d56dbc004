"""Money that arrived, its receipts, and what goes back."""
