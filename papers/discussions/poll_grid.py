"""Who can come when: the dates of a poll as its page shows them.

Three looks at the same answers: the grid of members by dates; for each date who of those who want
the papers on the agenda can come; and the top papers of the ranking by the dates. "Can come" is yes
or if need be. Only active members of the group count, and only their votes.
"""

from dataclasses import dataclass, field
from itertools import islice

from papers.library import ranking
from papers.models import Availability, Offer, User, Vote

YES, MAYBE, NO = Availability.Answer.values
TOP_PAPERS = 6


@dataclass
class PollAnswers:
    """The members of a group, by name, and what they answered: option id -> user id -> answer."""

    members: dict  # user id -> User
    by_option: dict

    def who_can_come(self, option, users):
        """Of ``users``, ids, those who can come on ``option``, if need be."""
        given = self.by_option[option.pk]
        return [user for user in users if given.get(user) in (YES, MAYBE)]

    def who_answered(self, option, answer, users):
        given = self.by_option[option.pk]
        return [user for user in users if given.get(user, "") == answer]

    def joined_names(self, users):
        return ranking.join_names([str(self.members[user]) for user in users])


@dataclass
class VotesAndOffers:
    """What members want: paper id -> {user id: stance}, and paper id -> [ids of who offers]."""

    wants: dict
    offers: dict


@dataclass
class MemberRow:
    """One member of the grid, and one answer for each date: "" for none."""

    user: User
    answers: list


@dataclass
class MatrixCell:
    """How many of those who want ``paper`` can come on ``option``."""

    option: object
    can_come: int
    maybe: int
    is_best: bool = False


@dataclass
class MatrixRow:
    """One paper of the matrix."""

    paper: object
    wanting: int
    cells: list = field(default_factory=list)


def poll_answers(discussion, options):
    """The `PollAnswers` to ``options`` of ``discussion``. Two queries."""
    members = User.objects.filter(pk__in=discussion.group.active_user_ids())
    by_name = sorted(members, key=lambda user: (str(user).casefold(), user.pk))
    found = PollAnswers({user.pk: user for user in by_name}, {option.pk: {} for option in options})
    said = Availability.objects.filter(option__in=found.by_option, user__in=found.members)
    for option, user, answer in said.values_list("option", "user", "answer"):
        found.by_option[option][user] = answer
    return found


def votes_and_offers(group, papers):
    """The `VotesAndOffers` for ``papers``, a list. Two queries."""
    found = VotesAndOffers({paper.pk: {} for paper in papers}, {paper.pk: [] for paper in papers})
    wants = Vote.objects.of_members(group).wanting().filter(paper__in=found.wants)
    for paper, user, stance in wants.values_list("paper", "user", "stance"):
        found.wants[paper][user] = stance
    offers = Offer.objects.of_members(group).filter(paper__in=found.wants)
    for paper, user in offers.values_list("paper", "user"):
        found.offers[paper].append(user)
    return found


def tally_answers(options, answers, at):
    """Give each of ``options`` its numbers ``yes``, ``maybe``, ``no``, and whether it ``is_best``.

    The best are those to come with most yes answers; of them those that most can come on.
    """
    for option in options:
        given = list(answers.by_option[option.pk].values())
        option.yes, option.maybe, option.no = (given.count(word) for word in (YES, MAYBE, NO))
        option.is_past = option.starts_at <= at
        option.is_best = False
    scores = {
        option.pk: (option.yes, option.maybe)
        for option in options
        if not option.is_past and option.yes + option.maybe
    }
    for option in options:
        option.is_best = option.pk in scores and scores[option.pk] == max(scores.values())


def member_rows(options, answers, user):
    """The `MemberRow` of ``user``, if a member, then of everyone who answered, by name."""
    found = [
        MemberRow(one, [answers.by_option[option.pk].get(one.pk, "") for option in options])
        for one in answers.members.values()
    ]
    found = [row for row in found if row.user == user or any(row.answers)]
    return sorted(found, key=lambda row: row.user != user)


def not_answered(answers):
    """The members who have answered for none of the dates."""
    spoke = {user for given in answers.by_option.values() for user in given}
    return [member for user, member in answers.members.items() if user not in spoke]


def add_date_facts(options, items, answers, wishes, *, are_named):
    """Give each of ``options`` its ``facts``: (paper, sentences) for each item of the agenda.

    ``are_named``: whether who wants a paper may be named.
    """
    for option in options:
        option.facts = [
            (item.paper, _fact_sentences(option, item, answers, wishes, are_named))
            for item in items
        ]


def _fact_sentences(option, item, answers, wishes, are_named):
    wants = wishes.wants[item.paper_id]
    sentences = [_can_come_sentence(option, wants, answers)] if wants else ["Nobody wants it yet."]
    # Who it is given to comes first; then who offers.
    can_present = dict.fromkeys([item.presenter_id, *wishes.offers[item.paper_id]])
    can_present = [user for user in can_present if user in answers.members]
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


def _can_come_sentence(option, wants, answers):
    can = answers.who_can_come(option, wants)
    maybe = len(answers.who_answered(option, MAYBE, wants))
    number = "The one" if len(wants) == 1 else f"{len(can)} of the {len(wants)}"
    verb = "wants" if len(wants) == 1 else "want"
    can_come = "can come" if can or len(wants) > 1 else "has not said that they can come"
    return f"{number} who {verb} it {can_come}{f' ({maybe} if need be)' if maybe else ''}."


def _waiting_sentence(answers, users, what, are_named):
    if are_named:
        return f"Wait for me: {answers.joined_names(users)} {what}."
    return f"Wait for me: {len(users)} {what}."


def paper_date_matrix(options, items, answers, group):
    """The `MatrixRow`s of the agenda, then of the top of the ranking; the best is marked."""
    options = [option for option in options if not option.is_past]
    if not options:
        return []
    papers = {item.paper_id: item.paper for item in items}
    for paper in islice(ranking.ranked_papers(group), TOP_PAPERS):
        papers.setdefault(paper.pk, paper)
    wants = votes_and_offers(group, papers.values()).wants
    lines = []
    for paper in papers.values():
        users = wants[paper.pk]
        line = MatrixRow(paper, len(users))
        for option in options:
            maybe = len(answers.who_answered(option, MAYBE, users))
            line.cells.append(MatrixCell(option, len(answers.who_can_come(option, users)), maybe))
        lines.append(line)
    _mark_best([cell for line in lines for cell in line.cells])
    return lines


def _mark_best(cells):
    """The one with most who can come; of several the one with fewest of them if need be."""
    able = [cell for cell in cells if cell.can_come]
    if able:
        max(able, key=lambda cell: (cell.can_come, -cell.maybe, cell.option.yes)).is_best = True
