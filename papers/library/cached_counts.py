"""Cached counts and first ids of filtered papers, until the group's papers change.

The cost of counting and of sorting grows with the number of papers that pass the filters. So the
results are cached under a number that rises with every change of the group's papers, and are looked
up together. Results that depend on the member's own votes are cached under these as well. Results
that depend on all votes or on comments change often and are never many, so they are computed each
time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from papers.library import facets, ranking, search
from papers.library.filters import SORT_ORDERS, UNVOTED

if TYPE_CHECKING:
    from papers.library.facets import FacetCounts
    from papers.library.filters import PaperFilter

CACHE_SECONDS = 300
CACHE_FORMAT = 2  # to be raised if the shape of a cached value changes
MOST_FIRST_IDS = search.MOST_RANKED


def counts_and_first_ids(paper_filter: PaperFilter) -> tuple[FacetCounts, list[int]]:
    """The counts of a valid ``paper_filter``, and the first ids of its list.

    Sorted by best match, these are all ids; sorted by ranking, those of all ranked papers. In
    another order they are empty if no filter is set, because an index has the ids in order.
    """
    lets_few = paper_filter.is_live or UNVOTED not in paper_filter.my_vote_choices
    makers = _counts_makers(paper_filter)
    if paper_filter.shared_filters and not lets_few and not paper_filter.is_sorted_by_ranking:
        makers[_cache_key(paper_filter, paper_filter.sort)] = lambda: _first_ids(
            paper_filter, ("mine",)
        )
    counts, *first = _get_or_compute(paper_filter, makers)
    if paper_filter.is_sorted_by_ranking:
        few = paper_filter.filtered_papers(few=True)
        papers = ranking.ranked_papers(paper_filter.group, few)
        return counts, list(papers.values_list("pk", flat=True))
    if lets_few:
        return counts, _first_ids(paper_filter, few=True)
    return counts, [pk for pk in first[0] if paper_filter.has_chosen_vote(pk)] if first else []


def facet_counts(paper_filter: PaperFilter) -> FacetCounts:
    """The counts of a valid ``paper_filter``."""
    return _get_or_compute(paper_filter, _counts_makers(paper_filter))[0]


def _counts_makers(paper_filter: PaperFilter) -> dict[str, Callable[[], Any]]:
    return {
        _cache_key(paper_filter, "mine", *paper_filter.my_votes_key): lambda: (
            facets.narrow_to_my_vote(paper_filter, _shared_counts(paper_filter))
        )
    }


def _shared_counts(paper_filter: PaperFilter) -> FacetCounts:
    """The counts that are the same for every member."""
    key = _cache_key(paper_filter, "counts")
    return _get_or_compute(paper_filter, {key: lambda: facets.count_facets(paper_filter)})[0]


def _get_or_compute(paper_filter: PaperFilter, makers: dict[str, Callable[[], Any]]) -> list[Any]:
    """The results of ``makers``, functions by cache key; from the cache unless the filter is live.

    The order is that of ``makers``.
    """
    results = {} if paper_filter.is_live else cache.get_many(makers)
    for key in makers.keys() - results.keys():
        results[key] = makers[key]()
        if not paper_filter.is_live:
            cache.set(key, results[key], CACHE_SECONDS)
    return [results[key] for key in makers]


def _cache_key(paper_filter: PaperFilter, kind: str, *of_member: object) -> str:
    """The key of a result of ``kind``; ``of_member``: the facts about the member it depends on."""
    group = paper_filter.group
    digest = sha256(repr([*paper_filter.shared_filters, *of_member]).encode()).hexdigest()
    return f"papers:{CACHE_FORMAT}:{group.pk}:{group.papers_version}:{kind}:{digest}"


def _first_ids(
    paper_filter: PaperFilter, leaving_out: Collection[str] = (), few: bool = False
) -> list[int]:
    """The first ids in the chosen order, without the filters ``leaving_out``."""
    if paper_filter.is_sorted_by_best:
        papers = paper_filter.filtered_papers(leaving_out=("q", *leaving_out), few=few)
        return search.best_match_ids(papers, paper_filter.group, paper_filter.cleaned_value("q"))
    papers = paper_filter.filtered_papers(leaving_out, few=few)
    ids = papers.order_by(*SORT_ORDERS[paper_filter.sort]).values_list("pk", flat=True)
    return list(ids[:MOST_FIRST_IDS])
