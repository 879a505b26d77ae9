"""Entries become papers: batch after batch, each in one short transaction.

Every batch locks the listing and the group, so two people who apply listings of one group take
turns batch by batch, and what the second meets is what the first has written. A killed apply
leaves whole batches; the next one goes on behind the last.
"""

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from papers.models import Listing, ListingEntry, Paper
from papers.models.keys import set_keys
from papers.services.importing.matching import (
    KEY_FIELDS,
    KnownPapers,
    field_changes,
    lock_group_and_listing,
)

Outcome = ListingEntry.Outcome
BATCH_SIZE = 1000

COPIED_FIELDS = (
    "identity",
    "title_key",
    "body_key",
    "title",
    "abstract",
    "arxiv_id",
    "doi",
    "author_count",
    "published_on",
    "upvotes",
    "comment_count",
)


@transaction.atomic
def apply_batch(listing_id):
    """Apply the next entries. Returns their number; 0 when the listing is, or was, done."""
    group, listing = lock_group_and_listing(listing_id)
    if listing.state != Listing.State.APPLYING:
        return 0
    fields = ("pk", *KEY_FIELDS, "problem", "left_out")
    entries = list(listing.entries.not_yet_applied().values_list(*fields, named=True)[:BATCH_SIZE])
    if not entries:
        listing.state, listing.applied_at = Listing.State.APPLIED, timezone.now()
        listing.save(update_fields=["state", "applied_at"])
        return 0
    _apply_entries(listing, group, entries)
    group.bump_papers_version()
    listing.worked_at = timezone.now()
    listing.save(update_fields=["worked_at"])
    return len(entries)


def _apply_entries(listing, group, entries):
    _mark_outcome(entries, Outcome.PROBLEM, lambda entry: entry.problem)
    _mark_outcome(entries, Outcome.LEFT_OUT, lambda entry: entry.left_out and not entry.problem)
    good = [entry for entry in entries if not entry.problem and not entry.left_out]
    known, fresh, rest = KnownPapers(group, good), [], []
    for entry in good:
        if known.find_match(entry) is None:
            known.add_row(entry)
            fresh.append(entry)
        else:
            rest.append(entry)
    _create_papers(listing, group, fresh)
    _update_papers(listing, group, rest)


def _mark_outcome(entries, outcome, which):
    ids = [entry.pk for entry in entries if which(entry)]
    if ids:
        ListingEntry.objects.filter(pk__in=ids).update(outcome=outcome)


def _create_papers(listing, group, entries):
    """New papers, copied from entry to paper inside the database."""
    if not entries:
        return
    ids = [entry.pk for entry in entries]
    columns, now = ", ".join(COPIED_FIELDS), timezone.now()
    insert = (
        "INSERT INTO papers_paper (group_id, captured_on, status, created_at, updated_at,"
        f" link, title_edited, abstract_edited, {columns})"
        f" SELECT %s, %s, %s, %s, %s, '', edited, edited, {columns} FROM papers_listingentry"
        f" WHERE id IN ({', '.join(['%s'] * len(ids))}) ORDER BY position DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [group.pk, *_adapted_values(listing.captured_on, now, now), *ids])
    papers = Paper.objects.in_group(group).filter(identity=OuterRef("identity")).values("pk")
    ListingEntry.objects.filter(pk__in=ids).update(outcome=Outcome.CREATED, paper=Subquery(papers))


def _adapted_values(captured_on, created_at, updated_at):
    """Values in the form the database takes them, in the order of `_create_papers`."""
    adapt = connection.ops
    return [
        adapt.adapt_datefield_value(captured_on),
        Paper.Status.OPEN.value,
        adapt.adapt_datetimefield_value(created_at),
        adapt.adapt_datetimefield_value(updated_at),
    ]


def _update_papers(listing, group, entries):
    """Papers the group has: take over what is newer, and remember what it replaced."""
    if not entries:
        return
    entries = list(listing.entries.filter(pk__in=[entry.pk for entry in entries]))
    known = KnownPapers(group, entries)
    done, changed = _paper_ids_done(listing, known), []
    for entry in entries:
        paper = known.find_match(entry)
        if paper is None:  # an entry before it gave the paper another id: its turn is next
            continue
        entry.paper, entry.outcome = paper, Outcome.UNCHANGED
        if paper.pk not in done:
            _apply_to_paper(entry, paper, listing.captured_on)
            known.add_row(paper)  # by the id it may have now
            changed.append(paper)
        done.add(paper.pk)
    fields = ["title", "abstract", *KEY_FIELDS, "upvotes", "comment_count", "author_count"]
    fields += ["published_on", "captured_on", "updated_at"]
    Paper.objects.bulk_update(
        [paper for paper in changed if paper.is_changed], fields, batch_size=100
    )
    ListingEntry.objects.bulk_update(entries, ["paper", "outcome", "replaced"], batch_size=200)


def _paper_ids_done(listing, known):
    """Papers that an earlier entry of this listing is: the first entry counts."""
    papers = [paper.pk for paper in known.found["identity"].values()]
    applied = listing.entries.applied_to_papers().filter(paper__in=papers)
    return set(applied.values_list("paper_id", flat=True))


def _apply_to_paper(entry, paper, captured_on):
    """Change ``paper`` to what ``entry`` says, and keep in ``entry`` what was there before."""
    found = field_changes(entry, paper, captured_on)
    if found:
        entry.outcome = Outcome.UPDATED
        paper.updated_at = timezone.now()
        for field, (_, new) in found.items():
            setattr(paper, field, new)
        set_keys(paper)
    replaced = {field: old for field, (old, _) in found.items()}
    if paper.captured_on is None or paper.captured_on < captured_on:
        replaced["captured_on"] = paper.captured_on
        paper.captured_on = captured_on
    entry.replaced = {
        field: value.isoformat() if hasattr(value, "isoformat") else value
        for field, value in replaced.items()
    } or None
    paper.is_changed = bool(replaced)
