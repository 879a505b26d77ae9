"""Which paper an entry is, and what the entry would change of it.

This is the whole rule, for looking and for applying alike.
"""

from django.db import transaction
from django.db.models import Q

from papers.listing.identity import title_key
from papers.models import Group, Listing, ListingEntry, Paper
from papers.services.importing.lookalikes import Lookalikes

Plan = ListingEntry.Plan

FIGURE_FIELDS = ("upvotes", "comment_count", "author_count", "published_on")
ID_FIELDS = ("arxiv_id", "doi")
# Strongest first: two rows are the same paper where one of these is the same.
KEY_FIELDS = ("arxiv_id", "doi", "identity", "title_key", "body_key")
PLAN_FIELDS = ["plan", "paper", "looks_like"]
BATCH_SIZE = 500


def lock_group_and_listing(listing_id):
    """The group and the listing, locked in this order until the transaction ends.

    Whoever writes to a listing, its entries or, from a listing, to papers waits here.
    """
    group = Group.objects.select_for_update(of=["self"]).get(listings=listing_id)
    return group, Listing.objects.select_for_update(of=["self"]).get(pk=listing_id)


def shares_a_key(rows):
    """A Q of entries or papers that have a key of ``rows``; None where these have no keys."""
    same = None
    for key in KEY_FIELDS:
        if values := {getattr(row, key) for row in rows} - {""}:
            one = Q(**{f"{key}__in": values})
            same = one if same is None else same | one
    return same


class KnownPapers:
    """The papers of ``group`` that ``entries`` may be; one query."""

    def __init__(self, group, entries):
        self.found = {key: {} for key in KEY_FIELDS}
        same = shares_a_key(entries)
        # Of several the oldest wins: it is added last.
        for paper in Paper.objects.in_group(group).filter(same).order_by("-pk") if same else ():
            self.add_row(paper)

    def add_row(self, row):
        """From now on ``row``, a paper or an entry, is known."""
        for key, rows in self.found.items():
            if value := getattr(row, key):
                rows[value] = row

    def find_match(self, entry):
        """What ``entry`` is, or None."""
        for key in KEY_FIELDS:
            value = getattr(entry, key)
            row = self.found[key].get(value) if value else None
            if row is not None and not _have_different_ids(entry, row):
                return row
        return None


def _have_different_ids(entry, row):
    """Two works may have one title ("Introduction"), but not with two arXiv ids or DOIs."""
    if entry.arxiv_id and row.arxiv_id:
        return entry.arxiv_id != row.arxiv_id
    return bool(entry.doi and row.doi and entry.doi != row.doi)


def field_changes(entry, paper, captured_on):
    """What ``entry`` changes of ``paper``: a dict of field to (old, new).

    Figures and texts captured earlier never replace later ones, a text edited by hand is never
    replaced, and nothing is replaced by nothing.
    """
    older = paper.captured_on is not None and captured_on < paper.captured_on
    found = {}
    for field in FIGURE_FIELDS:
        old, new = getattr(paper, field), getattr(entry, field)
        if new is not None and new != old and (old is None or not older):
            found[field] = (old, new)
    for field in ID_FIELDS:
        old, new = getattr(paper, field), getattr(entry, field)
        if new and not old:
            found[field] = (old, new)
    for field, edited in (("title", paper.title_edited), ("abstract", paper.abstract_edited)):
        old, new = getattr(paper, field), getattr(entry, field)
        if (
            new
            and new != old
            and not edited
            and not (older and old)
            and not _is_same_text(old, new)
        ):
            found[field] = (old, new)
    return found


def _is_same_text(old, new):
    """True where two texts differ in TeX and punctuation alone: one page shows TeX, another not."""
    return bool(old) and title_key(old) == title_key(new)


def _plan_entry(entry, known, seen, captured_on):
    """Set what applying would do with ``entry``. ``seen``: the entries before it in its listing."""
    entry.paper_id = entry.looks_like_id = None
    if entry.problem:
        entry.plan = Plan.PROBLEM
        return
    paper = known.find_match(entry)
    entry.paper_id = paper and paper.pk
    if seen.find_match(entry) is not None:
        entry.plan = Plan.REPEATED
    elif paper is None:
        entry.plan = Plan.CREATE
    else:
        entry.plan = Plan.UPDATE if field_changes(entry, paper, captured_on) else Plan.UNCHANGED
    if not entry.left_out:
        seen.add_row(entry)


def plan_batch(group, entries, seen, captured_on, lookalikes):
    """Set what applying would do with each of ``entries``; nothing is saved."""
    known = KnownPapers(group, [entry for entry in entries if not entry.problem])
    for entry in entries:
        _plan_entry(entry, known, seen, captured_on)
        if entry.plan == Plan.CREATE and (like := lookalikes.most_similar(entry.title_key)):
            entry.plan, entry.looks_like_id = Plan.LOOKALIKE, like


def compare_entries(listing):
    """Compare all entries of a staged ``listing`` with the group's papers as they are now.

    In short transactions; stops where somebody starts to apply meanwhile.
    """
    version = Group.objects.values_list("papers_version", flat=True).get(pk=listing.group_id)
    seen, lookalikes = KnownPapers(listing.group, []), Lookalikes(listing.group)
    for start in range(0, listing.entry_count, BATCH_SIZE):
        if not _compare_batch(listing.pk, start, seen, lookalikes):
            return
    Listing.objects.filter(pk=listing.pk).update(compared_version=version)


@transaction.atomic
def _compare_batch(listing_id, start, seen, lookalikes):
    group, listing = lock_group_and_listing(listing_id)
    if listing.state != Listing.State.STAGED:
        return False
    entries = listing.entries.filter(position__gte=start, position__lt=start + BATCH_SIZE)
    _plan_and_save(group, listing, list(entries.defer("excerpt", "doubts")), seen, lookalikes)
    return True


def _plan_and_save(group, listing, entries, seen, lookalikes):
    def current_plans():
        return [(entry.plan, entry.paper_id, entry.looks_like_id) for entry in entries]

    before = current_plans()
    plan_batch(group, entries, seen, listing.captured_on, lookalikes)
    moved = [
        entry
        for entry, old, new in zip(entries, before, current_plans(), strict=True)
        if old != new
    ]
    ListingEntry.objects.bulk_update(moved, PLAN_FIELDS, batch_size=200)


def compare_related(group, listing, *rows):
    """Compare anew the entries that share a key with ``rows``: an entry before and after a change.

    The caller holds the lock.
    """
    if same := shares_a_key(rows):
        entries = list(listing.entries.filter(same).order_by("position"))
        lookalikes = Lookalikes(group, [entry.title_key for entry in entries])
        _plan_and_save(group, listing, entries, KnownPapers(group, []), lookalikes)
