"""Facet counts of filtered papers: in total, by status, by topic, by year, by the member's vote."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Count

from papers.library.filters import STANCES, UNVOTED
from papers.models import Listing, Paper

if TYPE_CHECKING:
    from papers.library.filters import PaperFilter
    from papers.models import Group
    from papers.models.papers import PaperQuerySet

Key = TypeVar("Key", str, int)

SHOWN_YEARS = 40
SHOWN_LISTINGS = 100
STATUS_AND_YEAR = ("status", "year_min", "year_max")


@dataclass
class FacetCounts:
    """Numbers of papers. The counts of a facet ignore the filter of that facet."""

    total: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    topics: list[tuple[str, str, int]] = field(default_factory=list)  # (slug, name, count)
    listings: list[tuple[int, str]] = field(default_factory=list)  # (id, name)
    mine: Counter[str] = field(default_factory=Counter)  # by the keys of `MY_VOTE_LABELS`


def count_facets(paper_filter: PaperFilter) -> FacetCounts:
    """The counts of a valid ``paper_filter``, with any vote: the same for every member."""
    counts = FacetCounts(listings=_applied_listings(paper_filter.group))
    papers = paper_filter.filtered_papers(leaving_out=(*STATUS_AND_YEAR, "mine"))
    _count_statuses_and_years(paper_filter, papers, counts)
    numbers = _counts_by_topic(paper_filter)
    topics = paper_filter.group.topics.values_list("pk", "slug", "name")
    counts.topics = [(slug, name, numbers.get(pk, 0)) for pk, slug, name in topics]
    return counts


def narrow_to_my_vote(paper_filter: PaperFilter, everything: FacetCounts) -> FacetCounts:
    """The counts of the papers that pass "my vote", of ``everything`` from `count_facets`.

    Only the papers that the member has voted on are counted, which are never many; the rest is a
    difference.
    """
    voted = {name: _voted_counts(paper_filter, name) for name in STANCES}
    mine = Counter({name: counts.total for name, counts in voted.items()})
    mine[UNVOTED] = everything.total - mine.total()
    chosen = paper_filter.my_vote_choices
    if UNVOTED in chosen:
        result, sign = everything, -1
        others = [counts for name, counts in voted.items() if name not in chosen]
    else:
        topics = [(slug, name, 0) for slug, name, _ in everything.topics]
        result, sign = FacetCounts(topics=topics, listings=everything.listings), 1
        others = [voted[name] for name in chosen]
    for counts in others:
        result = _combine_counts(result, counts, sign)
    result.mine = mine
    return result


def _voted_counts(paper_filter: PaperFilter, name: str) -> FacetCounts:
    """The counts of the papers that the member has voted on as ``name``, a key of `STANCES`."""
    counts = FacetCounts()
    if not any(stance in STANCES[name] for stance in paper_filter.my_votes.values()):
        return counts
    voted = paper_filter.voted_paper_ids([name])
    papers = paper_filter.filtered_papers((*STATUS_AND_YEAR, "mine"), few=True)
    _count_statuses_and_years(paper_filter, papers.filter(pk__in=voted), counts)
    papers = paper_filter.filtered_papers(("topic", "mine"), few=True).filter(pk__in=voted)
    counts.topics = list(
        papers.filter(topics__isnull=False)
        .values_list("topics__slug", "topics__name")
        .annotate(Count("pk"))
        .order_by()
    )
    return counts


def _combine_counts(counts: FacetCounts, other: FacetCounts, sign: int) -> FacetCounts:
    """``counts`` plus ``other`` if ``sign`` is 1, minus ``other`` if it is -1."""
    numbers = {slug: number for slug, _, number in other.topics}
    return FacetCounts(
        total=counts.total + sign * other.total,
        statuses=_add_or_subtract(counts.statuses, other.statuses, sign),
        years=_add_or_subtract(counts.years, other.years, sign),
        topics=[
            (slug, name, number + sign * numbers.get(slug, 0))
            for slug, name, number in counts.topics
        ],
        listings=counts.listings,
    )


def _add_or_subtract(counter: Counter[Key], other: Counter[Key], sign: int) -> Counter[Key]:
    return counter + other if sign > 0 else counter - other


def _count_statuses_and_years(
    paper_filter: PaperFilter, papers: PaperQuerySet[Paper], counts: FacetCounts
) -> None:
    """Add ``papers`` to ``counts``; they pass all filters except those of status and year."""
    statuses = paper_filter.cleaned_value("status")
    first = paper_filter.cleaned_value("year_min") or 0
    last = paper_filter.cleaned_value("year_max") or 0
    days = papers.values_list("status", "dated_on").annotate(Count("pk"))
    for status, day, number in days:
        wanted = not statuses or status in statuses
        within = (not first or day.year >= first) and (not last or 1000 <= day.year <= last)
        counts.total += number if wanted and within else 0
        counts.statuses[status] += number if within else 0
        counts.years[day.year] += number if wanted and day.year > 1 else 0


def _counts_by_topic(paper_filter: PaperFilter) -> dict[int, int]:
    """Topic id -> number of papers that pass the filters shared by all members, except topic."""
    group = paper_filter.group
    if any(name != "topic" for name, _ in paper_filter.shared_filters):
        papers = paper_filter.filtered_papers(leaving_out=("topic", "mine"))
        tagged = papers.filter(topics__isnull=False).values_list("topics")
        return dict(tagged.annotate(Count("pk")).order_by())
    through = Paper.topics.through.objects.filter(topic__group=group).values_list("topic")
    return dict(through.annotate(Count("pk")).order_by())


def _applied_listings(group: Group) -> list[tuple[int, str]]:
    states = (Listing.State.APPLIED, Listing.State.APPLYING)
    listings = group.listings.filter(state__in=states).order_by("-pk")
    return list(listings.values_list("pk", "name")[:SHOWN_LISTINGS])


@dataclass(frozen=True)
class YearBar:
    """The bar of one year in the histogram: texts, because templates reformat numbers."""

    year: str
    number: str
    x: str
    y: str
    height: str
    is_chosen: bool


BAR_HEIGHT, BAR_STEP = 40, 10


def year_bars(
    years: Counter[int], first: int | None = None, last: int | None = None
) -> list[YearBar]:
    """Bars for the last ``SHOWN_YEARS`` of ``years``; ``first`` to ``last`` are chosen."""
    if not years:
        return []
    newest = max(years)
    oldest = max(min(years), newest - SHOWN_YEARS + 1)
    most = max(years.values())
    bars = []
    for year in range(oldest, newest + 1):
        number = years.get(year, 0)
        height = max(round(BAR_HEIGHT * number / most), 2) if number else 0
        bar = YearBar(
            year=f"{year}",
            number=f"{number:,}",
            x=str((year - oldest) * BAR_STEP),
            y=str(BAR_HEIGHT - height),
            height=str(height),
            is_chosen=(first or year) <= year <= (last or year),
        )
        bars.append(bar)
    return bars
