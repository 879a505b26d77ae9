"""Atom feeds (RFC 4287) of a group's new papers and of its meetings."""

import re
import uuid
from collections.abc import Iterable
from html import escape

from django.db.models import Model
from django.utils.feedgenerator import Atom1Feed

from papers.discussions import times
from papers.discussions.calendar_export import absolute_url, event_description, event_title
from papers.models import Discussion, Feed, Group, Paper, User
from papers.rendering import single_line

# Characters that XML 1.0 does not allow (section 2.2).
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ID_NAMESPACE = uuid.UUID("5f0c7bb5-2f6a-5b60-9d4e-3d1c8d7c9a11")  # of the ids of entries


def papers_feed(group: Group, papers: Iterable[Paper]) -> bytes:
    """An Atom feed of ``papers``, which belong to ``group``, with their abstracts."""
    feed = _empty_feed(group, "papers", f"New papers of {group}", group.papers_changed_at)
    for paper in papers:
        paper.group = group
        feed.add_item(
            title=single_line(paper.title),
            link=absolute_url(paper),
            description=_as_html(paper.abstract),
            unique_id=_permanent_id("paper", paper),
            pubdate=paper.created_at,
            updateddate=max(paper.updated_at, group.address_changed_at),
        )
    return _feed_bytes(feed)


def discussions_feed(of: Feed, discussions: Iterable[Discussion]) -> bytes:
    """An Atom feed of ``discussions``, fetched `with_agenda`, in the time zone of its owner.

    ``of``: the address at which it is read, with its owner and group.
    """
    group, reader = of.group, of.user
    assert group is not None  # news are of a group
    feed = _empty_feed(group, "meetings", f"Meetings of {group}", group.address_changed_at)
    for discussion in discussions:
        discussion.group = group
        when = times.meeting_time(discussion, group, reader)
        lines = [
            str(when or _deadline_sentence(discussion, reader)),
            discussion.place,
            event_description(discussion),
        ]
        feed.add_item(
            title=f"{discussion.get_state_display()}: {event_title(discussion)}",
            link=absolute_url(discussion),
            description=_as_html("\n".join(line for line in lines if line)),
            unique_id=discussion.uid.urn,
            pubdate=discussion.created_at,
            updateddate=max(discussion.changed_at, of.zone_changed_at or discussion.changed_at),
        )
    return _feed_bytes(feed)


def _deadline_sentence(discussion: Discussion, reader: User) -> str:
    """A sentence with the deadline of a date poll; "" if there is none."""
    deadline = discussion.is_polling and times.deadline_text(discussion, discussion.group, reader)
    return f"Say by {deadline} when you can come." if deadline else ""


def _empty_feed(group, kind, name, changed_at):
    """An empty feed. It leaves out its own address, which is secret.

    ``changed_at``: a moment that never goes back, before which the feed was not changed last.
    """
    return _GroupFeed(
        changed_at=changed_at,
        title=single_line(name),
        link=absolute_url(group),
        description="",
        author_name=single_line(str(group)),
        feed_guid=_permanent_id(kind, group),
        language="en",
    )


class _GroupFeed(Atom1Feed):
    def latest_post_date(self):
        """When the feed last changed, also by an entry that is gone: the same until it does."""
        return max([self.feed["changed_at"], *(item["updateddate"] for item in self.items)])


def _permanent_id(kind: str, row: Model) -> str:
    """A permanent id of ``row``, independent of its address and unique among installations."""
    return uuid.uuid5(ID_NAMESPACE, f"{kind} {row.pk} {row.created_at.timestamp()}").urn


def _as_html(text: str) -> str:
    """Plain ``text`` as HTML, without characters that XML does not allow."""
    return escape(NOT_IN_XML.sub("", text)).replace("\n", "<br>")


def _feed_bytes(feed):
    return feed.writeString("utf-8").encode()
