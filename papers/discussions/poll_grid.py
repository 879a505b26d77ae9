"""The answers to a date poll, as its page shows them.

There are three views: the grid of members and dates; for each date, who of those that want the
papers on the agenda can come; and the top papers of the ranking by date. "Can come" means yes or if
need be. Only active members of the group, and their votes, count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from papers.discussions import times
from papers.discussions.times import MeetingTime
from papers.library import ranking
from papers.models import Availability, Offer, User, Vote

if TYPE_CHECKING:
    from papers.models import AgendaItem, DateOption, Discussion, Group, Paper

YES, MAYBE, NO = Availability.Answer.values
TOP_PAPERS = 6


@dataclass
class PollAnswers:
    """The active members of a group, and their answers to a poll."""

    members: dict[int, User]  # by user id, in the order of names
    by_option: dict[int, dict[int, str]]  # option id -> user id -> answer

    def who_can_come(self, option: int, users: Iterable[int]) -> list[int]:
        """The ids among ``users`` of those who can come on ``option``, an id."""
        given = self.by_option[option]
        return [user for user in users if given.get(user) in (YES, MAYBE)]

    def who_answered(self, option: int, answer: str, users: Iterable[int]) -> list[int]:
        """The ids among ``users`` of those who gave ``answer``, or none (""), for ``option``."""
        given = self.by_option[option]
        return [user for user in users if given.get(user, "") == answer]

    def joined_names(self, users: Iterable[int]) -> str:
        """The names of ``users``, ids, in a sentence."""
        return ranking.join_names([str(self.members[user]) for user in users])


@dataclass
class VotesAndOffers:
    """The votes of those who want each paper, and the offers to present it."""

    wants: dict[int, dict[int, str]]  # paper id -> user id -> stance
    offers: dict[int, list[int]]  # paper id -> user ids


@dataclass
class PollDate:
    """One date of a poll as one reader sees it, with its answers counted."""

    option: DateOption
    when: MeetingTime
    mine: str  # the reader's answer; "" for none
    yes: int
    maybe: int
    no: int
    is_past: bool
    is_best: bool = False
    facts: list[tuple[Paper, list[str]]] = field(default_factory=list)  # sentences on each paper

    @property
    def pk(self) -> int:
        """The id of the option."""
        return self.option.pk


@dataclass
class MemberRow:
    """One member of the grid, and one answer for each date: "" for none."""

    user: User
    answers: list[str]


@dataclass
class MatrixCell:
    """How many of those who want a paper can come on a date; ``maybe`` of them if need be."""

    option: PollDate
    can_come: int
    maybe: int
    is_best: bool = False


@dataclass
class MatrixRow:
    """One paper of the matrix."""

    paper: Paper
    wanting: int
    cells: list[MatrixCell] = field(default_factory=list)


def poll_answers(discussion: Discussion, options: Iterable[DateOption]) -> PollAnswers:
    """The answers to ``options`` of the poll ``discussion``. Two queries."""
    members = User.objects.filter(pk__in=discussion.group.active_user_ids())
    by_name = sorted(members, key=lambda user: (str(user).casefold(), user.pk))
    found = PollAnswers({user.pk: user for user in by_name}, {option.pk: {} for option in options})
    said = Availability.objects.filter(option__in=found.by_option, user__in=found.members)
    for option, user, answer in said.values_list("option", "user", "answer"):
        found.by_option[option][user] = answer
    return found


def votes_and_offers(group: Group, papers: Collection[Paper]) -> VotesAndOffers:
    """The votes and offers of members of ``group`` for ``papers``. Two queries."""
    found = VotesAndOffers({paper.pk: {} for paper in papers}, {paper.pk: [] for paper in papers})
    wants = Vote.objects.of_members(group).wanting().filter(paper__in=found.wants)
    for paper, user, stance in wants.values_list("paper", "user", "stance"):
        found.wants[paper][user] = stance
    offers = Offer.objects.of_members(group).filter(paper__in=found.wants)
    for paper, user in offers.values_list("paper", "user"):
        found.offers[paper].append(user)
    return found


def poll_dates(
    options: Iterable[DateOption], answers: PollAnswers, group: Group, user: User, at: datetime
) -> list[PollDate]:
    """The ``options`` of a poll of ``group`` as ``user`` sees them, with the best marked.

    The best of the dates after ``at`` have the most yes answers, and among equals the most "if need
    be".
    """
    dates = []
    for option in options:
        given = answers.by_option[option.pk]
        when = times.meeting_time(option, group, user)
        assert when is not None
        yes, maybe, no = (list(given.values()).count(word) for word in (YES, MAYBE, NO))
        mine = given.get(user.pk, "")
        dates.append(PollDate(option, when, mine, yes, maybe, no, option.starts_at <= at))
    able = [date for date in dates if not date.is_past and date.yes + date.maybe]
    most = max(((date.yes, date.maybe) for date in able), default=None)
    for date in able:
        date.is_best = (date.yes, date.maybe) == most
    return dates


def member_rows(dates: Sequence[PollDate], answers: PollAnswers, user: User) -> list[MemberRow]:
    """The row of ``user``, if a member, and then those of everyone who answered, by name."""
    found = [
        MemberRow(one, [answers.by_option[date.pk].get(one.pk, "") for date in dates])
        for one in answers.members.values()
    ]
    found = [row for row in found if row.user == user or any(row.answers)]
    return sorted(found, key=lambda row: row.user != user)


def not_answered(answers: PollAnswers) -> list[User]:
    """The members who have not answered for any date."""
    spoke = {user for given in answers.by_option.values() for user in given}
    return [member for user, member in answers.members.items() if user not in spoke]


def add_date_facts(
    dates: Iterable[PollDate],
    items: Sequence[AgendaItem],
    answers: PollAnswers,
    wishes: VotesAndOffers,
    *,
    are_named: bool,
) -> None:
    """Set the ``facts`` of each of ``dates``: sentences on each paper of the agenda ``items``.

    ``are_named``: whether members who want a paper may be named.
    """
    for date in dates:
        date.facts = [
            (item.paper, _fact_sentences(date.pk, item, answers, wishes, are_named))
            for item in items
        ]


def _fact_sentences(
    option: int, item: AgendaItem, answers: PollAnswers, wishes: VotesAndOffers, are_named: bool
) -> list[str]:
    wants = wishes.wants[item.paper_id]
    sentences = [_can_come_sentence(option, wants, answers)] if wants else ["Nobody wants it yet."]
    # The presenter comes first, then the members who offer.
    presenters = dict.fromkeys([item.presenter_id, *wishes.offers[item.paper_id]])
    can_present = [user for user in presenters if user is not None and user in answers.members]
    if able := answers.who_answered(option, YES, can_present):
        sentences.append(f"{answers.joined_names(able)} can present.")
    if item.presenter_id in answers.who_answered(option, NO, can_present):
        presents = "presents" if item.is_confirmed else "is asked to present"
        sentences.append(f"{item.presenter}, who {presents}, cannot come.")
    waits = [user for user in answers.members if wants.get(user) == Vote.Stance.WAIT]  # by name
    for said, what in [(NO, "cannot"), ("", "not answered yet")]:
        if users := answers.who_answered(option, said, waits):
            sentences.append(_waiting_sentence(answers, users, what, are_named))
    return sentences


def _can_come_sentence(option: int, wants: Collection[int], answers: PollAnswers) -> str:
    can = answers.who_can_come(option, wants)
    maybe = len(answers.who_answered(option, MAYBE, wants))
    number = "The one" if len(wants) == 1 else f"{len(can)} of the {len(wants)}"
    verb = "wants" if len(wants) == 1 else "want"
    can_come = "can come" if can or len(wants) > 1 else "has not said that they can come"
    return f"{number} who {verb} it {can_come}{f' ({maybe} if need be)' if maybe else ''}."


def _waiting_sentence(answers: PollAnswers, users: list[int], what: str, are_named: bool) -> str:
    if are_named:
        return f"Wait for me: {answers.joined_names(users)} {what}."
    return f"Wait for me: {len(users)} {what}."


def paper_date_matrix(
    dates: Iterable[PollDate], items: Iterable[AgendaItem], answers: PollAnswers, group: Group
) -> list[MatrixRow]:
    """The rows of the agenda, and then of the top of the ranking; the best cell is marked.

    Past dates are left out. If all are past, there are no rows.
    """
    dates = [date for date in dates if not date.is_past]
    if not dates:
        return []
    papers = {item.paper_id: item.paper for item in items}
    for ranked in islice(ranking.ranked_papers(group), TOP_PAPERS):
        papers.setdefault(ranked.pk, ranked)
    wants = votes_and_offers(group, papers.values()).wants
    rows = []
    for paper in papers.values():
        users = wants[paper.pk]
        row = MatrixRow(paper, len(users))
        for date in dates:
            maybe = len(answers.who_answered(date.pk, MAYBE, users))
            row.cells.append(MatrixCell(date, len(answers.who_can_come(date.pk, users)), maybe))
        rows.append(row)
    _mark_best([cell for row in rows for cell in row.cells])
    return rows


def _mark_best(cells: Iterable[MatrixCell]) -> None:
    """Mark the cell in which most can come; among equals, with the fewest "if need be"."""
    able = [cell for cell in cells if cell.can_come]
    if able:
        max(able, key=lambda cell: (cell.can_come, -cell.maybe, cell.option.yes)).is_best = True
