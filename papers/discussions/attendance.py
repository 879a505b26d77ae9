"""Attendance of a meeting: who is going, who has a seat, and the waiting list.

Those who are going queue by `Rsvp.turn`: the first ``seats`` of them have a seat, the others are on
the waiting list. Only active members of the group are in the queue. Whatever tells a member whether
they are going asks here: "coming" alone is no seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from papers.models import Rsvp

if TYPE_CHECKING:
    from collections.abc import Collection

    from papers.models import Discussion, User

Answer = Rsvp.Answer
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


@dataclass(frozen=True)
class RsvpStatus:
    """One member's answer ("" for none), and their position on the waiting list, from 1.

    0: not on the waiting list; then a member who is coming has a seat.
    """

    answer: str
    waiting_position: int = 0

    @property
    def is_waiting(self) -> bool:
        return self.waiting_position > 0

    @property
    def is_seated(self) -> bool:
        return self.answer == Answer.COMING and not self.waiting_position

    @property
    def label(self) -> str:
        """The answer as a label: "Going", "Waiting list"; "" without an answer."""
        if self.is_waiting:
            return "Waiting list"
        return Answer(self.answer).label if self.answer else ""

    def __str__(self) -> str:
        if self.waiting_position:
            return f"You are {self.ordinal} on the waiting list."
        sentences: dict[str, str] = {
            Answer.COMING: "You are going.",
            Answer.REMOTE: "You are joining online.",
            Answer.NOT: "You can't go.",
        }
        return sentences.get(self.answer, "You have not answered yet.")

    @property
    def ordinal(self) -> str:
        """The position on the waiting list in words: "first", "number 10"."""
        if self.waiting_position <= len(ORDINALS):
            return ORDINALS[self.waiting_position - 1]
        return f"number {self.waiting_position}"


NO_ANSWER = RsvpStatus("")


@dataclass(frozen=True)
class Attendance:
    """The answers to a meeting, with their users. Seats and waiting list are in order of turn."""

    seated: list[Rsvp]
    waiting: list[Rsvp]
    remote: list[Rsvp]
    not_coming: list[Rsvp]

    def status_of(self, user: User) -> RsvpStatus:
        """The answer of ``user``, and their position on the waiting list."""
        for rsvp in self.all_rsvps:
            if rsvp.user_id == user.pk:
                return RsvpStatus(rsvp.answer, self.queue.get(user.pk, 0))
        return NO_ANSWER

    @property
    def queue(self) -> dict[int, int]:
        """The queue, in order of turn: id of a user -> 0 for a seat, or the waiting position."""
        seats = dict.fromkeys([rsvp.user_id for rsvp in self.seated], 0)
        return seats | {rsvp.user_id: place for place, rsvp in enumerate(self.waiting, start=1)}

    def is_full(self, seats: int | None) -> bool:
        """Whether one more would be put on the waiting list; ``seats``: None for no limit."""
        return seats is not None and len(self.seated) >= seats

    @property
    def all_rsvps(self) -> list[Rsvp]:
        return [*self.seated, *self.waiting, *self.remote, *self.not_coming]


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


def statuses_of(user: User, discussions: Collection[int] | None = None) -> dict[int, RsvpStatus]:
    """The answers of ``user``: id of a discussion -> `RsvpStatus`, as `Attendance.status_of`.

    ``discussions``: the ids of some; None for all. Discussions without an answer are left out. One
    query.
    """
    mine = Rsvp.objects.filter(user=user)
    if discussions is not None:
        mine = mine.filter(discussion__in=discussions)
    rows = mine.annotate(position=_waiting_position())
    found = rows.values_list("discussion", "answer", "position")
    return {pk: RsvpStatus(answer, position) for pk, answer, position in found}


def _waiting_position() -> Case:
    """The position of an `Rsvp` on the waiting list; 0 for a seat, and for other answers."""
    before = Rsvp.objects.filter(
        discussion=OuterRef("discussion"),
        turn__lt=OuterRef("turn"),
        user__is_active=True,
        user__memberships__group=F("discussion__group"),
    )
    count = before.order_by().values("discussion").annotate(count=Count("pk")).values("count")
    place = Coalesce(Subquery(count), 0) + 1 - F("discussion__seats")
    queues = Q(turn__isnull=False, discussion__seats__isnull=False)
    return Case(When(queues, then=Greatest(place, 0)), default=Value(0))
