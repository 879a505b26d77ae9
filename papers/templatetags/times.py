"""The template filter for machine-readable moments."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter(expects_localtime=True)
def iso_moment(moment: datetime) -> str:
    """ "2026-12-03T15:00:00+01:00", for ``<time datetime>``: in the reader's zone, in seconds."""
    return moment.isoformat(timespec="seconds")
