"""Attendance of a meeting: answers, seats and the waiting list.

Those who are coming queue by `Rsvp.turn`: the first ``seats`` of them have a seat, the others are
on the waiting list. Every act locks the row of the meeting, so that turns are given one after the
other. Only active members of the group are in the queue; a member who leaves the group leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from papers.models import Discussion, Event, Rsvp
from papers.notifications.fan_out import record_event
from papers.services import presenters, publishing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papers.models import Group, User

State, Answer = Discussion.State, Rsvp.Answer
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


@dataclass(frozen=True)
class Attendance:
    """The answers to a meeting, with their users. Seats and waiting list are in order of turn."""

    seated: list[Rsvp]
    waiting: list[Rsvp]
    remote: list[Rsvp]
    not_coming: list[Rsvp]

    def status_of(self, user: User) -> RsvpStatus:
        """The answer of ``user``, and their position on the waiting list."""
        for position, rsvp in enumerate(self.waiting, start=1):
            if rsvp.user_id == user.pk:
                return RsvpStatus(rsvp.answer, position)
        others = (rsvp for rsvp in self.all_rsvps if rsvp.user_id == user.pk)
        return next((RsvpStatus(rsvp.answer) for rsvp in others), RsvpStatus(""))

    @property
    def all_rsvps(self) -> list[Rsvp]:
        return [*self.seated, *self.waiting, *self.remote, *self.not_coming]


@dataclass(frozen=True)
class RsvpStatus:
    """One member's answer ("" for none), and their position on the waiting list, from 1.

    0: not on the waiting list; then a member who is coming has a seat.
    """

    answer: str
    waiting_position: int = 0

    def __str__(self) -> str:
        if self.waiting_position:
            ordinal = self.waiting_position <= len(ORDINALS) and ORDINALS[self.waiting_position - 1]
            return f"You are {ordinal or f'number {self.waiting_position}'} in the waiting line."
        sentences: dict[str, str] = {
            Answer.COMING: "You have a seat.",
            Answer.REMOTE: "You join remotely.",
            Answer.NOT: "You cannot come.",
        }
        return sentences.get(self.answer, "You have not answered yet.")


def attendance_of(discussion: Discussion, *, including: User | None = None) -> Attendance:
    """The answers of the active members of the group of ``discussion``. One query.

    ``including``: a user who counts as well, although they are about to leave.
    """
    counts = Q(user__in=discussion.group.active_user_ids())
    if including is not None:
        counts |= Q(user=including)
    rsvps = list(discussion.rsvps.filter(counts).select_related("user"))
    by_name = sorted(rsvps, key=lambda rsvp: (str(rsvp.user).casefold(), rsvp.user_id))
    turns = {rsvp.turn: rsvp for rsvp in rsvps if rsvp.turn is not None}
    coming = [turns[turn] for turn in sorted(turns)]
    seats = len(coming) if discussion.seats is None else discussion.seats
    return Attendance(
        seated=coming[:seats],
        waiting=coming[seats:],
        remote=[rsvp for rsvp in by_name if rsvp.answer == Answer.REMOTE],
        not_coming=[rsvp for rsvp in by_name if rsvp.answer == Answer.NOT],
    )


@transaction.atomic
def set_rsvp(*, discussion: Discussion, user: User, answer: str) -> RsvpStatus:
    """Save the answer of ``user``, an `Rsvp.Answer`; "" removes it. Returns their `RsvpStatus`.

    The same answer again keeps the turn. A freed seat goes to the first on the waiting list, who is
    notified. Raises ValidationError if the meeting takes no answers, or ``user`` is not in its
    group; Discussion.DoesNotExist if it was deleted meanwhile.
    """
    discussion = lock_discussion(discussion)
    if problem := why_no_rsvp(discussion):
        raise ValidationError(problem)
    if not discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError("Only members of the group come to its meetings.")
    mine = discussion.rsvps.filter(user=user).first()
    earlier = mine.answer if mine else ""
    if earlier != answer:
        before = attendance_of(discussion)
        _save_answer(discussion, user, answer)
        if Answer.NOT in (earlier, answer):
            publishing.raise_sequence_in_calendars(discussion)
        _notify_moved_up(discussion, before)
    return attendance_of(discussion).status_of(user)


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
        return "It is in writing: nobody has to come."
    if discussion.is_polling:
        return "It has no date yet: answer the date poll."
    if not discussion.is_scheduled:
        return f"The meeting is {discussion.get_state_display().lower()}: it takes no answers now."
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


def _notify_moved_up(discussion: Discussion, before: Attendance) -> None:
    """Notify those who were on the waiting list ``before`` and have a seat now.

    The discussion is locked.
    """
    waited = {rsvp.user_id for rsvp in before.waiting}
    for rsvp in attendance_of(discussion).seated:
        if rsvp.user_id in waited:
            record_event(Event.SEAT, discussion, user=rsvp.user)


def notify_newly_seated(discussion: Discussion, seats_before: int | None) -> None:
    """Notify those who have a seat now and had none when there were ``seats_before`` (None: any).

    The discussion is locked.
    """
    seats_now, discussion.seats = discussion.seats, seats_before
    before = attendance_of(discussion)
    discussion.seats = seats_now
    if discussion.is_scheduled and before.waiting:
        _notify_moved_up(discussion, before)


@transaction.atomic
def withdraw_from_discussions(*, user: User, groups: Iterable[Group]) -> None:
    """Free the seats of ``user`` at upcoming meetings of ``groups``, and their presentations.

    Past discussions stay unchanged. The caller has locked ``groups``, and ends the memberships
    after this in the same transaction.
    """
    is_upcoming = Q(state=State.POLLING) | Q(state=State.SCHEDULED, ends_at__gt=timezone.now())
    discussions = Discussion.objects.select_related("group").filter(is_upcoming, group__in=groups)
    # All of them: an answer that arrives meanwhile waits for this lock, and is refused afterwards.
    for discussion in discussions.order_by("pk").select_for_update(of=["self"]):
        before = attendance_of(discussion, including=user)
        if discussion.rsvps.filter(user=user).delete()[0]:
            publishing.raise_sequence_in_calendars(discussion)
            _notify_moved_up(discussion, before)
        presenters.withdraw_presenter(discussion, user)
