"""Matching entries with papers, and the changes that an entry makes to its paper.

One set of rules, for staging and for applying alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from django.db import transaction
from django.db.models import Q

from papers.listing.identity import title_key
from papers.models import Group, Listing, ListingEntry, Paper
from papers.services.importing.lookalikes import Lookalikes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

Plan = ListingEntry.Plan

FIGURE_FIELDS = ("upvotes", "comment_count", "author_count", "published_on")
ID_FIELDS = ("arxiv_id", "doi")
# Strongest first: two rows are the same paper if they share one of these.
KEY_FIELDS = ("arxiv_id", "doi", "identity", "title_key", "body_key")
PLAN_FIELDS = ["plan", "paper", "looks_like"]
BATCH_SIZE = 500


class Keyed(Protocol):
    """A row with the columns `KEY_FIELDS`: a paper, an entry, or a tuple of the values of one."""

    @property
    def arxiv_id(self) -> str: ...

    @property
    def doi(self) -> str: ...


def lock_group_and_listing(listing_id: int) -> tuple[Group, Listing]:
    """Lock the group, then the listing, until the transaction ends.

    Everything that writes to a listing, its entries or, from a listing, to papers waits here.
    """
    group = Group.objects.select_for_update(of=["self"]).get(listings=listing_id)
    return group, Listing.objects.select_for_update(of=["self"]).get(pk=listing_id)


def shares_a_key(rows: Collection[Keyed]) -> Q | None:
    """A condition for entries or papers that share a key with ``rows``; None if these have none."""
    condition = None
    for key in KEY_FIELDS:
        if values := {getattr(row, key) for row in rows} - {""}:
            shares_key = Q(**{f"{key}__in": values})
            condition = shares_key if condition is None else condition | shares_key
    return condition


class KnownPapers:
    """The papers of ``group`` that may match ``entries``; one query."""

    def __init__(self, group: Group, entries: Collection[Keyed]) -> None:
        self.rows_by_key: dict[str, dict[str, Any]] = {key: {} for key in KEY_FIELDS}
        if (condition := shares_a_key(entries)) is None:
            return
        # Of several papers the oldest wins: it is added last.
        for paper in Paper.objects.in_group(group).filter(condition).order_by("-pk"):
            self.add_row(paper)

    def add_row(self, row: Keyed) -> None:
        """Add ``row``, a paper or an entry, to the rows that can match."""
        for key, rows in self.rows_by_key.items():
            if value := getattr(row, key):
                rows[value] = row

    def find_match(self, entry: Keyed) -> Any:
        """The row of the same work as ``entry``, a paper unless entries were added; or None."""
        for key in KEY_FIELDS:
            value = getattr(entry, key)
            row = self.rows_by_key[key].get(value) if value else None
            if row is not None and not _have_different_ids(entry, row):
                return row
        return None


def _have_different_ids(entry: Keyed, row: Keyed) -> bool:
    """Whether ids tell two works apart that share a title, such as "Introduction"."""
    if entry.arxiv_id and row.arxiv_id:
        return entry.arxiv_id != row.arxiv_id
    return bool(entry.doi and row.doi and entry.doi != row.doi)


def field_changes(
    entry: ListingEntry, paper: Paper, captured_on: date
) -> dict[str, tuple[Any, Any]]:
    """The changes that ``entry`` makes to ``paper``: field -> (old, new).

    Figures and texts that were captured earlier never replace later ones; a text edited by hand is
    never replaced; an empty value replaces nothing.
    """
    older = paper.captured_on is not None and captured_on < paper.captured_on
    changes: dict[str, tuple[Any, Any]] = {}
    for field in FIGURE_FIELDS:
        old, new = getattr(paper, field), getattr(entry, field)
        if new is not None and new != old and (old is None or not older):
            changes[field] = (old, new)
    for field in ID_FIELDS:
        old, new = getattr(paper, field), getattr(entry, field)
        if new and not old:
            changes[field] = (old, new)
    for field, edited in (("title", paper.title_edited), ("abstract", paper.abstract_edited)):
        old, new = getattr(paper, field), getattr(entry, field)
        if (
            new
            and new != old
            and not edited
            and not (older and old)
            and not _is_same_text(old, new)
        ):
            changes[field] = (old, new)
    return changes


def _is_same_text(old: str, new: str) -> bool:
    """Whether two texts differ only in TeX and punctuation: some pages show TeX, others do not."""
    return bool(old) and title_key(old) == title_key(new)


def _plan_entry(
    entry: ListingEntry, known: KnownPapers, seen: KnownPapers, captured_on: date
) -> None:
    """Set the ``plan`` of ``entry``. ``seen``: the entries before it in its listing."""
    entry.paper_id = entry.looks_like_id = None
    if entry.problem:
        entry.plan = Plan.PROBLEM
        return
    paper: Paper | None = known.find_match(entry)
    entry.paper_id = paper.pk if paper else None
    if seen.find_match(entry) is not None:
        entry.plan = Plan.REPEATED
    elif paper is None:
        entry.plan = Plan.CREATE
    else:
        entry.plan = Plan.UPDATE if field_changes(entry, paper, captured_on) else Plan.UNCHANGED
    if not entry.left_out:
        seen.add_row(entry)


def plan_batch(
    group: Group,
    entries: Iterable[ListingEntry],
    seen: KnownPapers,
    captured_on: date,
    lookalikes: Lookalikes,
) -> None:
    """Set the plan of each of ``entries``: the effect of applying it now. Nothing is saved."""
    known = KnownPapers(group, [entry for entry in entries if not entry.problem])
    for entry in entries:
        _plan_entry(entry, known, seen, captured_on)
        if entry.plan == Plan.CREATE and (like := lookalikes.most_similar(entry.title_key)):
            entry.plan, entry.looks_like_id = Plan.LOOKALIKE, like


def compare_entries(*, listing: Listing) -> None:
    """Compare all entries of a staged ``listing`` with the current papers of the group.

    In short transactions; stops if somebody starts to apply the listing meanwhile.
    """
    version = Group.objects.values_list("papers_version", flat=True).get(pk=listing.group_id)
    seen, lookalikes = KnownPapers(listing.group, []), Lookalikes(listing.group)
    for start in range(0, listing.entry_count, BATCH_SIZE):
        if not _compare_batch(listing.pk, start, seen, lookalikes):
            return
    Listing.objects.filter(pk=listing.pk).update(compared_version=version)


@transaction.atomic
def _compare_batch(listing_id: int, start: int, seen: KnownPapers, lookalikes: Lookalikes) -> bool:
    group, listing = lock_group_and_listing(listing_id)
    if listing.state != Listing.State.STAGED:
        return False
    entries = listing.entries.filter(position__gte=start, position__lt=start + BATCH_SIZE)
    _plan_and_save(group, listing, list(entries.defer("excerpt", "doubts")), seen, lookalikes)
    return True


def _plan_and_save(
    group: Group,
    listing: Listing,
    entries: list[ListingEntry],
    seen: KnownPapers,
    lookalikes: Lookalikes,
) -> None:
    def current_plans() -> list[tuple[str, int | None, int | None]]:
        return [(entry.plan, entry.paper_id, entry.looks_like_id) for entry in entries]

    before = current_plans()
    assert listing.captured_on is not None  # a listing that was read has a capture date
    plan_batch(group, entries, seen, listing.captured_on, lookalikes)
    changed = [
        entry
        for entry, old, new in zip(entries, before, current_plans(), strict=True)
        if old != new
    ]
    ListingEntry.objects.bulk_update(changed, PLAN_FIELDS, batch_size=200)


def compare_related(group: Group, listing: Listing, *rows: ListingEntry) -> None:
    """Compare again the entries that share a key with ``rows``: an entry before and after a change.

    The caller has locked the listing.
    """
    if condition := shares_a_key(rows):
        entries = list(listing.entries.filter(condition).order_by("position"))
        lookalikes = Lookalikes(group, [entry.title_key for entry in entries])
        _plan_and_save(group, listing, entries, KnownPapers(group, []), lookalikes)
