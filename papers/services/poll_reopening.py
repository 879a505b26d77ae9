"""Reopening a date poll: its date is withdrawn, and members can change their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.models import Availability, Discussion, Event, Rsvp
from papers.notifications.fan_out import record_event
from papers.services import agenda, date_polls

if TYPE_CHECKING:
    from papers.models import User

State, Answer = Discussion.State, Availability.Answer


@transaction.atomic
def reopen_poll(*, discussion: Discussion, by: User) -> None:
    """Withdraw the chosen date, and reopen the poll with all its answers; members are notified.

    An RSVP becomes the answer to the date that was chosen, where the two differ. Calendars show the
    date as cancelled until another is chosen. A deadline that has passed is removed, since nobody
    could answer, and with it the automatic choice. Raises ValidationError if `why_no_reopening`.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if problem := why_no_reopening(discussion):
        raise ValidationError(problem)
    _answer_as_rsvps_say(discussion)
    discussion.rsvps.all().delete()
    fields = {
        "state": State.POLLING,
        "starts_at": None,
        "ends_at": None,
        "withdrawn_starts_at": discussion.starts_at,
        "withdrawn_ends_at": discussion.ends_at,
    }
    if date_polls.is_closed(discussion, timezone.now()):
        fields |= {"answer_by": None, "quorum": None}
    agenda.save_and_bump_sequence(discussion, **fields)
    record_event(Event.REOPENED, discussion, by=by)


def why_no_reopening(discussion: Discussion) -> str:
    """Why the date of a meeting cannot be asked for again, as a sentence; "" if it can."""
    if discussion.is_polling:
        return "The date poll is open already."
    if not discussion.is_scheduled or not discussion.options.exists():
        return "This meeting has no date poll to reopen."
    assert discussion.starts_at is not None  # scheduled => has a start
    begun = discussion.starts_at <= timezone.now()
    return "The meeting has begun, so its date poll cannot be reopened." if begun else ""


def _answer_as_rsvps_say(discussion: Discussion) -> None:
    """Save each RSVP as the answer to the date it was for; equal answers keep their time."""
    assert discussion.starts_at is not None  # scheduled => has a start
    option = discussion.options.filter(starts_at=discussion.starts_at).first()
    if option is None:  # the meeting was moved since
        return
    saved = dict(option.answers.values_list("user", "answer"))
    said = {
        user: Answer.NO if answer == Rsvp.Answer.NOT else Answer.YES
        for user, answer in discussion.rsvps.values_list("user", "answer")
    }
    Availability.objects.bulk_create(
        [
            Availability(option=option, user_id=user, answer=answer)
            for user, answer in said.items()
            if saved.get(user) != answer
        ],
        update_conflicts=True,
        unique_fields=["option", "user"],
        update_fields=["answer", "updated_at"],
    )
