"""What applicants do."""
