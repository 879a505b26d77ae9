"""What is on the agenda of a meeting; papers follow it in their status."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from papers.models import AgendaItem, Discussion, Group, Paper

MAX_AGENDA_ITEMS = 20


def lock_group_and_discussion(discussion):
    """The meeting as it is now, held with its group until the transaction ends.

    The group first, as everywhere. Discussion.DoesNotExist where it went meanwhile.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=discussion.group_id)
    held = Discussion.objects.select_for_update(of=["self"]).get(pk=discussion.pk)
    held.group = group
    return held


@transaction.atomic
def add_papers(*, discussion, papers):
    """Put ``papers``, of its group, at the end of the agenda; those that are on it stay.

    ValidationError where that would be too many, or the meeting is over.
    """
    discussion = lock_group_and_discussion(discussion)
    _require_changeable(discussion)
    known = set(discussion.agenda.values_list("paper", flat=True))
    new = [paper for paper in papers if paper.pk not in known]
    if len(known) + len(new) > MAX_AGENDA_ITEMS:
        raise ValidationError(f"An agenda has {MAX_AGENDA_ITEMS} papers at most.")
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
def remove_item(*, item):
    """Take a paper off the agenda: with its votes it is in the ranking again."""
    discussion = lock_group_and_discussion(item.discussion)
    _require_changeable(discussion)
    AgendaItem.objects.filter(pk=item.pk).delete()
    save_and_bump_sequence(discussion)
    update_paper_status(discussion.group, [item.paper_id])


@transaction.atomic
def move_item(*, item, up):
    """Change places with the one before, or the one after; nothing at either end."""
    discussion = lock_group_and_discussion(item.discussion)
    _require_changeable(discussion)
    items = list(discussion.agenda.all())
    here = next((place for place, one in enumerate(items) if one.pk == item.pk), None)
    there = None if here is None else here + (-1 if up else 1)
    if there is None or not 0 <= there < len(items):
        return
    items[here], items[there] = items[there], items[here]
    for position, one in enumerate(items):
        one.position = position
    AgendaItem.objects.bulk_update(items, ["position"])
    save_and_bump_sequence(discussion)


@transaction.atomic
def set_minutes(*, item, minutes):
    """How many minutes are planned for a paper; None for no plan."""
    discussion = lock_group_and_discussion(item.discussion)
    AgendaItem.objects.filter(pk=item.pk).update(minutes=minutes)
    save_and_bump_sequence(discussion)


def save_and_bump_sequence(discussion, **fields):
    """Keep ``fields`` of a meeting that is held, and have calendars know that it changed.

    SEQUENCE rises with every change (RFC 5545, 3.8.7.4).
    """
    fields |= {"sequence": discussion.sequence + 1, "changed_at": timezone.now()}
    for name, value in fields.items():
        setattr(discussion, name, value)
    discussion.save(update_fields=list(fields))


def update_paper_status(group, ids):
    """Let the papers ``ids`` of ``group``, which is held, have the status their meetings say.

    One that is to come makes a paper scheduled, one that was held discussed. Where there is none
    any more a paper that was scheduled is open again, and its votes are what they were.
    """
    State, Status = Discussion.State, Paper.Status
    papers = Paper.objects.in_group(group).filter(pk__in=ids)
    meets = papers.filter(_on_agenda(State.POLLING, State.SCHEDULED)).values("pk")
    met = papers.exclude(pk__in=meets).filter(_on_agenda(State.HELD)).values("pk")
    rest = papers.exclude(pk__in=meets).exclude(pk__in=met).filter(status=Status.SCHEDULED)
    found = {
        Status.SCHEDULED: list(meets.values_list("pk", flat=True)),
        Status.DISCUSSED: list(met.values_list("pk", flat=True)),
        Status.OPEN: list(rest.values_list("pk", flat=True)),
    }
    for status, keys in found.items():
        changes = {"status": status, "updated_at": timezone.now()}
        if status != Status.OPEN:
            changes["pinned_at"] = None
        Paper.objects.filter(pk__in=keys).exclude(status=status).update(**changes)
    group.bump_papers_version()


def _on_agenda(*states):
    items = AgendaItem.objects.filter(paper=OuterRef("pk"), discussion__state__in=states)
    return Exists(items)


def _require_changeable(discussion):
    if discussion.is_held or discussion.is_cancelled:
        raise ValidationError(
            f"The meeting is {discussion.get_state_display().lower()}: its agenda stays as it is."
        )
