"""Reading the roll: what narrows it, and the list itself."""
