"""The preview of an import: counts, and a page of entries with the changes they make."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.urls import reverse

from papers.listing.titles.split import explain_cuts
from papers.models import Listing, ListingEntry
from papers.models.listings import IS_UNSURE, NEEDS_A_LOOK
from papers.services.importing.matching import field_changes

Plan, Outcome = ListingEntry.Plan, ListingEntry.Outcome

PER_PAGE = 50
EXCERPT_LENGTH = 2000  # characters of a text that could not be read
MOST_REASONS = 6  # the strongest reasons for a title
CUT_WORDS = 60  # first words of an unsure entry, any of which may begin the abstract
CUT_WITHIN = ListingEntry._meta.get_field("title").max_length  # characters; no title is longer

# Tabs before applying: (name, label, filter of the entries).
TO_APPLY = Q(left_out=False)
TABS_BEFORE = [
    ("new", "New", TO_APPLY & Q(plan__in=[Plan.CREATE, Plan.LOOKALIKE])),
    ("changed", "Changed", TO_APPLY & Q(plan=Plan.UPDATE)),
    ("unchanged", "Already here", TO_APPLY & Q(plan__in=[Plan.UNCHANGED, Plan.REPEATED])),
    ("lookalike", "Look like another", TO_APPLY & Q(plan=Plan.LOOKALIKE)),
    ("unsure", "Unsure", IS_UNSURE),
    ("problem", "Problems", Q(plan=Plan.PROBLEM)),
    ("left-out", "Left out", Q(left_out=True)),
]
NEEDING = "needing"
TABS_AFTER = [
    (outcome.value, outcome.label.capitalize(), Q(outcome=outcome))
    for outcome in (
        Outcome.CREATED,
        Outcome.UPDATED,
        Outcome.UNCHANGED,
        Outcome.LEFT_OUT,
        Outcome.PROBLEM,
    )
] + [("kept", "Kept", ~Q(kept=""))]


class NeedingALookFirst:
    """The entries of a staged listing for a paginator: first those that a person should check."""

    def __init__(self, entries, needing_count, total):
        self.first, self.rest = entries.needing_a_look(), entries.needing_none()
        self.needing_count, self.total = needing_count, total

    def count(self):
        return self.total

    def __getitem__(self, wanted):
        start, stop, turn = wanted.start, min(wanted.stop, self.total), self.needing_count
        first = self.first[start : min(stop, turn)] if start < turn else ()
        rest = self.rest[max(start - turn, 0) : stop - turn] if stop > turn else ()
        return [*first, *rest]


class ImportPreview:
    """The preview of ``listing``, for the query parameters ``show`` and ``page``."""

    def __init__(self, listing, query):
        self.listing = listing
        self.is_before = listing.state == Listing.State.STAGED
        self.kinds = TABS_BEFORE if self.is_before else TABS_AFTER
        self.count = self._counts_by_kind()
        self.needing_count = self.count.pop(NEEDING, 0)  # entries that a person should check
        self.shown = query.get("show") if query.get("show") in self.count else ""
        self.page = self._paginator().get_page(query.get("page"))
        self.rows = [EntryRow(entry, listing) for entry in self.page]

    def _paginator(self):
        entries = self._entries_of_kind(self.shown) if self.shown else self.listing.entries.all()
        entries = entries.select_related("paper", "looks_like").order_by("position")
        total = self.count[self.shown] if self.shown else self.listing.entry_count
        if self.is_before and not self.shown:
            entries = NeedingALookFirst(entries, self.needing_count, total)
        paginator = Paginator(entries, PER_PAGE)
        paginator.count = total
        return paginator

    def _entries_of_kind(self, name):
        return self.listing.entries.filter(next(q for n, _, q in self.kinds if n == name))

    def _counts_by_kind(self):
        filters = {name: q for name, _, q in self.kinds}
        if self.is_before:
            filters[NEEDING] = NEEDS_A_LOOK
        # No name is that of a field, which a later filter would take it for.
        columns = {name: f"number_{name}".replace("-", "_") for name in filters}
        counts = {columns[name]: Count("pk", filter=q) for name, q in filters.items()}
        numbers = self.listing.entries.aggregate(**counts)
        return {name: numbers[column] for name, column in columns.items()}

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        """(name, label, count) of "all", and of each kind that has entries."""
        tabs = [("", "All", self.listing.entry_count)]
        return tabs + [(n, label, self.count[n]) for n, label, _ in self.kinds if self.count[n]]

    @property
    def apply_summary(self) -> str:
        """The effect of applying in words, such as "12 new, 3 changed"; "" if there is none."""
        parts = [(self.count["new"], "new"), (self.count["changed"], "changed")]
        return ", ".join(f"{n:,} {word}" for n, word in parts if n)


class EntryRow:
    """One entry of the preview."""

    def __init__(self, entry, listing):
        self.entry = entry
        self.is_before = listing.state == Listing.State.STAGED
        self.kind = entry.plan if self.is_before else entry.outcome
        self.badge = (
            entry.get_plan_display()
            if self.is_before or not entry.outcome
            else entry.get_outcome_display().capitalize()
        )
        self.doubts = entry.doubts.splitlines()

    @property
    def field_changes(self):
        """The changes that applying would make, as (field, old, new)."""
        if not self.is_before or self.entry.plan != Plan.UPDATE or self.entry.paper is None:
            return []
        changes = field_changes(self.entry, self.entry.paper, self.entry.listing.captured_on)
        return [(field.replace("_", " "), old, new) for field, (old, new) in changes.items()]

    @property
    def is_unsure(self) -> bool:
        return self.is_before and self.entry.is_unsure

    @property
    def can_be_confirmed(self) -> bool:
        """Whether a person may say that the entry is right: it is unsure, or looks like another."""
        is_like_another = self.is_before and self.entry.plan == Plan.LOOKALIKE
        return self.is_unsure or (
            is_like_another and not (self.entry.checked or self.entry.left_out)
        )

    @property
    def title_choices(self) -> list["TitleChoice"]:
        """The likeliest titles of an unsure entry; [] if the entry is sure."""
        if not (self.is_unsure and self.entry.has_unsure_title):
            return []
        reasons = [
            reason for reason in explain_cuts(self.entry.title_and_abstract) if reason.cut.abstract
        ]
        choices = [TitleChoice(self.entry, reason) for reason in reasons]
        return [choice for choice in choices if choice.at <= CUT_WITHIN and choice.is_plausible]

    @property
    def first_words(self) -> list[tuple[int, str, bool]]:
        """The first words as (offset, word, whether the abstract begins there now)."""
        at, words = 0, []
        for word in self.entry.title_and_abstract.split(" ", CUT_WORDS)[:CUT_WORDS]:
            if at > CUT_WITHIN:
                break
            words.append((at, word, at == len(self.entry.title) + 1))
            at += len(word) + 1
        return words


class TitleChoice:
    """A possible title of an unsure entry, chosen by one click.

    ``at`` is the offset at which its abstract would begin, in characters.
    """

    def __init__(self, entry, reason):
        self.title = reason.cut.title
        self.abstract = reason.cut.abstract
        self.at = len(entry.title_and_abstract) - len(reason.cut.abstract)
        self.percent = round(100 * reason.cut.confidence)
        self.is_now = self.title == entry.title
        self.reasons = [name for name, _ in reason.features[:MOST_REASONS]]

    @property
    def is_plausible(self) -> bool:
        return self.is_now or self.percent > 0


def raw_excerpt(listing: Listing) -> str:
    """The beginning of a text that could not be read, for a person to look at."""
    return listing.raw_bytes[: 4 * EXCERPT_LENGTH].decode(errors="replace")[:EXCERPT_LENGTH]


def entry_url(entry: ListingEntry) -> str:
    """The address of ``entry`` in the preview."""
    listing = entry.listing
    before, index = listing.entries.filter(position__lt=entry.position), entry.position
    if listing.state == Listing.State.STAGED:
        needing = listing.entries.needing_a_look()
        if needing.filter(pk=entry.pk).exists():
            index = before.needing_a_look().count()
        else:
            index = needing.count() + before.needing_none().count()
    url = reverse("admin:papers_listing_change", args=[listing.pk])
    return f"{url}?page={index // PER_PAGE + 1}#e{entry.pk}"
