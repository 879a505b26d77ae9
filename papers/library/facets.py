"""How many papers there are: in all, by status, by topic, by year, by my vote."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from papers.library.filters import STANCES, UNVOTED
from papers.models import Listing, Paper

SHOWN_YEARS = 40
SHOWN_LISTINGS = 100
STATUS_AND_YEAR = ("status", "year_min", "year_max")


@dataclass
class FacetCounts:
    """Each facet's counts leave out what was chosen in that facet itself."""

    total: int = 0
    statuses: Counter = field(default_factory=Counter)
    years: Counter = field(default_factory=Counter)
    topics: list = field(default_factory=list)  # (slug, name, count)
    listings: list = field(default_factory=list)  # (id, name)
    mine: Counter = field(default_factory=Counter)


def count_facets(choice):
    """The ``FacetCounts`` of a valid ``PaperFilter`` that do not depend on the member."""
    found = FacetCounts(listings=_applied_listings(choice.group))
    _count_statuses_and_years(
        choice, choice.filtered_papers(leaving_out=(*STATUS_AND_YEAR, "mine")), found
    )
    numbers = _counts_by_topic(choice)
    topics = choice.group.topics.values_list("pk", "slug", "name")
    found.topics = [(slug, name, numbers.get(pk, 0)) for pk, slug, name in topics]
    return found


def narrow_to_my_vote(choice, everything):
    """What of the counts of ``everything`` is left where my vote is what was chosen.

    Counted is only what I have voted on, which is never much; the rest is a difference.
    """
    voted = {name: _voted_counts(choice, name) for name in STANCES}
    mine = Counter({name: counts.total for name, counts in voted.items()})
    mine[UNVOTED] = everything.total - mine.total()
    if UNVOTED in choice.my_vote_choices:
        found, sign = everything, -1
        others = [counts for name, counts in voted.items() if name not in choice.my_vote_choices]
    else:
        topics = [(slug, name, 0) for slug, name, _ in everything.topics]
        found, sign = FacetCounts(topics=topics, listings=everything.listings), 1
        others = [voted[name] for name in choice.my_vote_choices]
    for counts in others:
        found = _combine_counts(found, counts, sign)
    found.mine = mine
    return found


def _voted_counts(choice, name):
    """The ``FacetCounts`` of what I have voted on so."""
    found = FacetCounts()
    if not any(stance in STANCES[name] for stance in choice.my_votes.values()):
        return found
    voted = choice.voted_paper_ids([name])
    _count_statuses_and_years(
        choice,
        choice.filtered_papers((*STATUS_AND_YEAR, "mine"), few=True).filter(pk__in=voted),
        found,
    )
    papers = choice.filtered_papers(("topic", "mine"), few=True).filter(pk__in=voted)
    found.topics = list(
        papers.filter(topics__isnull=False)
        .values_list("topics__slug", "topics__name")
        .annotate(Count("pk"))
        .order_by()
    )
    return found


def _combine_counts(one, other, sign):
    """``one`` and ``other``, or ``one`` without it."""
    numbers = {slug: number for slug, _, number in other.topics}
    return FacetCounts(
        total=one.total + sign * other.total,
        statuses=_add_or_subtract(one.statuses, other.statuses, sign),
        years=_add_or_subtract(one.years, other.years, sign),
        topics=[
            (slug, name, number + sign * numbers.get(slug, 0)) for slug, name, number in one.topics
        ],
        listings=one.listings,
    )


def _add_or_subtract(one, other, sign):
    return one + other if sign > 0 else one - other


def _count_statuses_and_years(choice, papers, found):
    """Count ``papers``, which pass all but the filters of status and year, in ``found``."""
    statuses = choice.cleaned_value("status")
    first, last = choice.cleaned_value("year_min") or 0, choice.cleaned_value("year_max") or 0
    days = papers.values_list("status", "dated_on").annotate(Count("pk"))
    for status, day, number in days:
        wanted = not statuses or status in statuses
        within = (not first or day.year >= first) and (not last or 1000 <= day.year <= last)
        found.total += number if wanted and within else 0
        found.statuses[status] += number if within else 0
        found.years[day.year] += number if wanted and day.year > 1 else 0


def _counts_by_topic(choice):
    counted = Paper.topics.through.objects.filter(topic__group=choice.group).values_list("topic")
    if any(name != "topic" for name, _ in choice.shared_filters):
        papers = choice.filtered_papers(leaving_out=("topic", "mine"))
        counted = papers.filter(topics__isnull=False).values_list("topics")
    return dict(counted.annotate(Count("pk")).order_by())


def _applied_listings(group):
    left = (Listing.State.APPLIED, Listing.State.APPLYING)
    listings = group.listings.filter(state__in=left).order_by("-pk")
    return list(listings.values_list("pk", "name")[:SHOWN_LISTINGS])


@dataclass(frozen=True)
class YearBar:
    """A year of the histogram. Texts: a template makes much of a number."""

    year: str
    number: str
    x: str
    y: str
    height: str
    is_chosen: bool


BAR_HEIGHT, BAR_STEP = 40, 10


def year_bars(years, first=None, last=None):
    """Bars for the years, the last ``SHOWN_YEARS`` at most; ``first`` to ``last`` are chosen."""
    if not years:
        return []
    newest = max(years)
    oldest = max(min(years), newest - SHOWN_YEARS + 1)
    most = max(years.values())
    bars = []
    for year in range(oldest, newest + 1):
        number = years.get(year, 0)
        height = max(round(BAR_HEIGHT * number / most), 2) if number else 0
        place = ((year - oldest) * BAR_STEP, BAR_HEIGHT - height, height)
        chosen = (first or year) <= year <= (last or year)
        bars.append(YearBar(f"{year}", f"{number:,}", *map(str, place), chosen))
    return bars
