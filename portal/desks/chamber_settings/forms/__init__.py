"""Forms of the settings pages, by noun."""
