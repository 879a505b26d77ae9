"""What is kept of a choice of papers until the group's papers change.

Counting costs what there is to count, and so does sorting what passed a filter. Both are kept in
the cache under the number that rises with every change of the group's papers, and looked up
together.
"""

from hashlib import sha256

from django.core.cache import cache

from papers import facets, search
from papers.filters import ORDERS

SECONDS = 300
FORMAT = 1  # rises when what is kept changes its form
FIRST = search.BEST


def counts_and_first(choice):
    """The counts of a valid ``PaperFilter``, and the ids that its list begins with.

    The ids are all there are where the best come first; without a filter there are none: then an
    index has them in order.
    """
    makers = {_key(choice, "counts"): lambda: facets.count(choice)}
    if choice.filtering:
        makers[_key(choice, choice.sort)] = lambda: _first(choice)
    found = cache.get_many(makers)
    for key in makers.keys() - found.keys():
        found[key] = makers[key]()
        cache.set(key, found[key], SECONDS)
    counts, *first = [found[key] for key in makers]
    return counts, first[0] if first else []


def _key(choice, what):
    asked = sha256(repr(choice.filtering).encode()).hexdigest()
    return f"papers:{FORMAT}:{choice.group.pk}:{choice.group.papers_version}:{what}:{asked}"


def _first(choice):
    if choice.is_sorted_by_best:
        return search.best(choice.papers(), choice.group, choice.cleaned("q"))
    return list(choice.papers().order_by(*ORDERS[choice.sort]).values_list("pk", flat=True)[:FIRST])
