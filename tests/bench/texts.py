"""Generated listings of any size, with invented words as long and varied as real ones."""

import random

OPENINGS = [
    "We show that",
    "In this paper, we study",
    "We introduce",
    "Recent work on",
    "This work presents",
    "Although",
]
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "ar", "en", "is")]


def invented_words(rng, size=8000):
    """Words of one to four syllables, the short ones first."""
    return ["".join(rng.choices(SYLLABLES, k=1 + n * 4 // size)) for n in range(size)]


def listing_text(number, *, words=150, seed=1):
    """A listing of ``number`` entries, one per line, with abstracts of about ``words`` words."""
    rng = random.Random(seed)
    vocabulary = invented_words(rng)
    # Some words are common and most are rare, as in any language (Zipf's law).
    weights = [1 / (rank + 2) for rank in range(len(vocabulary))]
    pool = rng.choices(vocabulary, weights, k=200_000)
    return "\n".join(_entry(rng, pool, n, words) for n in range(number))


def _entry(rng, pool, n, words):
    title = " ".join(word.capitalize() for word in _take(rng, pool, rng.randint(5, 11)))
    abstract = " ".join(_take(rng, pool, rng.randint(words // 2, words * 3 // 2)))
    return (
        f"{n % 90} {title} {n}: {_take(rng, pool, 1)[0].capitalize()} {rng.choice(OPENINGS)} "
        f"{abstract}. {n % 9 + 2} authors · Jun {n % 28 + 1}, {2000 + n % 25} {n % 5 or ''}"
    )


def _take(rng, pool, number):
    start = rng.randrange(len(pool) - number)
    return pool[start : start + number]
