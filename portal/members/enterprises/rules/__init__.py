"""Pure rules of an enterprise's identity."""
