"""Dates and times as the pages of the app write them: in the admin, too, "27 Nov 2026, 15:09"."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
