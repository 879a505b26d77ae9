"""Who has read what: counts of the members of a group, no names."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from papers.models import Reading, Rsvp

PREPARATION_WINDOW = timedelta(hours=48)  # a meeting: is there still time to move it


@dataclass(frozen=True)
class ReadingCounts:
    """How many members have read a paper, skimmed it, or will; and what the reader of this said."""

    read: int = 0
    skimmed: int = 0
    will: int = 0
    my_state: str = ""

    def __str__(self):
        """ "2 have read it, 1 skimmed it, 3 will"; "" where nobody has said anything."""
        parts = []
        if self.read:
            parts.append(f"{self.read} {'has' if self.read == 1 else 'have'} read it")
        if self.skimmed:
            parts.append(f"{self.skimmed} skimmed it")
        if self.will:
            parts.append(f"{self.will} will{'' if parts else ' read it'}")
        return ", ".join(parts)


def counts_by_paper(group, paper_ids, user):
    """A dict of the id of each paper, of ``group``, to its `ReadingCounts`. One query."""
    counts, mine = Counter(), {}
    said = Reading.objects.of_members(group).filter(paper__in=paper_ids, paper__group=group)
    for paper, who, state in said.values_list("paper", "user", "state"):
        counts[paper, state] += 1
        if who == user.pk:
            mine[paper] = state
    return {
        paper: ReadingCounts(
            **{state: counts[paper, state] for state in Reading.State.values},
            my_state=mine.get(paper, ""),
        )
        for paper in paper_ids
    }


def is_near(discussion, at):
    """Whether ``discussion`` begins within two days after ``at``."""
    if not discussion.is_scheduled or discussion.is_written:
        return False
    return discussion.starts_at - PREPARATION_WINDOW <= at < discussion.starts_at


def count_prepared(discussion, paper_ids):
    """How many of those who come have read each paper: (a dict of ids to numbers, of how many).

    Who comes: who said so, remotely or not; all members where nobody has. Two queries.
    """
    group = discussion.group
    members = set(group.active_user_ids().values_list("user", flat=True))
    comes = discussion.rsvps.filter(answer__in=[Rsvp.Answer.COMING, Rsvp.Answer.REMOTE])
    come = members & set(comes.values_list("user", flat=True)) or members
    have = Reading.objects.filter(paper__in=paper_ids, state=Reading.State.READ)
    have = Counter(paper for paper, who in have.values_list("paper", "user") if who in come)
    return {paper: have[paper] for paper in paper_ids}, len(come)
