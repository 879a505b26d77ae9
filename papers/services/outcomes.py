"""Notes, answered questions and outcomes of a discussion.

Each save names the version that its editor began from: of two who edit at once, the second gets an
error, and the text of neither is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from papers.models import Comment, Discussion, Event
from papers.notifications.fan_out import record_event
from papers.services import agenda, scheduling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from papers.models import User


class EditConflict(Exception):
    """Somebody else has saved meanwhile."""


def set_question_answered(*, discussion: Discussion, comment: Comment, is_answered: bool) -> None:
    """Mark the question ``comment`` as answered at ``discussion``, or undo that.

    A question that another discussion has answered meanwhile stays unchanged.
    """
    questions = Comment.objects.filter(pk=comment.pk, is_question=True, removed_at=None)
    if is_answered:
        unanswered = questions.filter(answered_at=None)
        unanswered.update(answered_at=timezone.now(), answered_in=discussion)
    else:
        questions.filter(answered_in=discussion).update(answered_at=None, answered_in=None)


def save_notes(*, discussion: Discussion, notes: str, version: int) -> None:
    """Save ``notes`` if ``version`` is still the stored one. Raises `EditConflict` otherwise.

    One statement checks the version and writes. Unchanged notes are not written again.
    """
    stored = Discussion.objects.filter(pk=discussion.pk)
    if stored.filter(notes=notes).exists():
        return
    changed = stored.filter(notes_version=version).update(notes=notes, notes_version=version + 1)
    if not changed:
        raise EditConflict


def set_read_together(*, discussion: Discussion, on: bool) -> None:
    """Plan to begin ``discussion`` by reading together, or not to. The notes stay unchanged."""
    Discussion.objects.filter(pk=discussion.pk).update(reads_together=on)


@transaction.atomic
def record_outcomes(
    *,
    discussion: Discussion,
    by: User,
    version: int,
    reached: Iterable[int],
    outcomes: Mapping[int, Mapping[str, str]],
    recording: str,
    presenters: Mapping[int, int | None] | None = None,
    tell: bool = False,
) -> None:
    """Mark a discussion as held and save its outcomes, or change them.

    ``version``: the ``version`` that the editor began from. ``reached``: ids of items of its
    agenda; the other papers return to the ranking. ``outcomes``: id of an item -> its fields.
    ``presenters``: id of an item -> id of the member who presented it, None for nobody; the other
    items keep theirs. The members are notified when something is first written, unless the meeting
    was recorded afterwards, and if ``tell``. Raises `EditConflict` if the discussion has changed
    meanwhile; ValidationError if it has not begun or was cancelled.
    """
    held = agenda.lock_group_and_discussion(discussion)
    if held.version != version:
        raise EditConflict
    scheduling.mark_held(discussion=held, by=by, reached=reached)
    held.refresh_from_db(fields=["state"])
    is_written = bool(recording)
    for item in held.agenda.all():
        outcome = outcomes.get(item.pk, {})
        for name, value in outcome.items():
            setattr(item, name, value)
        if presenters and item.pk in presenters:
            item.presenter_id = presenters[item.pk]
            item.is_confirmed = item.presenter_id is not None
        item.save(update_fields=[*outcome, "presenter", "is_confirmed"])
        is_written = is_written or any(outcome.values())
    agenda.save_and_bump_sequence(held, recording=recording)
    was_told = held.recorded_afterwards or held.notices.filter(event=Event.OUTCOMES).exists()
    if tell or (is_written and not was_told):
        record_event(Event.OUTCOMES, held, by=by)
