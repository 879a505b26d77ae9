"""How Django's own pages write dates and times, by language."""
