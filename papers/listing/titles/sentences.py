"""Features of title and first sentence as a whole, for and against a place.

They are expensive, and computed only if the words beside the place leave doubt.
"""

from collections.abc import Callable, Sequence

from papers.listing.titles.grammar import grammar_features
from papers.listing.titles.reading import Reading
from papers.listing.titles.window import Window, Word

_VERB_REACH = 20
_REACH = 42  # No place looks further ahead than this many words.


def sentence_features(view: Window, places: Sequence[int]) -> list[list[str]]:
    """For each place, the features of the two parts into which it cuts the text."""
    reading = Reading(view, max(places, default=0) + _REACH)
    return [[name for part in _FEATURE_FAMILIES for name in part(reading, i)] for i in places]


def _verb_features(reading: Reading, i: int) -> list[str]:
    """The next finite verb, its agreement with its subject, and verbs in the title."""
    words = reading.words
    b, c, last = words[i - 1], words[i], words[i - 1].shape[-1:]
    verb = reading.verb_ahead[i + 1]
    ahead = verb - i if verb < min(i + _VERB_REACH, reading.view.length) else _VERB_REACH
    behind = reading.verb_behind[i - 1]
    back = i - behind if behind else 0
    inside = reading.verbs_before[i]
    first = words[verb].bare if ahead < _VERB_REACH else ""
    # "Training large models is hard": a singular verb after a plural has a gerund as subject.
    number = "s" if first.endswith("s") else "p" if first else "-"
    plural = words[verb - 1].bare.endswith("s") if first else "-"
    return [
        f"verb={ahead}",
        f"verbC={ahead}{c.shape}",
        f"verbback={back}",
        f"verbs={min(ahead, 8)}/{min(back, 5)}",
        f"verbB={last}{min(inside, 2)}{reading.raised_share(1, i)}",
        f"verbE={last}{min(ahead, 12)}{c.case}",
        f"inside={min(inside, 4)}{last}",
        f"agree={number}{plural}{b.bare.endswith('ing')}{c.bare.endswith('ing')}",
        f"agreeD={number}{plural}{c.bare.endswith('s')}{min(ahead, 4)}",
    ]


def _capital_features(reading: Reading, i: int) -> list[str]:
    """The case of the words on either side, and the length of the run of capitals."""
    before = reading.raised_share(1, i)
    tail = reading.raised_share(max(i - 3, 0), i)
    after = reading.raised_share(i + 1, i + 8)
    far = reading.raised_share(i + 1, i + 20)
    here = reading.words[i]
    run = min(reading.level_ahead[i + 1], reading.view.length) - i
    behind = reading.level_behind[i - 1]
    back = min(i - behind, 5) if behind else 0
    run = min(run, 9)
    return [
        f"share={before}/{after}",
        f"shareC={before}/{after}{here.shape}",
        f"tail={tail}/{after}",
        f"far={before}/{far}",
        f"run={run}{before}",
        f"runs={run}{back}{here.case}",
    ]


def _punctuation_features(reading: Reading, i: int) -> list[str]:
    """Sentence ends and open brackets before the place; the first sentence after it."""
    colon = reading.last_colon[max(i - 2, 0)]
    dash = reading.last_dash[max(i - 2, 0)]
    stop = reading.stop_ahead[i]
    ahead = stop - i if stop < min(i + 40, len(reading.words)) else 0
    return [
        f"open={reading.brackets[i]}",
        f"quotes={reading.quotes[i] % 2}{reading.dollars[i] % 2}",
        f"sentences={min(reading.sentences[i - 1], 3)}",
        f"colon={min(i - colon, 12) if colon else 0}",
        f"dash={min(i - dash, 12) if dash else 0}",
        f"stop={min(ahead // 3, 10)}",
    ]


def _echo_features(reading: Reading, i: int) -> list[str]:
    """The longest phrase at the place that the title already has."""
    words, title = reading.words, reading.cores[:i]
    best, where = _longest_echo(words, title, i)
    left = best and where and words[i - 1].core == words[where - 1].core != ""
    here, second, prior = words[i], words[i + 1], words[i - 1].core
    following = reading.cores[i + 1 : min(i + 8, reading.view.length)]
    later = following.index(prior) + 1 if prior in following else 0
    shared = sum([core in title for core in reading.cores[i : i + 8] if core])
    return [
        f"echo={best}{'e' if best and where + best == i else ''}{'<' if left else ''}",
        f"echofrom={min(where, 3) if best else '-'}{min(best, 2)}",
        f"echoC={min(best, 3)}{here.shape}{second.case}",
        f"prior={later if prior else '-'}",
        f"shared={shared}",
        f"echoD={bool(second.core) and second.core in title}{here.case}{second.case}",
    ]


def _longest_echo(words: list[Word], title: list[str], i: int) -> tuple[int, int]:
    """The number of words at the place that repeat the title, and where in it they begin."""
    best, where = 0, 0
    for k, stem in enumerate(title):
        if not stem or stem != words[i].core:
            continue
        n = 1
        while k + n < i and n < 6 and words[k + n].bare == words[i + n].bare:
            n += 1
        if k + n < i and n < 6 and title[k + n] and title[k + n] == words[i + n].core:
            n += 1
        if n >= best:
            best, where = n, k
    return best, where


def _repetition_features(reading: Reading, i: int) -> list[str]:
    """Whether the words around the place recur together, or in lower case, in the text."""
    folded, text = reading.folded, reading.text
    a, b, c, d = (reading.words[k] for k in (i - 2, i - 1, i, i + 1))
    across = min(folded.count(f"{b.bare} {c.bare}"), 3)
    into = min(folded.count(f" {c.bare} {d.bare}"), 3)
    upto = min(folded.count(f" {a.bare} {b.bare}"), 3)
    low_c = min(text.count(f" {c.bare}"), 2)
    low_b = min(text.count(f" {b.bare}"), 2)
    return [
        f"across={across}{c.case}",
        f"into={into}{d.case}",
        f"upto={upto}",
        f"acrossinto={across}{into}",
        f"lowC={low_c}{min(text.count(f' {c.text} '), 3)}{c.shape}",
        f"lowB={low_b}{b.case}",
        f"lowBC={low_b}{low_c}{b.case}{c.case}",
    ]


def _hyphen_features(reading: Reading, i: int) -> list[str]:
    """Case after hyphens: a title with Pre-Training in it does not end with Pre-training."""
    words = reading.words
    title = sorted({word.shape[:1] for word in words[:i]} & {"H", "h"})
    return [f"hyphen={''.join(title)}{words[i].shape[:1]}{words[i - 1].shape[:1]}"]


def _usage_features(reading: Reading, i: int) -> list[str]:
    """Usage of the words around the place in the rest of the text."""
    usage = reading.usage
    if i >= usage.count:
        return []
    last, first = usage.other_places(i - 1), [n for n in usage.other_places(i) if n != i - 1]
    last_closes = _count_code([usage.closes_phrase(n) for n in last if n != i])
    last_starts = _count_code([usage.starts_phrase(n) for n in last if n != i])
    first_starts = _count_code([usage.starts_phrase(n) for n in first])
    first_closes = _count_code([usage.closes_phrase(n) for n in first])
    capital = _count_code([usage.capital[n] for n in first if not (usage.ends[n - 1] or n == 0)])
    ending = usage.pair_places(i - 2) if i > 1 else []
    opening, across = usage.pair_places(i), usage.pair_places(i - 1)
    before = [n for n in ending if n < i]
    return [
        f"Bcloses={last_closes}",
        f"Bstarts={last_starts}",
        f"Cstarts={first_starts}",
        f"Ccloses={first_closes}",
        f"Ccapital={capital}",
        f"BClose={last_closes}{first_starts}",
        f"BCstart={last_starts}{first_closes}",
        f"ABcloses={_count_code([usage.closes_phrase(n + 1) for n in ending])}",
        f"CDstarts={_count_code([usage.starts_phrase(n) for n in opening])}",
        f"CDcloses={_count_code([usage.closes_phrase(n + 1) for n in opening])}",
        f"together={min(len(ending), 3)}{min(len(across), 3)}{min(len(opening), 3)}",
        f"acrosscloses={_count_code([usage.closes_phrase(n + 1) for n in across])}",
        f"acrossstarts={_count_code([usage.starts_phrase(n) for n in across])}",
        f"triples={usage.triple_count(i - 2)}{usage.triple_count(i - 1)}{usage.triple_count(i)}",
        f"intitle={min(len(before), 2)}{min(len([n for n in opening if n < i - 1]), 2)}"
        f"{min(len([n for n in across if n < i - 1]), 2)}",
    ]


def _count_code(marks: list[bool]) -> str:
    """A code for the number of marks, up to three, and whether none, some or all are true."""
    count, true = len(marks), sum(marks)
    if not count:
        return "-"
    return f"{min(count, 3)}{'n' if not true else 'a' if true == count else 's'}"


def _repeated_end_features(reading: Reading, i: int) -> list[str]:
    """Whether the title has its end twice, a sign that the place is too late."""
    words = reading.words
    last, here = words[i - 1].bare, words[i].bare
    longest, split = 0, False
    for k in range(i - 1):
        if words[k].bare != last:
            continue
        split = split or (k < i - 2 and words[k + 1].bare == here)
        n = 1
        while n < 3 and k >= n and words[k - n].bare == words[i - 1 - n].bare != "":
            n += 1
        if words[k].core:
            longest = max(longest, n)
    return [f"twice={longest}{split:d}", f"twiceC={longest}{split:d}{words[i].case}"]


_FEATURE_FAMILIES: tuple[Callable[[Reading, int], list[str]], ...] = (
    _verb_features,
    _capital_features,
    _punctuation_features,
    _echo_features,
    _repetition_features,
    _hyphen_features,
    grammar_features,
    _usage_features,
    _repeated_end_features,
)
