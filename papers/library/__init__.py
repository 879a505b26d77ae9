"""Reads about papers: filtered lists, search, ranking and comment threads. Nothing here writes."""
