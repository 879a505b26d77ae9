"""What is kept of a choice of papers until the group's papers change.

Counting costs what there is to count, and so does sorting what passed a filter. Both are kept in
the cache under the number that rises with every change of the group's papers, and looked up
together. What hangs on one's own votes is kept under these, too; what hangs on all votes and on
comments changes often and is never much, so that it is counted each time.
"""

from hashlib import sha256

from django.core.cache import cache

from papers import facets, ranking, search
from papers.filters import ORDERS, UNVOTED

SECONDS = 300
FORMAT = 2  # rises when what is kept changes its form
FIRST = search.BEST


def counts_and_first(choice):
    """The counts of a valid ``PaperFilter``, and the ids that its list begins with.

    The ids are all there are where the best come first, and all that have a rank where those do.
    Without a filter there are none otherwise: then an index has them in order.
    """
    lets_few = choice.is_live or UNVOTED not in choice.chosen_mine
    makers = {
        _key(choice, "mine", *choice.of_me): lambda: facets.count_mine(choice, _of_all(choice))
    }
    if choice.of_all and not lets_few and not choice.is_sorted_by_ranking:
        makers[_key(choice, choice.sort)] = lambda: _first(choice, leaving_out=("mine",))
    counts, *first = _kept(choice, makers)
    if choice.is_sorted_by_ranking:
        papers = ranking.ranked(choice.group, choice.papers(few=True))
        return counts, list(papers.values_list("pk", flat=True))
    if lets_few:
        return counts, _first(choice, few=True)
    return counts, [pk for pk in first[0] if choice.is_mine(pk)] if first else []


def _of_all(choice):
    """The counts that are the same for each member."""
    return _kept(choice, {_key(choice, "counts"): lambda: facets.count(choice)})[0]


def _kept(choice, makers):
    """What ``makers``, functions by key, make: from the cache, where it is worth keeping."""
    found = {} if choice.is_live else cache.get_many(makers)
    for key in makers.keys() - found.keys():
        found[key] = makers[key]()
        if not choice.is_live:
            cache.set(key, found[key], SECONDS)
    return [found[key] for key in makers]


def _key(choice, what, *of_me):
    asked = sha256(repr([*choice.of_all, *of_me]).encode()).hexdigest()
    return f"papers:{FORMAT}:{choice.group.pk}:{choice.group.papers_version}:{what}:{asked}"


def _first(choice, leaving_out=(), few=False):
    if choice.is_sorted_by_best:
        papers = choice.papers(leaving_out=("q", *leaving_out), few=few)
        return search.best(papers, choice.group, choice.cleaned("q"))
    papers = choice.papers(leaving_out, few=few)
    return list(papers.order_by(*ORDERS[choice.sort]).values_list("pk", flat=True)[:FIRST])
