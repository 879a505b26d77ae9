"""What is written at a meeting and after it: questions ticked off, notes, what came of each paper.

Of two who write at once the second is told, and nothing of either is lost: what one saves says
which version it began from.
"""

from django.db import transaction
from django.utils import timezone

from papers.models import Comment, Discussion, Event
from papers.notifications.fan_out import record_event
from papers.services import agenda, scheduling


class EditConflict(Exception):
    """Somebody else has saved meanwhile."""


def set_question_answered(*, discussion, comment, is_answered):
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
    """Keep ``notes`` where ``version`` is still the one that is kept; `EditConflict` otherwise.

    One statement, which looks and writes at once. What is there already is not written again.
    """
    kept = Discussion.objects.filter(pk=discussion.pk)
    if kept.filter(notes=notes).exists():
        return
    changed = kept.filter(notes_version=version).update(notes=notes, notes_version=version + 1)
    if not changed:
        raise EditConflict


def set_read_together(*, discussion, on):
    """Plan to begin ``discussion`` by reading together, or not to. The notes stay as they are."""
    Discussion.objects.filter(pk=discussion.pk).update(reads_together=on)


@transaction.atomic
def record_outcomes(*, discussion, by, version, reached, outcomes, recording, tell=False):
    """Say that a meeting was held, or change what came of it.

    ``version``: the ``sequence`` that one began from. ``reached``: ids of items of its agenda; what
    was not reached is in the ranking again. ``outcomes``: id of an item -> a dict of its fields.
    The members are notified when something is first written, and when ``tell`` asks for it.
    `EditConflict` if the discussion has changed meanwhile; ValidationError if it has not begun or
    was called off.
    """
    held = agenda.lock_group_and_discussion(discussion)
    if held.sequence != version:
        raise EditConflict
    scheduling.mark_held(discussion=held, by=by, reached=reached)
    held.refresh_from_db(fields=["state", "sequence"])
    is_written = bool(recording)
    for item in held.agenda.all():
        said = outcomes.get(item.pk, {})
        for name, value in said.items():
            setattr(item, name, value)
        item.save(update_fields=list(said))
        is_written = is_written or any(said.values())
    agenda.save_and_bump_sequence(held, recording=recording)
    is_first = is_written and not held.notices.filter(event=Event.OUTCOMES).exists()
    if tell or is_first:
        record_event(Event.OUTCOMES, held, by=by)
