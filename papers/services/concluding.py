"""What is written at a meeting and after it: questions ticked off, notes, what came of each paper.

Of two who write at once the second is told, and nothing of either is lost: what one saves says
which version it began from.
"""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from papers.models import Comment, Discussion, Notice
from papers.services import agenda, scheduling
from papers.services.telling import happened
from papers.timetable import READ_TOGETHER, reads_together


class Stale(Exception):
    """Somebody else has saved meanwhile."""


def tick(*, discussion, comment, is_answered):
    """Say that the question ``comment`` was talked about at ``discussion``, or take that back.

    Of one that another meeting has ticked off meanwhile nothing changes.
    """
    asked = Comment.objects.filter(pk=comment.pk, is_question=True, removed_at=None)
    if is_answered:
        open_ones = asked.filter(answered_at=None)
        open_ones.update(answered_at=timezone.now(), answered_in=discussion)
    else:
        asked.filter(answered_in=discussion).update(answered_at=None, answered_in=None)


def save_notes(*, discussion, notes, version):
    """Keep ``notes`` where ``version`` is still the one that is kept; `Stale` otherwise.

    One statement, which looks and writes at once. What is there already is not written again.
    """
    kept = Discussion.objects.filter(pk=discussion.pk)
    if kept.filter(notes=notes).exists():
        return
    changed = kept.filter(notes_version=version).update(notes=notes, notes_version=version + 1)
    if not changed:
        raise Stale


@transaction.atomic
def read_together(*, discussion, on):
    """Plan to read together at the beginning, or not to: it is the first line of the notes.

    Who is writing notes meanwhile is told so when they save.
    """
    discussion = agenda.hold(discussion)
    if reads_together(discussion) == on:
        return
    rest = discussion.notes if on else discussion.notes.partition("\n")[2].lstrip("\n")
    notes = f"{READ_TOGETHER}\n\n{rest}".rstrip() if on else rest
    Discussion.objects.filter(pk=discussion.pk).update(
        notes=notes, notes_version=F("notes_version") + 1
    )


@transaction.atomic
def conclude(*, discussion, by, version, reached, outcomes, recording, tell=False):
    """Say that a meeting was held, or change what came of it.

    ``version``: the ``sequence`` that one began from. ``reached``: ids of items of its agenda; what
    was not reached is in the ranking again. ``outcomes``: id of an item -> a dict of its fields.
    The members are told when first something is written, and when ``tell`` says so. `Stale` where
    the meeting has changed meanwhile; ValidationError where it has not begun or was called off.
    """
    held = agenda.hold(discussion)
    if held.sequence != version:
        raise Stale
    scheduling.conclude(discussion=held, by=by, reached=reached)
    held.refresh_from_db(fields=["state", "sequence"])
    is_written = bool(recording)
    for item in held.agenda.all():
        said = outcomes.get(item.pk, {})
        for name, value in said.items():
            setattr(item, name, value)
        item.save(update_fields=list(said))
        is_written = is_written or any(said.values())
    agenda.changed(held, recording=recording)
    is_new = is_written and happened(Notice.Event.OUTCOMES, held, by=by, mark="first")
    if tell and not is_new:
        happened(Notice.Event.OUTCOMES, held, by=by)
