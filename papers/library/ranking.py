"""What to read next: the whole rule, and the sentence that explains each rank.

Ranked are the papers that are open and that somebody wants, can present, or has pinned. A paper has

- one point for each member who wants to discuss it ("wait for me" wants it, too),
- one point if a member can present it,
- the group's points of fairness if a member wants it none of whose wanted papers was on the agenda
  of the group's last meetings; how many meetings that are is the group's choice, too. Before the
  first meeting nobody has gone without.

Pinned papers come first. Ties: more offers, more upvotes elsewhere, the one that waits longer.
Everything is counted from the rows there are, in one query; only those who are in the group now
count. A paper that was on an agenda and put off is open again, and so are its votes.
"""

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from papers.models import Discussion, Offer, Paper, Vote

PRESENTER_POINTS = 1
SHOWN_NAMES = 5
RANKING_ORDER = [
    ExpressionWrapper(Q(pinned_at=None), output_field=BooleanField()),
    "-points",
    "-offering",
    "-upvotes",
    "pk",
]


def ranked_papers(group, papers=None):
    """The ranked ones of ``papers`` (by default all of the group), the highest rank first.

    Each has ``points``, ``wanting`` and ``offering`` (numbers of members), and ``is_owed``: whether
    it has the points of fairness.
    """
    papers = Paper.objects.few_in_group(group) if papers is None else papers
    wants = Vote.objects.of_members(group).wanting().order_by()
    offers = Offer.objects.of_members(group).order_by()
    owed = Exists(wants.filter(paper=OuterRef("pk"), user__in=_owed_user_ids(group)))
    return (
        papers.filter(_is_ranked(group))
        .annotate(wanting=_count_per_paper(wants), offering=_count_per_paper(offers), is_owed=owed)
        .annotate(
            points=F("wanting")
            + Case(When(offering__gt=0, then=PRESENTER_POINTS), default=0)
            + Case(When(is_owed=True, then=group.fairness_weight), default=0)
        )
        .order_by(*RANKING_ORDER)
    )


def unranked_papers(group, papers):
    """The rest of ``papers``, by upvotes elsewhere: an index has them in this order."""
    return papers.exclude(_is_ranked(group)).order_by("-upvotes", "-pk")


def _is_ranked(group):
    wants = Vote.objects.of_members(group).wanting().order_by().values("paper")
    offers = Offer.objects.of_members(group).order_by().values("paper")
    pinned = Paper.objects.in_group(group).exclude(pinned_at=None).order_by().values("pk")
    return Q(status=Paper.Status.OPEN, pk__in=wants.union(offers, pinned))


def _count_per_paper(rows):
    """How many of ``rows`` are about the paper."""
    rows = rows.filter(paper=OuterRef("pk")).values("paper")
    number = Subquery(rows.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())


def _recent_discussion_ids(group):
    held = Discussion.objects.filter(group=group, state=Discussion.State.HELD)
    return held.order_by("-starts_at", "-pk").values("pk")[: group.fairness_meetings]


def _owed_user_ids(group):
    """Ids of the members none of whose wanted papers was lately on an agenda."""
    wants = Vote.objects.of_members(group).wanting()
    had = wants.filter(paper__agenda_items__discussion__in=_recent_discussion_ids(group))
    members = group.active_user_ids().exclude(user__in=had.values("user"))
    return members.filter(Exists(_recent_discussion_ids(group)))


def add_reasons(group, papers):
    """Give each of ``papers``, some that are ranked, its ``reason``: one line. Four queries."""
    papers = list(papers)
    wants = _names_by_paper(Vote.objects.of_members(group).wanting(), papers)
    offers = _names_by_paper(Offer.objects.of_members(group), papers)
    owed = set(_owed_user_ids(group).values_list("user", flat=True))
    meetings = len(_recent_discussion_ids(group))
    for paper in papers:
        wanting, offering = wants[paper.pk], offers[paper.pk]
        without = [name for user, name in wanting.items() if user in owed]
        parts = ["Pinned by the organisers"] if paper.pinned_at else []
        parts += [_wanted_reason(group, list(wanting.values()))] if wanting else []
        parts += [f"{join_names(list(offering.values()))} can present"] if offering else []
        if without and group.fairness_weight:
            parts.append(_fairness_reason(group, without, meetings))
        paper.reason = ", ".join(parts)
    return papers


def _names_by_paper(rows, papers):
    """Paper id -> {user id: name}, of ``rows`` about ``papers``, in the order of their making."""
    found = {paper.pk: {} for paper in papers}
    rows = rows.filter(paper__in=found).select_related("user").order_by("created_at", "pk")
    for row in rows.only("paper", "user__name", "user__username"):
        found[row.paper_id][row.user_id] = str(row.user)
    return found


def _wanted_reason(group, names):
    want = f"{len(names)} want{'s' if len(names) == 1 else ''} it"
    return f"{want} ({join_names(names)})" if group.votes_are_named else want


def _fairness_reason(group, names, meetings):
    whose = join_names(names) if group.votes_are_named else "a member who wants it"
    lately = f"{meetings} meetings" if meetings > 1 else "the last meeting"
    return f"+{group.fairness_weight}: none of the picks of {whose} in {lately}"


def join_names(names):
    """``names`` in a sentence: "Ada", "Ada and Emmy", "Ada, Emmy, Grace and 4 more"."""
    if len(names) > SHOWN_NAMES:
        names = [*names[: SHOWN_NAMES - 1], f"{len(names) - SHOWN_NAMES + 1} more"]
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])
