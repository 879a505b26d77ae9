"""Why a paper is not taken away: somebody has begun something with it."""

from django.db.models import Exists, OuterRef

from papers.models import AgendaItem, Comment, Group, ListingEntry, Offer, Paper, Vote


def lock_papers(papers):
    """Hold ``papers`` until the transaction ends: nobody votes on one that is about to go."""
    list(papers.order_by("pk").select_for_update(of=["self"]).values_list("pk", flat=True))


def annotate_activity(papers, *, besides=None):
    """``papers``, each with what people left on it; what ``besides``, a user, left is no reason."""

    def has_rows(model):
        rows = model.objects.filter(paper=OuterRef("pk"))
        return Exists(rows.exclude(user=besides) if besides else rows)

    return papers.annotate(
        has_votes=has_rows(Vote),
        has_offers=has_rows(Offer),
        has_comments=has_rows(Comment),
        was_on_agenda=Exists(AgendaItem.objects.filter(paper=OuterRef("pk"))),
    )


def why_in_use(paper):
    """What was begun with ``paper``, one `annotate_activity`, as a sentence; "" for nothing."""
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


def annotated_proposals(papers, by):
    """Of ``papers`` those that ``by`` proposed, with what others left on them."""
    listed = ListingEntry.objects.applied_to_papers().filter(paper=OuterRef("pk"))
    papers = annotate_activity(papers.filter(proposed_by=by), besides=by)
    return papers.annotate(is_listed=Exists(listed))


def delete_unused_proposals(by):
    """Take away what ``by`` proposed and nobody else has begun anything with.

    The caller holds the groups.
    """
    papers = Paper.objects.filter(proposed_by=by)
    lock_papers(papers)
    gone = [paper for paper in annotated_proposals(papers, by) if not reason_to_keep(paper)]
    Paper.objects.filter(pk__in=[paper.pk for paper in gone]).delete()
    for group in Group.objects.filter(pk__in={paper.group_id for paper in gone}):
        group.bump_papers_version()


def reason_to_keep(proposal):
    """Why a proposal can no longer be withdrawn, as a sentence; "" if it can."""
    return "A listing has it, too." if proposal.is_listed else why_in_use(proposal)
