"""What calendars and news feeds show of discussions has changed: SEQUENCE and moments rise.

An entry shows more than its own row: titles of papers, names of presenters, the name, address and
time zone of the group. Every act that changes one of these calls this module in its transaction.
The columns are raised in the database, so that of two acts at once each counts, and never lowered:
no reader sees an older number or moment after a newer one, whoever asks and whatever is gone since.

An act on several discussions holds the locks of their groups, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from papers.models import AgendaItem, Discussion, Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papers.models import User
    from papers.models.discussions import DiscussionQuerySet


def latest(column: str) -> Greatest:
    """Now, or the moment in ``column`` if that is later: for an update that never goes back."""
    return Greatest(column, Value(timezone.now()))


def raise_sequences(discussions: DiscussionQuerySet) -> None:
    """Raise the SEQUENCE and the moments of ``discussions``, whose groups are locked."""
    Discussion.objects.filter(pk__in=discussions.order_by().values("pk")).update(**raised())


def raise_sequence_in_calendars(discussion: Discussion) -> None:
    """Raise the SEQUENCE of a locked discussion that changed in calendars alone, not in news.

    A member's own calendar shows it as cancelled if they cannot come. The number rises for all:
    nobody finds a lower one in another calendar.
    """
    Discussion.objects.filter(pk=discussion.pk).update(
        sequence=F("sequence") + 1, calendar_changed_at=latest("calendar_changed_at")
    )
    discussion.refresh_from_db(fields=["sequence", "calendar_changed_at"])


def raised() -> dict[str, Any]:
    """The columns of a discussion to update when what everybody reads of it changes."""
    return {
        "sequence": F("sequence") + 1,
        "changed_at": latest("changed_at"),
        "calendar_changed_at": latest("calendar_changed_at"),
    }


def raise_for_titles(paper_ids: Iterable[int]) -> None:
    """The titles of these papers, of one locked group, have changed."""
    ids = list(paper_ids)
    if not ids:
        return
    items = AgendaItem.objects.filter(paper__in=ids)
    raise_sequences(Discussion.objects.filter(pk__in=items.values("discussion")))


def raise_for_presenter(user: User) -> None:
    """The name under which ``user`` presents changes. Locks the groups, in the order of ids."""
    items = AgendaItem.objects.filter(presenter=user)
    groups = Group.objects.filter(pk__in=items.values("discussion__group")).order_by("pk")
    list(groups.select_for_update(no_key=True))
    raise_sequences(Discussion.objects.filter(pk__in=items.values("discussion")))


def raise_for_group(group: Group) -> None:
    """The name, address or time zone of ``group``, which is locked, has changed."""
    raise_sequences(Discussion.objects.in_group(group))
