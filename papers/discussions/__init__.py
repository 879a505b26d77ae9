"""Reads about discussions: dates, agendas, calendars and archives. Nothing here writes."""
