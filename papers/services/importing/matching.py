"""Which paper an entry is, and what the entry would change of it.

This is the whole rule, for looking and for applying alike.
"""

from hashlib import blake2b

from django.db.models import Q
from django.utils import timezone

from papers.listing.identity import identity, title_key
from papers.models import Listing, ListingEntry, Paper
from papers.services.importing.lookalikes import Lookalikes

Plan = ListingEntry.Plan

FIGURES = ("upvotes", "comment_count", "author_count", "published_on")
IDS = ("arxiv_id", "doi")
KEYS = ("identity", "title_key", "body_key", "arxiv_id", "doi")
BATCH = 500


def set_keys(row):
    """Give ``row``, an entry or a paper, the keys that follow from its text and ids."""
    row.identity = identity(row.title, arxiv_id=row.arxiv_id, doi=row.doi)
    row.title_key = title_key(row.title)[:255]
    row.body_key = body_key(row.title, row.abstract)


def body_key(title, abstract):
    """A key of title and abstract together: the same wherever one is cut from the other.

    So a paper whose title was corrected by hand is known again in the next listing.
    """
    text = "".join(f"{title}{abstract}".split()).casefold()
    return blake2b(text.encode(), digest_size=16).hexdigest()


class Known:
    """The papers of ``group`` that ``entries`` may be; one query."""

    def __init__(self, group, entries):
        wanted = {key: {getattr(entry, key) for entry in entries} - {""} for key in KEYS}
        same = Q()
        for key in ("title_key", "body_key", "arxiv_id", "doi"):
            if wanted[key]:
                same |= Q(**{f"{key}__in": wanted[key]})
        self.found = {key: {} for key in KEYS}
        for paper in Paper.objects.of(group).filter(same).order_by("-pk") if same else ():
            self.add(paper)

    def add(self, row):
        """From now on ``row``, a paper or an entry, is known."""
        for key, rows in self.found.items():
            if value := getattr(row, key):
                rows[value] = row

    def match(self, entry):
        """What ``entry`` is, or None. Strongest first: arXiv id, DOI, title, whole text."""
        for key in ("arxiv_id", "doi", "identity", "title_key", "body_key"):
            row = self.found[key].get(getattr(entry, key))
            if row is not None and getattr(entry, key) and not _differ_in_id(entry, row):
                return row
        return None


def _differ_in_id(entry, row):
    """Two works may have one title ("Introduction"), but not with two arXiv ids or DOIs."""
    if entry.arxiv_id and row.arxiv_id:
        return entry.arxiv_id != row.arxiv_id
    return bool(entry.doi and row.doi and entry.doi != row.doi)


def changes(entry, paper, captured_on):
    """What ``entry`` changes of ``paper``: a dict of field to (old, new).

    Figures and texts captured earlier never replace later ones, a text edited by hand is never
    replaced, and nothing is replaced by nothing.
    """
    older = paper.captured_on is not None and captured_on < paper.captured_on
    found = {}
    for field in FIGURES:
        old, new = getattr(paper, field), getattr(entry, field)
        if new is not None and new != old and (old is None or not older):
            found[field] = (old, new)
    for field in IDS:
        old, new = getattr(paper, field), getattr(entry, field)
        if new and not old:
            found[field] = (old, new)
    for field, edited in (("title", paper.title_edited), ("abstract", paper.abstract_edited)):
        old, new = getattr(paper, field), getattr(entry, field)
        if new and new != old and not edited and not (older and old) and not _alike(old, new):
            found[field] = (old, new)
    return found


def _alike(old, new):
    """True where two texts differ in TeX and punctuation alone: one page shows TeX, another not."""
    return bool(old) and title_key(old) == title_key(new)


def plan(entry, known, seen, captured_on):
    """Set what applying would do with ``entry``. ``seen``: the entries before it in its listing."""
    entry.paper_id = entry.looks_like_id = None
    if entry.problem:
        entry.plan = Plan.PROBLEM
        return
    paper = known.match(entry)
    entry.paper_id = paper and paper.pk
    if seen.match(entry) is not None:
        entry.plan = Plan.REPEATED
    elif paper is None:
        entry.plan = Plan.CREATE
    else:
        entry.plan = Plan.UPDATE if changes(entry, paper, captured_on) else Plan.UNCHANGED
    seen.add(entry)


def plan_batch(group, entries, seen, captured_on, lookalikes):
    """Set what applying would do with each of ``entries``."""
    known = Known(group, [entry for entry in entries if not entry.problem])
    for entry in entries:
        plan(entry, known, seen, captured_on)
        if entry.plan == Plan.CREATE and (like := lookalikes.find(entry.title_key)):
            entry.plan, entry.looks_like_id = Plan.LOOKALIKE, like


def compare(listing):
    """Compare all entries of a staged ``listing`` with the group's papers as they are now."""
    seen, lookalikes = Known(listing.group, []), Lookalikes(listing.group)
    waiting = listing.entries.waiting().defer("excerpt", "doubts")
    for start in range(0, listing.entry_count, BATCH):
        entries = list(waiting.filter(position__gte=start, position__lt=start + BATCH))
        before = [(entry.plan, entry.paper_id, entry.looks_like_id) for entry in entries]
        plan_batch(listing.group, entries, seen, listing.captured_on, lookalikes)
        moved = [
            entry
            for entry, was in zip(entries, before, strict=True)
            if (entry.plan, entry.paper_id, entry.looks_like_id) != was
        ]
        ListingEntry.objects.bulk_update(moved, ["plan", "paper", "looks_like"], batch_size=200)
    listing.compared_at = timezone.now()
    listing.save(update_fields=["compared_at"])


def compare_entry(entry):
    """Give a corrected ``entry`` its keys anew and compare it; the caller saves it."""
    listing = entry.listing
    set_keys(entry)
    rest = listing.entries.filter(position__lt=entry.position, problem="", left_out=False)
    seen = Known(listing.group, [])
    for other in rest.filter(Q(title_key=entry.title_key) | Q(body_key=entry.body_key)):
        seen.add(other)
    plan_batch(listing.group, [entry], seen, listing.captured_on, Lookalikes(listing.group))


def others_must_compare(listing):
    """The group's papers changed: what other staged listings would do may be another thing now."""
    Listing.objects.filter(group=listing.group_id).exclude(pk=listing.pk).update(compared_at=None)
