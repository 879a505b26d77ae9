"""Data of the demo group, for the commands."""
