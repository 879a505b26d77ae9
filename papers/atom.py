"""News of a group as Atom (RFC 4287): new papers, and meetings as they change."""

import re
import uuid
from datetime import UTC, datetime
from html import escape

from django.utils.feedgenerator import Atom1Feed

from papers.discussions import times
from papers.discussions.calendar_export import absolute_url, event_description, event_title
from papers.rendering import single_line

# What XML 1.0, 2.2 has no place for.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ID_NAMESPACE = uuid.UUID("5f0c7bb5-2f6a-5b60-9d4e-3d1c8d7c9a11")  # of the ids of entries


def papers_feed(group, papers):
    """``papers`` of ``group``, bytes of Atom: each with its abstract, as text."""
    feed = _empty_feed(group, "papers", f"New papers of {group}")
    for paper in papers:
        paper.group = group
        feed.add_item(
            title=single_line(paper.title),
            link=absolute_url(paper),
            description=_as_html(paper.abstract),
            unique_id=_permanent_id("paper", paper),
            pubdate=paper.created_at,
            updateddate=paper.updated_at,
        )
    return _feed_bytes(feed)


def discussions_feed(group, meetings, reader):
    """``meetings`` of ``group``, fetched `with_agenda`, bytes of Atom; hours are ``reader``'s."""
    feed = _empty_feed(group, "meetings", f"Meetings of {group}")
    for meeting in meetings:
        meeting.group = group
        when = times.meeting_time(meeting, group, reader)
        said = [
            str(when or _deadline_sentence(meeting, reader)),
            meeting.place,
            event_description(meeting),
        ]
        feed.add_item(
            title=f"{meeting.get_state_display()}: {event_title(meeting)}",
            link=absolute_url(meeting),
            description=_as_html("\n".join(part for part in said if part)),
            unique_id=meeting.uid.urn,
            pubdate=meeting.created_at,
            updateddate=meeting.changed_at,
        )
    return _feed_bytes(feed)


def _deadline_sentence(meeting, reader):
    """Until when a date poll may be answered, as a sentence; "" where nobody has said."""
    deadline = meeting.is_polling and times.deadline_text(meeting, meeting.group, reader)
    return f"Say by {deadline} when you can come." if deadline else ""


def _empty_feed(group, kind, name):
    """An empty feed. Its own address is not in it: that is a secret."""
    return _GroupFeed(
        title=single_line(name),
        link=absolute_url(group),
        description="",
        author_name=single_line(str(group)),
        feed_guid=_permanent_id(kind, group),
        language="en",
    )


class _GroupFeed(Atom1Feed):
    def latest_post_date(self):
        """When an entry last changed: the same text until one does."""
        return super().latest_post_date() if self.items else datetime(2000, 1, 1, tzinfo=UTC)


def _permanent_id(kind, row):
    """A name of ``row`` for good, wherever its page moves; no other installation has it."""
    return uuid.uuid5(ID_NAMESPACE, f"{kind} {row.pk} {row.created_at.timestamp()}").urn


def _as_html(text):
    """Plain text where HTML is read."""
    return escape(NOT_IN_XML.sub("", text)).replace("\n", "<br>")


def _feed_bytes(feed):
    return feed.writeString("utf-8").encode()
