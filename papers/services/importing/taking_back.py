"""What a listing did is undone, as far as nobody has built on it since."""

from copy import copy
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from papers.models import Listing, ListingEntry, Paper
from papers.models.keys import set_keys
from papers.services import deletion
from papers.services.importing.applying import BATCH_SIZE, COPIED_FIELDS
from papers.services.importing.matching import lock_group_and_listing

Outcome = ListingEntry.Outcome
DATE_FIELDS = ("published_on", "captured_on")
IDENTITY_FIELDS = {"title", "arxiv_id", "doi"}  # what an identity is made of
RESTORED_FIELDS = [*COPIED_FIELDS, "captured_on", "updated_at"]


@transaction.atomic
def take_back_batch(listing_id):
    """Undo the next entries. Returns their number; 0 when the listing is, or was, done.

    An entry that is undone waits again; of one that is kept, ``kept`` says why.
    """
    group, listing = lock_group_and_listing(listing_id)
    if listing.state != Listing.State.TAKING_BACK:
        return 0
    entries = list(listing.entries.exclude(outcome="").filter(kept="")[:BATCH_SIZE])
    if not entries:
        listing.state = Listing.State.TAKEN_BACK
        listing.save(update_fields=["state"])
        return 0
    _undo_entries(listing, entries)
    group.bump_papers_version()
    listing.worked_at = timezone.now()
    listing.save(update_fields=["worked_at"])
    return len(entries)


def _undo_entries(listing, entries):
    papers = _papers_by_id(listing, entries)
    gone = []
    for entry in entries:
        paper = papers.get(entry.paper_id)
        if paper and entry.outcome == Outcome.CREATED:
            entry.kept = _why_paper_stays(entry, paper)
            if not entry.kept:
                gone.append(paper.pk)
                entry.paper = None
        elif paper and entry.replaced:
            entry.kept = _restore_paper(entry, paper)
        if not entry.kept:
            entry.outcome, entry.replaced = "", None
    ListingEntry.objects.bulk_update(
        entries, ["outcome", "paper", "replaced", "kept"], batch_size=200
    )
    Paper.objects.filter(pk__in=gone).delete()


def _papers_by_id(listing, entries):
    """The papers of ``entries`` by id, each with what a person may have done to it."""
    elsewhere = (
        ListingEntry.objects.applied_to_papers()
        .filter(paper=OuterRef("pk"))
        .exclude(listing=listing)
    )
    papers = Paper.objects.filter(pk__in=[entry.paper_id for entry in entries])
    deletion.lock_papers(papers)
    papers = deletion.annotate_activity(papers).annotate(in_another=Exists(elsewhere))
    papers = papers.prefetch_related("topics")
    return {paper.pk: paper for paper in papers}


def _why_paper_stays(entry, paper):
    """Why a paper that this listing created stays, or nothing."""
    if reason := deletion.why_in_use(paper):
        return reason
    if paper.topics.all():
        return "It was given topics."
    if paper.in_another:
        return "Another listing has it too."
    if any(getattr(paper, field) != getattr(entry, field) for field in COPIED_FIELDS):
        return "It was changed since."
    return ""


def _restore_paper(entry, paper):
    """Give ``paper`` back what ``entry`` replaced. Returns why some of it stays, or nothing."""
    stays, restored = [], {}
    for field, old in entry.replaced.items():
        source = entry.listing if field == "captured_on" else entry
        if getattr(paper, field) == getattr(source, field):
            restored[field] = date.fromisoformat(old) if old and field in DATE_FIELDS else old
        else:
            stays.append(field.replace("_", " "))
    if _is_taken(paper, restored):
        restored = {field: old for field, old in restored.items() if field not in IDENTITY_FIELDS}
        stays.append("another paper has the title or id it had")
    for field, old in restored.items():
        setattr(paper, field, old)
    set_keys(paper)
    paper.updated_at = timezone.now()
    paper.save(update_fields=RESTORED_FIELDS)
    return f"Changed since: {', '.join(stays)}." if stays else ""


def _is_taken(paper, restored):
    """Whether another paper of the group has the identity that ``restored`` would give back."""
    if not IDENTITY_FIELDS & restored.keys():
        return False
    then = copy(paper)
    for field in IDENTITY_FIELDS & restored.keys():
        setattr(then, field, restored[field])
    set_keys(then)
    same = Paper.objects.filter(group=paper.group_id, identity=then.identity)
    return same.exclude(pk=paper.pk).exists()
