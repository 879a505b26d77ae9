"""Whether a paper can be deleted: only if nobody has begun anything with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef

from papers.models import AgendaItem, Comment, Group, ListingEntry, Offer, Paper, Vote

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from papers.models import User

    PaperWithActivity = WithAnnotations[Paper, "Activity"]
    Proposal = WithAnnotations[Paper, "ProposalActivity"]


class Activity(TypedDict):
    """Annotations of a paper: the traces that people left on it."""

    has_votes: bool
    has_offers: bool
    has_comments: bool
    was_on_agenda: bool


class ProposalActivity(Activity):
    """`Activity` of others than the proposer, and whether a listing has the paper as well."""

    is_listed: bool


def lock_papers(papers: QuerySet[Paper]) -> None:
    """Lock ``papers`` until the transaction ends: nobody votes on one that is being deleted."""
    list(papers.order_by("pk").select_for_update(of=["self"]).values_list("pk", flat=True))


def annotate_activity(
    papers: QuerySet[Paper], *, excluding: User | None = None
) -> QuerySet[PaperWithActivity]:
    """Annotate ``papers`` with `Activity`; ``excluding``: a user whose own rows do not count."""

    def has_rows(model: type[Vote | Offer | Comment]) -> Exists:
        rows = model._default_manager.filter(paper=OuterRef("pk"))
        return Exists(rows.exclude(user=excluding) if excluding else rows)

    return papers.annotate(
        has_votes=has_rows(Vote),
        has_offers=has_rows(Offer),
        has_comments=has_rows(Comment),
        was_on_agenda=Exists(AgendaItem.objects.filter(paper=OuterRef("pk"))),
    )


def why_in_use(paper: PaperWithActivity) -> str:
    """Why ``paper`` is in use, as a sentence; "" if it is not."""
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


def annotated_proposals(papers: QuerySet[Paper], by: User) -> QuerySet[Proposal]:
    """Those of ``papers`` that ``by`` proposed, annotated with `ProposalActivity`."""
    listed = ListingEntry.objects.applied_to_papers().filter(paper=OuterRef("pk"))
    proposals = annotate_activity(papers.filter(proposed_by=by), excluding=by)
    return proposals.annotate(is_listed=Exists(listed))


def delete_unused_proposals(by: User) -> None:
    """Delete the proposals of ``by`` with which nobody else has begun anything.

    The caller has locked the groups.
    """
    papers = Paper.objects.filter(proposed_by=by)
    lock_papers(papers)
    unused = [paper for paper in annotated_proposals(papers, by) if not reason_to_keep(paper)]
    Paper.objects.filter(pk__in=[paper.pk for paper in unused]).delete()
    for group in Group.objects.filter(pk__in={paper.group_id for paper in unused}):
        group.bump_papers_version()


def reason_to_keep(proposal: Proposal) -> str:
    """Why a proposal can no longer be withdrawn, as a sentence; "" if it can."""
    return "A listing has it, too." if proposal.is_listed else why_in_use(proposal)
