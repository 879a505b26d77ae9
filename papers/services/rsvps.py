"""Who comes to a meeting: answers, seats, and the line of who waits for one.

Who comes stands in line by `Rsvp.turn`: the first ``seats`` of them have a seat, the others wait.
Every act holds the row of the meeting, so that turns are given one after the other. Only active
members of the group stand in line; who leaves it leaves the line.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from papers.models import Discussion, Event, Rsvp
from papers.notifications.fan_out import record_event
from papers.services import presenters

State, Answer = Discussion.State, Rsvp.Answer
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


@dataclass(frozen=True)
class Attendance:
    """The answers to a meeting, lists of Rsvp with their users; who comes is in order."""

    seated: list
    waiting: list
    remote: list
    not_coming: list

    def status_of(self, user):
        """What ``user`` answered, and what came of it."""
        for place, rsvp in enumerate(self.waiting, start=1):
            if rsvp.user_id == user.pk:
                return RsvpStatus(rsvp.answer, place)
        others = (rsvp for rsvp in self.all_rsvps if rsvp.user_id == user.pk)
        return next((RsvpStatus(rsvp.answer) for rsvp in others), RsvpStatus(""))

    @property
    def all_rsvps(self):
        return [*self.seated, *self.waiting, *self.remote, *self.not_coming]


@dataclass(frozen=True)
class RsvpStatus:
    """One member's answer ("" for none), and their place among those who wait, from 1.

    0: they do not wait; who comes has a seat then.
    """

    answer: str
    waiting_position: int = 0

    def __str__(self):
        if self.waiting_position:
            ordinal = self.waiting_position <= len(ORDINALS) and ORDINALS[self.waiting_position - 1]
            return f"You are {ordinal or f'number {self.waiting_position}'} in the waiting line."
        return {
            Answer.COMING: "You have a seat.",
            Answer.REMOTE: "You join remotely.",
            Answer.NOT: "You cannot come.",
        }.get(self.answer, "You have not answered yet.")


def attendance_of(discussion, *, besides=None):
    """The `Attendance` of ``discussion``: the active members of its group, by their answers.

    ``besides``: a user who counts although they are about to go. One query.
    """
    counts = Q(user__in=discussion.group.active_user_ids())
    if besides is not None:
        counts |= Q(user=besides)
    rsvps = list(discussion.rsvps.filter(counts).select_related("user"))
    by_name = sorted(rsvps, key=lambda rsvp: (str(rsvp.user).casefold(), rsvp.user_id))
    coming = sorted((one for one in rsvps if one.turn is not None), key=lambda one: one.turn)
    seats = len(coming) if discussion.seats is None else discussion.seats
    return Attendance(
        seated=coming[:seats],
        waiting=coming[seats:],
        remote=[one for one in by_name if one.answer == Answer.REMOTE],
        not_coming=[one for one in by_name if one.answer == Answer.NOT],
    )


@transaction.atomic
def set_rsvp(*, discussion, user, answer):
    """Keep what ``user`` answers, an `Rsvp.Answer`; "" takes it back. Returns their `RsvpStatus`.

    Who comes already keeps their turn; a seat that becomes free is the first's who waits.
    ValidationError where the meeting takes no answers, or they are not in its group;
    Discussion.DoesNotExist where it went meanwhile.
    """
    discussion = lock_discussion(discussion)
    if problem := why_no_rsvp(discussion):
        raise ValidationError(problem)
    if not discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError("Only members of the group come to its meetings.")
    mine = discussion.rsvps.filter(user=user).first()
    if (mine.answer if mine else "") != answer:
        before = attendance_of(discussion)
        _save_answer(discussion, user, answer)
        _notify_moved_up(discussion, before)
    return attendance_of(discussion).status_of(user)


def seat_members(discussion, users):
    """Let ``users``, active members of its group, come to a meeting that is held, in their order.

    To one of which nobody has said yet whether they come. One statement for all of them.
    """
    Rsvp.objects.bulk_create(
        Rsvp(discussion=discussion, user=user, answer=Answer.COMING, turn=turn)
        for turn, user in enumerate(users, start=1)
    )


def lock_discussion(discussion):
    """The meeting as it is now, and its row held until the transaction ends."""
    held = Discussion.objects.select_related("group").select_for_update(of=["self"])
    return held.get(pk=discussion.pk)


def why_no_rsvp(discussion):
    """Why nobody says now whether they come, as a sentence; "" where they may."""
    if discussion.is_written:
        return "It is in writing: nobody has to come."
    if discussion.is_polling:
        return "It has no date yet: answer the date poll."
    if not discussion.is_scheduled:
        return f"The meeting is {discussion.get_state_display().lower()}: it takes no answers now."
    return "The meeting is over." if discussion.ends_at <= timezone.now() else ""


def _save_answer(discussion, user, answer):
    if not answer:
        discussion.rsvps.filter(user=user).delete()
        return
    turn = _last_turn(discussion) + 1 if answer == Answer.COMING else None
    kept = {"answer": answer, "turn": turn}
    Rsvp.objects.update_or_create(discussion=discussion, user=user, defaults=kept)


def _last_turn(discussion):
    return discussion.rsvps.aggregate(last=Max("turn"))["last"] or 0


def _notify_moved_up(discussion, before):
    """Tell those who waited in the line ``before`` and have a seat now. The meeting is held."""
    waited = {rsvp.user_id for rsvp in before.waiting}
    for rsvp in attendance_of(discussion).seated:
        if rsvp.user_id in waited:
            record_event(Event.SEAT, discussion, user=rsvp.user)


def notify_newly_seated(discussion, before):
    """Tell those who have a seat since a meeting that is held had ``before``, a number or None."""
    now, discussion.seats = discussion.seats, before
    was = attendance_of(discussion)
    discussion.seats = now
    if discussion.is_scheduled and was.waiting:
        _notify_moved_up(discussion, was)


@transaction.atomic
def withdraw_from_discussions(*, user, groups):
    """``user`` goes: their seats at meetings to come are free, and they present at none.

    What was held stays as it was. The caller holds ``groups``, and ends the memberships after this
    in the same transaction.
    """
    to_come = Q(state=State.POLLING) | Q(state=State.SCHEDULED, ends_at__gt=timezone.now())
    meetings = Discussion.objects.select_related("group").filter(to_come, group__in=groups)
    # All of them: an answer that is on its way waits here, and is refused afterwards.
    for meeting in meetings.order_by("pk").select_for_update(of=["self"]):
        before = attendance_of(meeting, besides=user)
        if meeting.rsvps.filter(user=user).delete()[0]:
            _notify_moved_up(meeting, before)
        presenters.withdraw_presenter(meeting, user)
