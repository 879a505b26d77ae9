"""How many papers there are: in all, by status, by topic, by year."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from papers.models import Listing, Paper

SHOWN_YEARS = 40
SHOWN_LISTINGS = 100


@dataclass
class Counts:
    """Each facet's counts leave out what was chosen in that facet itself."""

    total: int = 0
    statuses: Counter = field(default_factory=Counter)
    years: Counter = field(default_factory=Counter)
    topics: list = field(default_factory=list)  # (slug, name, count)
    listings: list = field(default_factory=list)  # (id, name)


def count(choice):
    """The ``Counts`` of a valid ``PaperFilter``."""
    found = Counts(topics=_topics(choice), listings=_listings(choice.group))
    _count_days(choice, found)
    return found


def _count_days(choice, found):
    """Total, statuses and years, from one query that leaves both facets out."""
    statuses = choice.cleaned("status")
    first, last = choice.cleaned("year_min") or 0, choice.cleaned("year_max") or 0
    days = choice.papers(leaving_out=("status", "year_min", "year_max"))
    days = days.values_list("status", "dated_on").annotate(Count("pk")).order_by()
    for status, day, number in days:
        wanted = not statuses or status in statuses
        within = (not first or day.year >= first) and (not last or 1000 <= day.year <= last)
        found.total += number if wanted and within else 0
        found.statuses[status] += number if within else 0
        found.years[day.year] += number if wanted and day.year > 1 else 0


def _topics(choice):
    counted = Paper.topics.through.objects.filter(topic__group=choice.group).values_list("topic")
    if any(name != "topic" for name, _ in choice.filtering):
        papers = choice.papers(leaving_out=("topic",))
        counted = papers.filter(topics__isnull=False).values_list("topics")
    numbers = dict(counted.annotate(Count("pk")).order_by())
    topics = choice.group.topics.values_list("pk", "slug", "name")
    return [(slug, name, numbers.get(pk, 0)) for pk, slug, name in topics]


def _listings(group):
    left = (Listing.State.APPLIED, Listing.State.APPLYING)
    listings = group.listings.filter(state__in=left).order_by("-pk")
    return list(listings.values_list("pk", "name")[:SHOWN_LISTINGS])


@dataclass(frozen=True)
class Bar:
    """A year of the histogram. Texts: a template makes much of a number."""

    year: str
    number: str
    x: str
    y: str
    height: str
    chosen: bool


HEIGHT, STEP = 40, 10


def histogram(years, first=None, last=None):
    """Bars for the years, the last ``SHOWN_YEARS`` at most; ``first`` to ``last`` are chosen."""
    if not years:
        return []
    newest = max(years)
    oldest = max(min(years), newest - SHOWN_YEARS + 1)
    most = max(years.values())
    bars = []
    for year in range(oldest, newest + 1):
        number = years.get(year, 0)
        height = max(round(HEIGHT * number / most), 2) if number else 0
        place = ((year - oldest) * STEP, HEIGHT - height, height)
        chosen = (first or year) <= year <= (last or year)
        bars.append(Bar(f"{year}", f"{number:,}", *map(str, place), chosen))
    return bars
