"""Links that open a calendar on the web with a meeting filled in."""

from datetime import UTC, date, datetime
from urllib.parse import quote_plus, urlencode

from papers.discussions.calendar_export import (
    event_description,
    event_place,
    event_span,
    event_title,
)
from papers.models import Discussion
from papers.rendering import single_line

# Characters of an address, quoted: Outlook and some mail programs cut longer ones off at the end.
MAX_LINK_LENGTH = 2000
MAX_TITLE_LENGTH = MAX_PLACE_LENGTH = 300


def google_link(discussion: Discussion, *, is_waiting: bool = False) -> str:
    """A link that opens Google Calendar with ``discussion`` filled in."""
    first, last = (_basic_format(moment) for moment in event_span(discussion))
    return _link(
        "https://calendar.google.com/calendar/render",
        discussion,
        {"action": "TEMPLATE", "text": _title(discussion, is_waiting), "dates": f"{first}/{last}"},
        details="details",
        is_waiting=is_waiting,
    )


def _basic_format(moment: date) -> str:
    """ "20261203T150000Z" for a moment, "20261203" for a day."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{moment:%Y%m%d}"


def outlook_link(discussion: Discussion, *, is_waiting: bool = False) -> str:
    """A link that opens Outlook with ``discussion`` filled in."""
    first, last = (_extended_format(moment) for moment in event_span(discussion))
    given = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": _title(discussion, is_waiting),
        "startdt": first,
        "enddt": last,
        "allday": str(discussion.is_written).lower(),
    }
    site = "https://outlook.office.com/calendar/deeplink/compose"
    return _link(site, discussion, given, details="body", is_waiting=is_waiting)


def _extended_format(moment: date) -> str:
    """ "2026-12-03T15:00:00Z" for a moment, "2026-12-03" for a day."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return moment.isoformat()


def _title(discussion: Discussion, is_waiting: bool) -> str:
    return _cut(event_title(discussion, is_waiting=is_waiting), MAX_TITLE_LENGTH)


def _place(discussion: Discussion) -> str:
    """The place, shortened, otherwise the video link, whole: part of a link leads nowhere."""
    place = event_place(discussion)
    return _cut(place, MAX_PLACE_LENGTH) if discussion.place else place


def _cut(text: str, longest: int) -> str:
    """``text`` cut to ``longest`` characters when quoted, an ellipsis at its end."""
    length = len(text)
    while len(quote_plus(found := single_line(text, length))) > longest:
        length -= 1
    return found


def _link(
    site: str, discussion: Discussion, given: dict[str, str], *, details: str, is_waiting: bool
) -> str:
    """An address of ``site`` with the place and, as ``details``, as much of the agenda as fits.

    The links to the video and to the page of the meeting are always whole.
    """
    given = given | {"location": _place(discussion), details: ""}
    links = event_description(discussion, 0, is_waiting=is_waiting)
    room = MAX_LINK_LENGTH - len(f"{site}?{urlencode(given)}") - len(quote_plus(links))
    given[details] = event_description(discussion, max(room, 0), is_waiting=is_waiting)
    return f"{site}?{urlencode(given)}"
