"""What members did about papers that are shown: how many want each, and what is mine in it."""

from django.db.models import Count

from papers.library import unread
from papers.models import Comment, Offer, Vote


def annotate_for_list(group, papers, user, *, stances=None):
    """Give each of ``papers``, some of the group's, what a list shows of votes and comments.

    ``wanting`` and ``offering`` (numbers of members), ``stance`` (that of ``user``, or ""; by paper
    id in ``stances`` where they are known), ``comments_here`` and ``new_comments`` (numbers; new to
    ``user``). Five queries at most, whatever the number of papers.
    """
    ids = [paper.pk for paper in papers]
    votes = Vote.objects.filter(paper__in=ids)
    wanting = _counts_by_paper(votes.wanting().of_members(group))
    if stances is None:
        stances = dict(votes.filter(user=user).values_list("paper", "stance"))
    offering = _counts_by_paper(Offer.objects.filter(paper__in=ids).of_members(group))
    comments = _counts_by_paper(Comment.objects.filter(paper__in=ids, removed_at=None))
    news = (
        _counts_by_paper(unread.new_comments(user, group).filter(paper__in=ids)) if comments else {}
    )
    for paper in papers:
        paper.wanting, paper.offering = wanting.get(paper.pk, 0), offering.get(paper.pk, 0)
        paper.stance = stances.get(paper.pk, "")
        paper.comments_here = comments.get(paper.pk, 0)
        paper.new_comments = news.get(paper.pk, 0)


def _counts_by_paper(rows):
    """How many of ``rows`` there are of each paper."""
    return dict(rows.order_by().values_list("paper").annotate(Count("pk")))


def vote_summary(paper, user):
    """How ``paper`` stands, for its own page: who wants it, who can present it, and what I said.

    A dict of ``wanted_by`` and ``offered_by``, lists of votes and offers with their people. Two
    queries.
    """
    group = paper.group
    votes = list(_with_users(paper.votes.of_members(group)))
    offers = list(_with_users(paper.offers.of_members(group)))
    paper.stance = next((vote.stance for vote in votes if vote.user_id == user.pk), "")
    wanted_by = [vote for vote in votes if vote.stance in Vote.WANTING]
    paper.wanting, paper.offering = len(wanted_by), len(offers)
    return {
        "wanted_by": wanted_by if group.votes_are_named else [],
        "offered_by": offers,
        "i_can_present": any(offer.user_id == user.pk for offer in offers),
    }


def _with_users(rows):
    return rows.select_related("user").order_by("created_at", "pk")
