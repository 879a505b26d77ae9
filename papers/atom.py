"""News of a group as Atom (RFC 4287): new papers, and meetings as they change."""

import re
import uuid
from datetime import UTC, datetime
from html import escape

from django.utils.feedgenerator import Atom1Feed

from papers import times
from papers.calendars import about, address, line, title

# What XML 1.0, 2.2 has no place for.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPACE = uuid.UUID("5f0c7bb5-2f6a-5b60-9d4e-3d1c8d7c9a11")  # of the ids of entries


def of_papers(group, papers):
    """``papers`` of ``group``, bytes of Atom: each with its abstract, as text."""
    feed = _feed(group, "papers", f"New papers of {group}")
    for paper in papers:
        paper.group = group
        feed.add_item(
            title=line(paper.title),
            link=address(paper),
            description=_as_html(paper.abstract),
            unique_id=_id("paper", paper),
            pubdate=paper.created_at,
            updateddate=paper.updated_at,
        )
    return _text(feed)


def of_meetings(group, meetings, reader):
    """``meetings`` of ``group``, fetched `with_agenda`, bytes of Atom; hours are ``reader``'s."""
    feed = _feed(group, "meetings", f"Meetings of {group}")
    for meeting in meetings:
        meeting.group = group
        when = times.when(meeting, group, reader)
        said = [str(when or _deadline(meeting, reader)), meeting.place, about(meeting)]
        feed.add_item(
            title=f"{meeting.get_state_display()}: {title(meeting)}",
            link=address(meeting),
            description=_as_html("\n".join(part for part in said if part)),
            unique_id=meeting.uid.urn,
            pubdate=meeting.created_at,
            updateddate=meeting.changed_at,
        )
    return _text(feed)


def _deadline(meeting, reader):
    """Until when a date poll may be answered, as a sentence; "" where nobody has said."""
    deadline = meeting.is_polling and times.deadline(meeting, meeting.group, reader)
    return f"Say by {deadline} when you can come." if deadline else ""


def _feed(group, kind, name):
    """An empty feed. Its own address is not in it: that is a secret."""
    return _Feed(
        title=line(name),
        link=address(group),
        description="",
        author_name=line(str(group)),
        feed_guid=_id(kind, group),
        language="en",
    )


class _Feed(Atom1Feed):
    def latest_post_date(self):
        """When an entry last changed: the same text until one does."""
        return super().latest_post_date() if self.items else datetime(2000, 1, 1, tzinfo=UTC)


def _id(kind, row):
    """A name of ``row`` for good, wherever its page moves; no other installation has it."""
    return uuid.uuid5(SPACE, f"{kind} {row.pk} {row.created_at.timestamp()}").urn


def _as_html(text):
    """Plain text where HTML is read."""
    return escape(FORBIDDEN.sub("", text)).replace("\n", "<br>")


def _text(feed):
    return feed.writeString("utf-8").encode()
