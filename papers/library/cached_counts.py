"""What is kept of a choice of papers until the group's papers change.

Counting costs what there is to count, and so does sorting what passed a filter. Both are kept in
the cache under the number that rises with every change of the group's papers, and looked up
together. What hangs on one's own votes is kept under these, too; what hangs on all votes and on
comments changes often and is never much, so that it is counted each time.
"""

from hashlib import sha256

from django.core.cache import cache

from papers.library import facets, ranking, search
from papers.library.filters import SORT_ORDERS, UNVOTED

CACHE_SECONDS = 300
CACHE_FORMAT = 2  # rises when what is kept changes its form
MOST_FIRST_IDS = search.MOST_RANKED


def counts_and_first_ids(choice):
    """The counts of a valid ``PaperFilter``, and the ids that its list begins with.

    The ids are all there are where the best come first, and all that have a rank where those do.
    Without a filter there are none otherwise: then an index has them in order.
    """
    lets_few = choice.is_live or UNVOTED not in choice.my_vote_choices
    makers = {
        _cache_key(choice, "mine", *choice.my_votes_key): lambda: facets.narrow_to_my_vote(
            choice, _shared_counts(choice)
        )
    }
    if choice.shared_filters and not lets_few and not choice.is_sorted_by_ranking:
        makers[_cache_key(choice, choice.sort)] = lambda: _first_ids(choice, ("mine",))
    counts, *first = _get_or_compute(choice, makers)
    if choice.is_sorted_by_ranking:
        papers = ranking.ranked_papers(choice.group, choice.filtered_papers(few=True))
        return counts, list(papers.values_list("pk", flat=True))
    if lets_few:
        return counts, _first_ids(choice, few=True)
    return counts, [pk for pk in first[0] if choice.has_chosen_vote(pk)] if first else []


def _shared_counts(choice):
    """The counts that are the same for each member."""
    return _get_or_compute(
        choice, {_cache_key(choice, "counts"): lambda: facets.count_facets(choice)}
    )[0]


def _get_or_compute(choice, makers):
    """What ``makers``, functions by key, make: from the cache, where it is worth keeping."""
    found = {} if choice.is_live else cache.get_many(makers)
    for key in makers.keys() - found.keys():
        found[key] = makers[key]()
        if not choice.is_live:
            cache.set(key, found[key], CACHE_SECONDS)
    return [found[key] for key in makers]


def _cache_key(choice, what, *of_me):
    asked = sha256(repr([*choice.shared_filters, *of_me]).encode()).hexdigest()
    return f"papers:{CACHE_FORMAT}:{choice.group.pk}:{choice.group.papers_version}:{what}:{asked}"


def _first_ids(choice, leaving_out=(), few=False):
    if choice.is_sorted_by_best:
        papers = choice.filtered_papers(leaving_out=("q", *leaving_out), few=few)
        return search.best_match_ids(papers, choice.group, choice.cleaned_value("q"))
    papers = choice.filtered_papers(leaving_out, few=few)
    return list(
        papers.order_by(*SORT_ORDERS[choice.sort]).values_list("pk", flat=True)[:MOST_FIRST_IDS]
    )
