"""The answers to a date poll, as its page shows them.

There are two views: the grid of members and dates; and for each date, who of those that want the
papers on the agenda can come. "Can come" means yes or if necessary. Only active members of the
group, and their votes, count. `poll_matrix` has a third view.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from papers.discussions import times
from papers.discussions.times import MeetingTime
from papers.library import ranking
from papers.models import Availability, Offer, User, Vote

if TYPE_CHECKING:
    from papers.models import AgendaItem, DateOption, Discussion, Group, Paper

YES, MAYBE, NO = Availability.Answer.values
# What the only member who wants a paper has said to a date.
ONLY_ONE_SAID = {
    YES: "can come",
    MAYBE: "can come if necessary",
    NO: "cannot come",
    "": "has not answered",
}


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
    is_tied: bool = False  # another date is as good as this one, which is best
    facts: list[tuple[Paper, list[str]]] = field(default_factory=list)  # sentences on each paper

    @property
    def pk(self) -> int:
        """The id of the option."""
        return self.option.pk

    @property
    def sums(self) -> str:
        """ "3 yes, 1 if necessary"; only the yes answers are named if they are 0."""
        numbers = [f"{self.yes} yes"]
        numbers += [f"{self.maybe} if necessary"] if self.maybe else []
        numbers += [f"{self.no} no"] if self.no else []
        return ", ".join(numbers)


@dataclass
class MemberRow:
    """One member of the grid, and one answer for each date: "" for none."""

    user: User
    answers: list[str]


@dataclass(frozen=True)
class WaitingMember:
    """A member who has not answered every date to come."""

    user: User
    missing: int  # dates to come without an answer
    has_answered_some: bool


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

    The best of the dates after ``at`` have the most yes answers, and among equals the most "if
    necessary".
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
    best = [date for date in able if (date.yes, date.maybe) == most]
    for date in best:
        date.is_best, date.is_tied = True, len(best) > 1
    return dates


def member_rows(dates: Sequence[PollDate], answers: PollAnswers, user: User) -> list[MemberRow]:
    """The row of ``user``, if a member, and then those of everyone who answered, by name."""
    found = [
        MemberRow(one, [answers.by_option[date.pk].get(one.pk, "") for date in dates])
        for one in answers.members.values()
    ]
    found = [row for row in found if row.user == user or any(row.answers)]
    return sorted(found, key=lambda row: row.user != user)


def not_answered(dates: Iterable[PollDate], answers: PollAnswers) -> list[WaitingMember]:
    """The members who have not answered every one of ``dates`` that is to come, by name.

    `DateOptionQuerySet.unanswered_by` finds the same.
    """
    open_dates = [date.pk for date in dates if not date.is_past]
    missing = {
        user: sum(user not in answers.by_option[pk] for pk in open_dates)
        for user in answers.members
    }
    return [
        WaitingMember(member, missing[user], missing[user] < len(open_dates))
        for user, member in answers.members.items()
        if missing[user]
    ]


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
    if users := answers.who_answered(option, NO, waits):
        sentences.append(_waiting_sentence(answers, users, "cannot come", are_named))
    if users := answers.who_answered(option, "", waits):
        what = _have_not_answered(len(users))
        sentences.append(_waiting_sentence(answers, users, what, are_named))
    return sentences


def _can_come_sentence(option: int, wants: Collection[int], answers: PollAnswers) -> str:
    numbers = {answer: len(answers.who_answered(option, answer, wants)) for answer in ONLY_ONE_SAID}
    if len(wants) == 1:
        said = next(answer for answer, number in numbers.items() if number)
        return f"The one who wants it {ONLY_ONE_SAID[said]}."
    can, maybe, silent = numbers[YES] + numbers[MAYBE], numbers[MAYBE], numbers[""]
    sentence = f"{can} of the {len(wants)} who want it can come"
    sentence += f" ({maybe} if necessary)" if maybe else ""
    return f"{sentence}; {silent} {_have_not_answered(silent)}." if silent else f"{sentence}."


def _have_not_answered(number: int) -> str:
    return f"{'has' if number == 1 else 'have'} not answered"


def _waiting_sentence(answers: PollAnswers, users: list[int], what: str, are_named: bool) -> str:
    if are_named:
        return f"“Wait for me”: {answers.joined_names(users)} {what}."
    return f"“Wait for me”: {len(users)} {what}."
