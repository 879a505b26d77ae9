"""The rows of a list of papers: votes, offers and comments of each paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Count, Model, QuerySet

from papers.library import unread
from papers.models import Comment, Offer, Vote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from papers.models import Group, Paper, User

Row = TypeVar("Row", bound=Model)
Standing = TypeVar("Standing", Vote, Offer)


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper as a list shows it to one user. The counts are of members and of comments."""

    paper: Paper
    wanting: int
    offering: int
    stance: str  # the user's `Vote.Stance`, or ""
    comment_count: int
    new_comment_count: int  # new to the user
    rank: int | None  # from 1; None: not shown
    reason: str  # for its rank; "": not shown


@dataclass(frozen=True, slots=True)
class VoteSummary:
    """The votes and offers of a paper, for its own page."""

    stance: str  # the user's `Vote.Stance`, or ""
    wanting: int
    wanted_by: list[Vote]  # empty if the group's votes are not named
    offered_by: list[Offer]
    i_can_present: bool


def listed_papers(
    group: Group,
    papers: Sequence[Paper],
    user: User,
    *,
    stances: Mapping[int, str] | None = None,
    ranks: Mapping[int, int] | None = None,
    reasons: Mapping[int, str] | None = None,
) -> list[ListedPaper]:
    """The rows of ``papers``, some of the group's. At most five queries, for any number of papers.

    By paper id: ``stances`` of ``user`` if they are known already; ``ranks`` and ``reasons`` of the
    papers that are shown with them.
    """
    ids = [paper.pk for paper in papers]
    votes = Vote.objects.filter(paper__in=ids)
    wanting = _counts_by_paper(votes.wanting().of_members(group))
    if stances is None:
        stances = dict(votes.filter(user=user).values_list("paper", "stance"))
    offering = _counts_by_paper(Offer.objects.filter(paper__in=ids).of_members(group))
    comments = _counts_by_paper(Comment.objects.filter(paper__in=ids, removed_at=None))
    news: dict[int, int] = {}
    if comments:
        news = _counts_by_paper(unread.new_comments(user, group).filter(paper__in=ids))
    return [
        ListedPaper(
            paper=paper,
            wanting=wanting.get(paper.pk, 0),
            offering=offering.get(paper.pk, 0),
            stance=stances.get(paper.pk, ""),
            comment_count=comments.get(paper.pk, 0),
            new_comment_count=news.get(paper.pk, 0),
            rank=(ranks or {}).get(paper.pk),
            reason=(reasons or {}).get(paper.pk, ""),
        )
        for paper in papers
    ]


def _counts_by_paper(rows: QuerySet[Row]) -> dict[int, int]:
    """Paper id -> number of ``rows``; papers without rows are left out."""
    return dict(rows.order_by().values_list("paper").annotate(Count("pk")))


def vote_summary(paper: Paper, user: User) -> VoteSummary:
    """The votes and offers of ``paper``, as ``user`` sees them. Two queries."""
    group = paper.group
    votes = list(_with_users(paper.votes.of_members(group)))
    offers = list(_with_users(paper.offers.of_members(group)))
    wanted_by = [vote for vote in votes if vote.stance in Vote.WANTING]
    return VoteSummary(
        stance=next((vote.stance for vote in votes if vote.user_id == user.pk), ""),
        wanting=len(wanted_by),
        wanted_by=wanted_by if group.votes_are_named else [],
        offered_by=offers,
        i_can_present=any(offer.user_id == user.pk for offer in offers),
    )


def _with_users(rows: QuerySet[Standing]) -> QuerySet[Standing]:
    return rows.select_related("user").order_by("created_at", "pk")
