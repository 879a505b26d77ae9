"""Answers to a meeting: who is going, and who gets or loses a seat by that.

`papers.discussions.attendance` says who has a seat. Every act locks the row of the meeting, so that
turns are given one after the other, and notifies everybody else whose place in the queue it
changes. A member who leaves the group leaves the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from papers.discussions.attendance import Attendance, RsvpStatus, attendance_of
from papers.models import Discussion, Event, Rsvp
from papers.notifications.fan_out import record_event
from papers.services import presenters, publishing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from papers.models import Group, User

State, Answer = Discussion.State, Rsvp.Answer


class SeatsWouldBeLost(Exception):
    """Fewer seats would move ``users`` to the waiting list, and nobody has confirmed that."""

    def __init__(self, users: list[User]):
        super().__init__(f"{len(users)} members would lose their seats")
        self.users = users


@transaction.atomic
def set_rsvp(*, discussion: Discussion, user: User, answer: str) -> RsvpStatus:
    """Save the answer of ``user``, an `Rsvp.Answer`; "" removes it. Returns their `RsvpStatus`.

    The same answer again keeps the turn. A freed seat goes to the first on the waiting list; they
    and those who move up behind them are notified. Raises ValidationError if the meeting takes no
    answers, or ``user`` is not in its group; Discussion.DoesNotExist if it was deleted meanwhile.
    """
    discussion = lock_discussion(discussion)
    if problem := why_no_rsvp(discussion):
        raise ValidationError(problem)
    if not discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError("Only members of the group can go to its meetings.")
    before = attendance_of(discussion)
    status = before.status_of(user)
    if status.answer == answer:
        return status
    _save_answer(discussion, user, answer)
    now = attendance_of(discussion).status_of(user)
    if Answer.NOT in (status.answer, answer) or status.is_waiting or now.is_waiting:
        publishing.raise_sequence_in_calendars(discussion)  # this member's own shows it otherwise
    notify_queue_changes(discussion, before)
    return now


def seat_members(discussion: Discussion, users: Iterable[User]) -> None:
    """Answer "coming" for ``users``, active members of the group, in this order. One statement.

    The discussion is locked, and nobody has answered yet.
    """
    Rsvp.objects.bulk_create(
        Rsvp(discussion=discussion, user=user, answer=Answer.COMING, turn=turn)
        for turn, user in enumerate(users, start=1)
    )


def lock_discussion(discussion: Discussion) -> Discussion:
    """Lock the discussion until the transaction ends. Returns its current row."""
    locked = Discussion.objects.select_related("group").select_for_update(of=["self"])
    return locked.get(pk=discussion.pk)


def why_no_rsvp(discussion: Discussion) -> str:
    """Why the discussion takes no answers now, as a sentence; "" if it does."""
    if discussion.is_written:
        return "This discussion is in writing. There is no meeting to go to."
    if discussion.is_polling:
        return "The meeting has no date yet. Answer the date poll."
    if not discussion.is_scheduled:
        return f"The meeting is {discussion.get_state_display().lower()}. You cannot answer it."
    assert discussion.ends_at is not None  # a scheduled discussion has a date
    return "The meeting is over." if discussion.ends_at <= timezone.now() else ""


def _save_answer(discussion: Discussion, user: User, answer: str) -> None:
    if not answer:
        discussion.rsvps.filter(user=user).delete()
        return
    turn = _last_turn(discussion) + 1 if answer == Answer.COMING else None
    fields = {"answer": answer, "turn": turn}
    Rsvp.objects.update_or_create(discussion=discussion, user=user, defaults=fields)


def _last_turn(discussion: Discussion) -> int:
    return discussion.rsvps.aggregate(last=Max("turn"))["last"] or 0


def notify_queue_changes(discussion: Discussion, before: Attendance) -> None:
    """Notify those who got or lost a seat, or moved on the waiting list, since ``before``.

    The discussion is locked. Those who were not in the queue before, or have left it, know.
    """
    now = attendance_of(discussion)
    places_before, places = before.queue, now.queue
    events = []
    for rsvp in [*now.seated, *now.waiting]:
        place_before, place = places_before.get(rsvp.user_id), places[rsvp.user_id]
        if place_before is None or place_before == place:
            continue
        moved = Event.WAITING_MOVED if place_before else Event.SEAT_LOST
        events.append((moved if place else Event.SEAT, rsvp.user))
    if any(event != Event.WAITING_MOVED for event, _ in events):
        publishing.raise_sequence_in_calendars(discussion)
    for event, user in events:
        record_event(event, discussion, user=user)


def require_confirmed_losses(
    before: Attendance, seats: int | None, confirmed: Collection[int]
) -> None:
    """Raise `SeatsWouldBeLost` if ``seats`` would cost others than ``confirmed`` their seats.

    ``before``: the attendance with the present number of seats. ``confirmed``: ids of users.
    """
    lost = [] if seats is None else before.seated[seats:]
    if {rsvp.user_id for rsvp in lost} - set(confirmed):
        raise SeatsWouldBeLost([rsvp.user for rsvp in lost])


@transaction.atomic
def withdraw_from_discussions(*, user: User, groups: Iterable[Group]) -> None:
    """Free the seats of ``user`` at upcoming meetings of ``groups``, and their presentations.

    Also at cancelled ones, which may be on again; nobody hears of these before that. Past
    discussions stay unchanged. The caller has locked ``groups``, and ends the memberships
    after this in the same transaction.
    """
    is_to_come = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    discussions = Discussion.objects.select_related("group").filter(
        is_to_come,
        group__in=groups,
        state__in=[State.POLLING, State.SCHEDULED, State.CANCELLED],
    )
    # All of them: an answer that arrives meanwhile waits for this lock, and is refused afterwards.
    for discussion in discussions.order_by("pk").select_for_update(of=["self"]):
        before = attendance_of(discussion, including=user)
        if discussion.rsvps.filter(user=user).delete()[0]:
            publishing.raise_sequence_in_calendars(discussion)
            if discussion.is_scheduled:
                notify_queue_changes(discussion, before)
        presenters.withdraw_presenter(discussion, user)
