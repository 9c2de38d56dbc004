"""Reading applications."""
