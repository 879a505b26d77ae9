"""Why a paper is not taken away: somebody has begun something with it."""

from django.db.models import Exists, OuterRef

from papers.models import AgendaItem, Comment, Group, ListingEntry, Offer, Paper, Vote


def hold(papers):
    """Hold ``papers`` until the transaction ends: nobody votes on one that is about to go."""
    list(papers.order_by("pk").select_for_update(of=["self"]).values_list("pk", flat=True))


def with_traces(papers, *, besides=None):
    """``papers``, each with what people left on it; what ``besides``, a user, left is no reason."""

    def left(model):
        rows = model.objects.filter(paper=OuterRef("pk"))
        return Exists(rows.exclude(user=besides) if besides else rows)

    return papers.annotate(
        has_votes=left(Vote),
        has_offers=left(Offer),
        has_comments=left(Comment),
        was_on_agenda=Exists(AgendaItem.objects.filter(paper=OuterRef("pk"))),
    )


def trace_on(paper):
    """What was begun with ``paper``, one `with_traces`, as a sentence; "" for nothing."""
    if paper.status != Paper.Status.OPEN:
        return f"It is {paper.get_status_display().lower()}."
    if paper.was_on_agenda:
        return "It was on the agenda of a meeting."
    if paper.pinned_at:
        return "It is pinned."
    if paper.has_votes:
        return "Members voted on it."
    if paper.has_offers:
        return "A member offered to present it."
    return "Members commented on it." if paper.has_comments else ""


def proposals(papers, by):
    """Of ``papers`` those that ``by`` proposed, with what others left on them."""
    listed = ListingEntry.objects.done().filter(paper=OuterRef("pk"))
    papers = with_traces(papers.filter(proposed_by=by), besides=by)
    return papers.annotate(is_listed=Exists(listed))


def remove_proposals(by):
    """Take away what ``by`` proposed and nobody else has begun anything with.

    The caller holds the groups.
    """
    papers = Paper.objects.filter(proposed_by=by)
    hold(papers)
    gone = [paper for paper in proposals(papers, by) if not why_it_stays(paper)]
    Paper.objects.filter(pk__in=[paper.pk for paper in gone]).delete()
    for group in Group.objects.filter(pk__in={paper.group_id for paper in gone}):
        group.papers_changed()


def why_it_stays(proposal):
    """Why one of `proposals` is not its proposer's any more, as a sentence; "" where it is."""
    return "A listing has it, too." if proposal.is_listed else trace_on(proposal)
