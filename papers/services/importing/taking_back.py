"""Taking back a listing: undoing its changes as far as nobody has built on them since."""

from __future__ import annotations

from copy import copy
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from papers.models import Listing, ListingEntry, Paper
from papers.models.keys import set_keys
from papers.services import deletion, publishing
from papers.services.importing.applying import BATCH_SIZE, COPIED_FIELDS
from papers.services.importing.matching import lock_group_and_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_stubs_ext import WithAnnotations

    PaperInUse = WithAnnotations[Paper, "Use"]

Outcome = ListingEntry.Outcome
DATE_FIELDS = ("published_on", "captured_on")
IDENTITY_FIELDS = {"title", "arxiv_id", "doi"}  # the identity is computed from these
RESTORED_FIELDS = [*COPIED_FIELDS, "captured_on", "updated_at"]


class Use(deletion.Activity):
    """`Activity`, and whether another listing has the paper."""

    in_another: bool


@transaction.atomic
def take_back_batch(listing_id: int) -> int:
    """Undo the next entries. Returns their number; 0 if the listing is done.

    An undone entry has no outcome again. If something stays, ``kept`` of the entry says why.
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


def _undo_entries(listing: Listing, entries: list[ListingEntry]) -> None:
    papers = _papers_by_id(listing, entries)
    deleted = []
    for entry in entries:
        paper = papers.get(entry.paper_id) if entry.paper_id else None
        if paper and entry.outcome == Outcome.CREATED:
            entry.kept = _why_paper_stays(entry, paper)
            if not entry.kept:
                deleted.append(paper.pk)
                entry.paper = None
        elif paper and entry.replaced:
            entry.kept = _restore_paper(entry, paper)
        if not entry.kept:
            entry.outcome, entry.replaced = "", None
    ListingEntry.objects.bulk_update(
        entries, ["outcome", "paper", "replaced", "kept"], batch_size=200
    )
    Paper.objects.filter(pk__in=deleted).delete()


def _papers_by_id(listing: Listing, entries: Iterable[ListingEntry]) -> dict[int, PaperInUse]:
    """The papers of ``entries`` by id, locked and annotated with `Use`."""
    elsewhere = (
        ListingEntry.objects.applied_to_papers()
        .filter(paper=OuterRef("pk"))
        .exclude(listing=listing)
    )
    papers = Paper.objects.filter(pk__in=[entry.paper_id for entry in entries])
    deletion.lock_papers(papers)
    in_use = deletion.annotate_activity(papers).annotate(in_another=Exists(elsewhere))
    return {paper.pk: paper for paper in in_use.prefetch_related("topics")}


def _why_paper_stays(entry: ListingEntry, paper: PaperInUse) -> str:
    """Why a paper that this listing created stays, as a sentence; "" if it does not."""
    if reason := deletion.why_in_use(paper):
        return reason
    if paper.topics.all():
        return "It was given topics."
    if paper.in_another:
        return "Another listing has it too."
    if any(getattr(paper, field) != getattr(entry, field) for field in COPIED_FIELDS):
        return "It was changed since."
    return ""


def _restore_paper(entry: ListingEntry, paper: Paper) -> str:
    """Restore the values of ``paper`` that ``entry`` replaced, unless they were changed since.

    Returns which of them stay, as a sentence; "" if none.
    """
    stays: list[str] = []
    restored: dict[str, Any] = {}
    for field, old in (entry.replaced or {}).items():
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
    if "title" in restored:
        publishing.raise_for_titles([paper.pk])
    return f"Changed since: {', '.join(stays)}." if stays else ""


def _is_taken(paper: Paper, restored: Mapping[str, Any]) -> bool:
    """Whether another paper of the group has the identity that ``restored`` would bring back."""
    if not IDENTITY_FIELDS & restored.keys():
        return False
    earlier = copy(paper)
    for field in IDENTITY_FIELDS & restored.keys():
        setattr(earlier, field, restored[field])
    set_keys(earlier)
    twins = Paper.objects.filter(group=paper.group_id, identity=earlier.identity)
    return twins.exclude(pk=paper.pk).exists()
