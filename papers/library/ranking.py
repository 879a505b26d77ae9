"""The ranking of papers to read next: the whole rule, and the reason for each rank.

A paper is ranked if it is open and a member wants it, can present it, or an organiser has pinned
it. It has

- one point for each member who wants to discuss it (including "wait for me"),
- one point if a member can present it,
- the group's points of fairness if one of the members who want it has had none of their wanted
  papers on the agendas of the group's last meetings; the group also chooses how many meetings
  count. Before the first meeting nobody has gone without.

Pinned papers come first. Ties: more offers, then more upvotes on its source, then the older paper.
The reason for a rank names the points of each of these, so that a reader can add them up.
Everything is counted from the current rows, in one query; only active members of the group count.
A paper that was on an agenda and was postponed is open again, with its votes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from papers.models import Discussion, Offer, Paper, Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_stubs_ext import WithAnnotations

    from papers.models import Group, Membership
    from papers.models.papers import PaperQuerySet

    RankedPaper = WithAnnotations[Paper, "Rank"]

Row = TypeVar("Row", bound=Model)
Standing = TypeVar("Standing", Vote, Offer)

PRESENTER_POINTS = 1
SHOWN_NAMES = 5
RANKING_ORDER: list[str | ExpressionWrapper] = [
    ExpressionWrapper(Q(pinned_at=None), output_field=BooleanField()),
    "-points",
    "-offering",
    "-upvotes",
    "pk",
]


class Rank(TypedDict):
    """The annotations of `ranked_papers`."""

    wanting: int  # members
    offering: int  # members
    is_owed: bool  # whether it has the points of fairness
    points: int


def ranked_papers(group: Group, papers: PaperQuerySet | None = None) -> QuerySet[RankedPaper]:
    """The ranked papers among ``papers`` (by default all of the group), the highest rank first."""
    papers = Paper.objects.few_in_group(group) if papers is None else papers
    members = group.active_user_ids()
    wants = Vote.objects.few_of_users(members).wanting().order_by()
    offers = Offer.objects.few_of_users(members).order_by()
    owed = Vote.objects.few_of_users(_owed_user_ids(group)).wanting().filter(paper=OuterRef("pk"))
    return (
        papers.filter(_is_ranked(group))
        .annotate(
            wanting=_count_per_paper(wants),
            offering=_count_per_paper(offers),
            is_owed=Exists(owed),
        )
        .annotate(
            points=F("wanting")
            + Case(When(offering__gt=0, then=PRESENTER_POINTS), default=0)
            + Case(When(is_owed=True, then=group.fairness_weight), default=0)
        )
        .order_by(*RANKING_ORDER)
    )


def unranked_papers(group: Group, papers: PaperQuerySet) -> PaperQuerySet:
    """The rest of ``papers``, by upvotes elsewhere: an index has them in this order."""
    return papers.exclude(_is_ranked(group)).order_by("-upvotes", "-pk")


def _is_ranked(group: Group) -> Q:
    wants = Vote.objects.of_members(group).wanting().order_by().values("paper")
    offers = Offer.objects.of_members(group).order_by().values("paper")
    pinned = Paper.objects.in_group(group).exclude(pinned_at=None).order_by().values("pk")
    return Q(status=Paper.Status.OPEN, pk__in=wants.union(offers, pinned))


def _count_per_paper(rows: QuerySet[Row]) -> Coalesce:
    """The number of ``rows`` that belong to the paper of the outer query."""
    of_paper = rows.filter(paper=OuterRef("pk")).values("paper")
    number = Subquery(of_paper.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())


def _recent_discussion_ids(group: Group) -> QuerySet[Discussion, Mapping[str, object]]:
    held = Discussion.objects.filter(group=group, state=Discussion.State.HELD)
    return held.order_by("-starts_at", "-pk").values("pk")[: group.fairness_meetings]


def _owed_user_ids(group: Group) -> QuerySet[Membership, Mapping[str, object]]:
    """The ids of the members who had none of their wanted papers on a recent agenda."""
    wants = Vote.objects.of_members(group).wanting()
    had = wants.filter(paper__agenda_items__discussion__in=_recent_discussion_ids(group))
    members = group.active_user_ids().exclude(user__in=had.values("user"))
    return members.filter(Exists(_recent_discussion_ids(group)))


def top_paper(group: Group) -> RankedPaper | None:
    """The paper at the top of the ranking; None if no member wants it. One query.

    An organiser may have pinned a paper that nobody has voted for, or only its presenter.
    """
    top = ranked_papers(group).first()
    return top if top and top.wanting else None


def reasons_by_paper(group: Group, papers: Iterable[Paper]) -> dict[int, str]:
    """Paper id -> the reason for its rank, one line; "" if it has none. Four queries.

    A reason names the score of the paper and the points that add up to it.
    """
    papers = list(papers)
    wants = _names_by_paper(Vote.objects.of_members(group).wanting(), papers)
    offers = _names_by_paper(Offer.objects.of_members(group), papers)
    owed = set(_owed_user_ids(group).values_list("user", flat=True))
    meeting_count = len(_recent_discussion_ids(group))
    reasons: dict[int, str] = {}
    for paper in papers:
        wanting, offering = wants[paper.pk], offers[paper.pk]
        without = [name for user, name in wanting.items() if user in owed]
        points: list[tuple[int, str]] = []
        if wanting:
            points.append((len(wanting), _wanted_reason(group, list(wanting.values()))))
        if offering:
            points.append((PRESENTER_POINTS, f"{join_names(list(offering.values()))} can present"))
        if without and group.fairness_weight:
            reason = _fairness_reason(group, without, meeting_count)
            points.append((group.fairness_weight, reason))
        reasons[paper.pk] = _reason(points, is_pinned=paper.pinned_at is not None)
    return reasons


def _reason(points: list[tuple[int, str]], *, is_pinned: bool) -> str:
    """The reason for a rank from its ``points``, pairs of a number and what it is for."""
    if not points and not is_pinned:
        return ""
    total = sum(number for number, _ in points)
    score = f"{total} point{'' if total == 1 else 's'}"
    parts = ", ".join(f"+{number} {what}" for number, what in points)
    reason = f"{score}: {parts}" if parts else score
    return f"Pinned by the organisers · {reason}" if is_pinned else reason


def _names_by_paper(rows: QuerySet[Standing], papers: Iterable[Paper]) -> dict[int, dict[int, str]]:
    """Paper id -> {user id: name}, of the ``rows`` of ``papers``, the oldest first."""
    names: dict[int, dict[int, str]] = {paper.pk: {} for paper in papers}
    rows = rows.filter(paper__in=names).select_related("user").order_by("created_at", "pk")
    for row in rows.only("paper", "user__name", "user__username"):
        names[row.paper_id][row.user_id] = str(row.user)
    return names


def _wanted_reason(group: Group, names: list[str]) -> str:
    if group.votes_are_named:
        return f"wanted by {join_names(names)}"
    return f"wanted by {len(names)} member{'' if len(names) == 1 else 's'}"


def _fairness_reason(group: Group, names: list[str], meeting_count: int) -> str:
    whom = join_names(names) if group.votes_are_named else "a member who wants it"
    lately = f"{meeting_count} meetings" if meeting_count > 1 else "meeting"
    return f"for {whom}: nothing they voted for came up in the last {lately}"


def join_names(names: list[str]) -> str:
    """``names`` in a sentence: "Ada", "Ada and Emmy", "Ada, Emmy, Grace and 4 more"."""
    if len(names) > SHOWN_NAMES:
        names = [*names[: SHOWN_NAMES - 1], f"{len(names) - SHOWN_NAMES + 1} more"]
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])
