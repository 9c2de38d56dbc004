"""Reading what reviewers keep."""
