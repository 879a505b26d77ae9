"""The template tag for the moment of a comment or of another act: how long ago it was."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

register = template.Library()

LONGEST_AGO = timedelta(days=30)  # the day is shown of what is longer ago


@register.simple_tag
def time_ago(moment: datetime) -> SafeString:
    """``moment`` as a time element, "3 days ago", which shows the exact time when pointed at.

    Screen readers, which have no pointer, read both. Not for meetings: their hour matters.
    """
    at = timezone.localtime(moment)
    exact = f"{date_format(at, 'j M Y, H:i')} {at.tzname()}"
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="visually-hidden">, {}</span></time>',
        at.isoformat(timespec="seconds"),
        exact,
        words_ago(moment, timezone.now()),
        exact,
    )


def words_ago(moment: datetime, now: datetime) -> str:
    """How long before ``now`` it was, in one unit of time; after 30 days, its day."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed > LONGEST_AGO:
        return date_format(timezone.localtime(moment), "j M Y")
    days = passed.days
    if days >= 7:  # not in weeks: "13 days ago" says more than "1 week ago"
        return f"{days} days ago"
    return f"{timesince(moment, now, depth=1)} ago"
