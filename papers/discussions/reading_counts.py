"""How many members have read each paper. Counts only, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from papers.discussions.attendance import attendance_of
from papers.models import Reading

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from papers.models import Discussion, Group, User

PREPARATION_WINDOW = timedelta(hours=48)  # before a meeting: there is still time to move it


@dataclass(frozen=True)
class ReadingCounts:
    """How many members have read a paper, skimmed it, or will read it; and the reader's own state.

    ``my_state`` is one of `Reading.State`, or "".
    """

    read: int = 0
    skimmed: int = 0
    will: int = 0
    my_state: str = ""

    def __str__(self) -> str:
        """ "2 have read it, 1 skimmed it, 3 will"; "" if nobody has said anything."""
        parts = []
        if self.read:
            parts.append(f"{self.read} {'has' if self.read == 1 else 'have'} read it")
        if self.skimmed:
            parts.append(f"{self.skimmed} skimmed it")
        if self.will:
            parts.append(f"{self.will} will{'' if parts else ' read it'}")
        return ", ".join(parts)


def counts_by_paper(
    group: Group, paper_ids: Collection[int], user: User | AnonymousUser
) -> dict[int, ReadingCounts]:
    """The `ReadingCounts` of each paper, by paper id, with the state of ``user``. One query.

    Papers of other groups get zeros.
    """
    counts: Counter[tuple[int, str]] = Counter()
    mine: dict[int, str] = {}
    said = Reading.objects.of_members(group).filter(paper__in=paper_ids, paper__group=group)
    for paper, who, state in said.values_list("paper", "user", "state"):
        counts[paper, state] += 1
        if who == user.pk:
            mine[paper] = state
    return {
        paper: ReadingCounts(
            read=counts[paper, Reading.State.READ],
            skimmed=counts[paper, Reading.State.SKIMMED],
            will=counts[paper, Reading.State.WILL],
            my_state=mine.get(paper, ""),
        )
        for paper in paper_ids
    }


def is_near(discussion: Discussion, at: datetime) -> bool:
    """Whether ``discussion`` is a meeting that starts within two days after ``at``."""
    if not discussion.is_scheduled or discussion.is_written or discussion.starts_at is None:
        return False
    return discussion.starts_at - PREPARATION_WINDOW <= at < discussion.starts_at


def count_prepared(
    discussion: Discussion, paper_ids: Collection[int]
) -> tuple[dict[int, int], int]:
    """How many attendees have read each paper, by paper id; and the number of attendees.

    Attendees are the members who have a seat or join online; all members if there are none. Three
    queries.
    """
    group = discussion.group
    members = set(group.active_user_ids().values_list("user", flat=True))
    answers = attendance_of(discussion)
    come = {rsvp.user_id for rsvp in [*answers.seated, *answers.remote]} or members
    read = Reading.objects.filter(paper__in=paper_ids, state=Reading.State.READ)
    have = Counter(paper for paper, who in read.values_list("paper", "user") if who in come)
    return {paper: have[paper] for paper in paper_ids}, len(come)
