"""The agenda of a discussion, and the status of papers that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone

from papers.models import AgendaItem, Discussion, Group, Paper
from papers.services import publishing

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_AGENDA_ITEMS = 20


def lock_group_and_discussion(discussion: Discussion) -> Discussion:
    """Lock the group, then the discussion, until the transaction ends. Returns its current row.

    The group comes first, as everywhere. Raises Discussion.DoesNotExist if it was deleted
    meanwhile.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=discussion.group_id)
    locked = Discussion.objects.select_for_update(of=["self"]).get(pk=discussion.pk)
    locked.group = group
    return locked


@transaction.atomic
def add_papers(*, discussion: Discussion, papers: Iterable[Paper]) -> list[Paper]:
    """Append ``papers``, of the same group, to the agenda. Returns those that were not on it.

    Raises ValidationError if that would be too many, or the discussion was held or cancelled.
    """
    discussion = lock_group_and_discussion(discussion)
    _require_changeable(discussion)
    known = set(discussion.agenda.values_list("paper", flat=True))
    new = [paper for paper in papers if paper.pk not in known]
    if len(known) + len(new) > MAX_AGENDA_ITEMS:
        raise ValidationError(f"An agenda has at most {MAX_AGENDA_ITEMS} papers.")
    last = discussion.agenda.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    AgendaItem.objects.bulk_create(
        AgendaItem(discussion=discussion, paper=paper, position=position)
        for position, paper in enumerate(new, start=first)
    )
    if new:
        save_and_bump_sequence(discussion)
        update_paper_status(discussion.group, [paper.pk for paper in new])
    return new


@transaction.atomic
def remove_item(*, item: AgendaItem) -> None:
    """Remove a paper from the agenda: it returns to the ranking with its votes."""
    discussion = lock_group_and_discussion(item.discussion)
    _require_changeable(discussion)
    AgendaItem.objects.filter(pk=item.pk).delete()
    save_and_bump_sequence(discussion)
    update_paper_status(discussion.group, [item.paper_id])


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool) -> None:
    """Swap an item with the one before or after it. At either end nothing changes."""
    discussion = lock_group_and_discussion(item.discussion)
    _require_changeable(discussion)
    items = list(discussion.agenda.all())
    old = next((index for index, other in enumerate(items) if other.pk == item.pk), None)
    if old is None:
        return
    new = old + (-1 if up else 1)
    if not 0 <= new < len(items):
        return
    items[old], items[new] = items[new], items[old]
    for position, moved in enumerate(items):
        moved.position = position
    AgendaItem.objects.bulk_update(items, ["position"])
    save_and_bump_sequence(discussion)


@transaction.atomic
def set_minutes(*, item: AgendaItem, minutes: int | None) -> None:
    """Set the minutes planned for a paper; None for no plan."""
    discussion = lock_group_and_discussion(item.discussion)
    AgendaItem.objects.filter(pk=item.pk).update(minutes=minutes)
    save_and_bump_sequence(discussion)


def save_and_bump_sequence(discussion: Discussion, **fields: Any) -> None:
    """Save ``fields`` of a locked discussion, and let calendars know that it changed.

    SEQUENCE rises with every change (RFC 5545, 3.8.7.4).
    """
    for name, value in fields.items():
        setattr(discussion, name, value)
    changes = {**fields, **publishing.raised(), "version": F("version") + 1}
    Discussion.objects.filter(pk=discussion.pk).update(**changes)
    discussion.refresh_from_db(fields=[name for name in changes if name not in fields])


def update_paper_status(group: Group, ids: Iterable[int]) -> None:
    """Set the status of the papers ``ids`` of ``group``, which is locked, from their discussions.

    A polling or scheduled discussion makes a paper scheduled; otherwise a held one makes it
    discussed. Without any, a scheduled paper becomes open again, and keeps its votes.
    """
    State, Status = Discussion.State, Paper.Status
    papers = Paper.objects.in_group(group).filter(pk__in=ids)
    upcoming = papers.filter(_on_agenda(State.POLLING, State.SCHEDULED)).values("pk")
    held = papers.exclude(pk__in=upcoming).filter(_on_agenda(State.HELD)).values("pk")
    rest = papers.exclude(pk__in=upcoming).exclude(pk__in=held).filter(status=Status.SCHEDULED)
    ids_by_status = {
        Status.SCHEDULED: list(upcoming.values_list("pk", flat=True)),
        Status.DISCUSSED: list(held.values_list("pk", flat=True)),
        Status.OPEN: list(rest.values_list("pk", flat=True)),
    }
    for status, keys in ids_by_status.items():
        changes: dict[str, Any] = {"status": status, "updated_at": timezone.now()}
        if status != Status.OPEN:
            changes["pinned_at"] = None
        Paper.objects.filter(pk__in=keys).exclude(status=status).update(**changes)
    group.bump_papers_version()


def _on_agenda(*states: Discussion.State) -> Exists:
    items = AgendaItem.objects.filter(paper=OuterRef("pk"), discussion__state__in=states)
    return Exists(items)


def _require_changeable(discussion: Discussion) -> None:
    if discussion.is_held or discussion.is_cancelled:
        state = "was held" if discussion.is_held else "is cancelled"
        raise ValidationError(f"The meeting {state}, so its agenda cannot be changed.")
