"""Applying a listing: its entries become papers, in batches of one short transaction each.

Every batch locks the group and the listing. So two organisers who apply listings of one group take
turns batch by batch, and each sees what the other has written. A killed apply leaves whole batches;
the next run continues after the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from papers.models import Event, Listing, ListingEntry, Paper
from papers.models.keys import set_keys
from papers.notifications.fan_out import record_event
from papers.services import publishing
from papers.services.importing.matching import (
    KEY_FIELDS,
    KnownPapers,
    field_changes,
    lock_group_and_listing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from papers.models import Group

Outcome = ListingEntry.Outcome
BATCH_SIZE = 1000

COPIED_FIELDS = (
    "identity",
    "title_key",
    "body_key",
    "citation_stem",
    "title",
    "abstract",
    "arxiv_id",
    "doi",
    "author_count",
    "published_on",
    "upvotes",
    "comment_count",
)


class EntryRow(Protocol):
    """The columns of an entry that decide what becomes of it; see also `KEY_FIELDS`."""

    @property
    def pk(self) -> int: ...

    @property
    def arxiv_id(self) -> str: ...

    @property
    def doi(self) -> str: ...

    @property
    def problem(self) -> str: ...

    @property
    def left_out(self) -> bool: ...


@transaction.atomic
def apply_batch(listing_id: int) -> int:
    """Apply the next entries. Returns their number; 0 if the listing is done.

    The members are notified once, when it is done.
    """
    group, listing = lock_group_and_listing(listing_id)
    if listing.state != Listing.State.APPLYING:
        return 0
    fields = ("pk", *KEY_FIELDS, "problem", "left_out")
    entries = list(listing.entries.not_yet_applied().values_list(*fields, named=True)[:BATCH_SIZE])
    if not entries:
        listing.state, listing.applied_at = Listing.State.APPLIED, timezone.now()
        listing.save(update_fields=["state", "applied_at"])
        if listing.entries.filter(outcome=Outcome.CREATED).exists():
            record_event(Event.LISTING_APPLIED, listing, by=listing.created_by)
        return 0
    _apply_entries(listing, group, entries)
    group.bump_papers_version()
    listing.worked_at = timezone.now()
    listing.save(update_fields=["worked_at"])
    return len(entries)


def _apply_entries(listing: Listing, group: Group, entries: Sequence[EntryRow]) -> None:
    _mark_outcome(entries, Outcome.PROBLEM, lambda entry: bool(entry.problem))
    _mark_outcome(entries, Outcome.LEFT_OUT, lambda entry: entry.left_out and not entry.problem)
    good = [entry for entry in entries if not entry.problem and not entry.left_out]
    known = KnownPapers(group, good)
    fresh: list[EntryRow] = []
    rest: list[EntryRow] = []
    for entry in good:
        if known.find_match(entry) is None:
            known.add_row(entry)
            fresh.append(entry)
        else:
            rest.append(entry)
    _create_papers(listing, group, fresh)
    _update_papers(listing, group, rest)


def _mark_outcome(
    entries: Sequence[EntryRow], outcome: str, applies_to: Callable[[EntryRow], bool]
) -> None:
    ids = [entry.pk for entry in entries if applies_to(entry)]
    if ids:
        ListingEntry.objects.filter(pk__in=ids).update(outcome=outcome)


def _create_papers(listing: Listing, group: Group, entries: Sequence[EntryRow]) -> None:
    """Create papers by copying the columns of entries inside the database."""
    if not entries:
        return
    ids = [entry.pk for entry in entries]
    columns, now = ", ".join(COPIED_FIELDS), timezone.now()
    insert = (
        "INSERT INTO papers_paper (group_id, captured_on, status, created_at, updated_at,"
        f" link, link_key, title_edited, abstract_edited, {columns})"
        f" SELECT %s, %s, %s, %s, %s, '', '', edited, edited, {columns} FROM papers_listingentry"
        f" WHERE id IN ({', '.join(['%s'] * len(ids))}) ORDER BY position DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [group.pk, *_adapted_values(listing.captured_on, now, now), *ids])
    papers = Paper.objects.in_group(group).filter(identity=OuterRef("identity")).values("pk")
    ListingEntry.objects.filter(pk__in=ids).update(outcome=Outcome.CREATED, paper=Subquery(papers))


def _adapted_values(
    captured_on: date | None, created_at: datetime, updated_at: datetime
) -> list[Any]:
    """Values in the form that the database takes, in the order of `_create_papers`."""
    adapt = connection.ops
    return [
        adapt.adapt_datefield_value(captured_on),
        Paper.Status.OPEN.value,
        adapt.adapt_datetimefield_value(created_at),
        adapt.adapt_datetimefield_value(updated_at),
    ]


def _update_papers(listing: Listing, group: Group, rows: Sequence[EntryRow]) -> None:
    """Update the papers that the group has, and keep the replaced values in the entries."""
    if not rows:
        return
    assert listing.captured_on is not None  # a listing that was read has a capture date
    entries = list(listing.entries.filter(pk__in=[row.pk for row in rows]))
    known = KnownPapers(group, entries)
    done, changed, retitled = _paper_ids_done(listing, known), [], []
    for entry in entries:
        paper: Paper | None = known.find_match(entry)
        if paper is None:  # an earlier entry gave the paper another id: the next batch has it
            continue
        entry.paper, entry.outcome = paper, Outcome.UNCHANGED
        if paper.pk not in done:
            title = paper.title
            if _apply_to_paper(entry, paper, listing.captured_on):
                changed.append(paper)
            if paper.title != title:
                retitled.append(paper.pk)
            known.add_row(paper)  # again: it may have another id now
        done.add(paper.pk)
    fields = ["title", "abstract", *KEY_FIELDS, "upvotes", "comment_count", "author_count"]
    fields += ["published_on", "captured_on", "updated_at"]
    Paper.objects.bulk_update(changed, fields, batch_size=100)
    publishing.raise_for_titles(retitled)
    ListingEntry.objects.bulk_update(entries, ["paper", "outcome", "replaced"], batch_size=200)


def _paper_ids_done(listing: Listing, known: KnownPapers) -> set[int]:
    """The ids of papers that match an earlier entry of this listing: the first entry counts."""
    ids = [paper.pk for paper in known.rows_by_key["identity"].values()]
    applied = listing.entries.applied_to_papers().filter(paper__in=ids)
    return set(applied.values_list("paper_id", flat=True))


def _apply_to_paper(entry: ListingEntry, paper: Paper, captured_on: date) -> bool:
    """Update ``paper`` from ``entry``, and keep the replaced values in ``entry``. Nothing is saved.

    Returns whether the paper has changed.
    """
    changes = field_changes(entry, paper, captured_on)
    if changes:
        entry.outcome = Outcome.UPDATED
        paper.updated_at = timezone.now()
        for field, (_, new) in changes.items():
            setattr(paper, field, new)
        set_keys(paper)
    replaced = {field: old for field, (old, _) in changes.items()}
    if paper.captured_on is None or paper.captured_on < captured_on:
        replaced["captured_on"] = paper.captured_on
        paper.captured_on = captured_on
    entry.replaced = {
        field: value.isoformat() if hasattr(value, "isoformat") else value
        for field, value in replaced.items()
    } or None
    return bool(replaced)
