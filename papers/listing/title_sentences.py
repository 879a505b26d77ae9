"""What title and first sentence, read as a whole, say for and against a place.

These features are dear, and asked for only where the words beside the place leave doubt.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

from .title_window import MAX_CHARACTERS, Window, Word
from .title_words import LABELS

_DASHES = ("-", "--", "–", "—")
_STOPS = (".", "?", "!")
_FAR = 20
_REACH = 42  # No place looks further ahead than this many words.


def sentence_features(view: Window, places: Sequence[int]) -> list[list[str]]:
    """For each place, the features of the two parts that it makes of the text."""
    reading = Reading(view, max(places, default=0) + _REACH)
    return [[name for part in _PARTS for name in part(reading, i)] for i in places]


class Reading:
    """A window with what each place needs to know, counted once for all of them."""

    def __init__(self, view: Window, reach: int):
        # The last one is padding: what index -1 means, before the first word.
        words = [*view.words[:reach], view.words[-1]]
        ends = [word.end for word in words]
        verbs = [word.verb for word in words]
        self.view = view
        self.words = words
        self.verbs_before = list(accumulate(verbs, initial=0))
        self.verb_ahead = _next(verbs)
        self.verb_behind = _last(verbs)
        self.brackets = list(accumulate([word.brackets for word in words], initial=0))
        self.quotes = list(accumulate([word.quotes for word in words], initial=0))
        self.dollars = list(accumulate([word.dollars for word in words], initial=0))
        self.sentences = list(accumulate([end in _STOPS for end in ends], initial=0))
        self.stop_ahead = _next([end == "." for end in ends])
        self.colon = _last([end == ":" for end in ends])
        self.dash = _last([word.text in _DASHES for word in words])
        self.level_ahead = _next([not word.raised for word in words])
        self.level_behind = _last([not word.raised for word in words])
        self.cores = [word.core for word in words]
        self.text = view.text[:MAX_CHARACTERS]
        self.folded = self.text.lower()

    def raised(self, start: int, stop: int) -> int:
        """In sixths, the share of raised capitals among the words that can have them."""
        view = self.view
        end = len(view.words)
        start, stop = min(start, end), min(stop, end)
        raised = view.raised[stop] - view.raised[start]
        plain = view.plain[stop] - view.plain[start]
        return 6 * raised // (raised + plain) if raised + plain else 9


def _next(marks: list[bool]) -> list[int]:
    """For each index, the first marked one at or after it; one past the end if there is none."""
    found = len(marks)
    result = [found]
    for index in range(len(marks) - 1, -1, -1):
        if marks[index]:
            found = index
        result.append(found)
    return result[::-1]


def _last(marks: list[bool]) -> list[int]:
    """For each index, the last marked one at or before it, the first word aside; 0 for none."""
    return list(accumulate([k if k and mark else 0 for k, mark in enumerate(marks)], max))


def _endings(reading: Reading, i: int) -> list[str]:
    """The words around the place, more of them together than the quick stage looks at."""
    a, b, c, d, e = (reading.words[k] for k in (i - 2, i - 1, i, i + 1, i + 2))
    return [
        f"AB={a.bare} {b.bare}",
        f"A^B={a.shape} {b.bare}",
        f"B^C={b.shape} {c.text}",
        f"BC^={b.bare} {c.shape}",
        f"C^D={c.shape} {d.bare}",
        f"DE={d.bare} {e.bare}",
        f"D^E={d.shape} {e.bare}",
        f"B-C^={b.bare[-3:]} {c.shape}",
        f"C!D^={c.text} {d.shape}{d.case}",
        f"label={b.bare in LABELS}{c.bare in LABELS}",
        f"ing={b.bare.endswith('ing')}{c.bare.endswith('ing')}{b.case}{d.case}",
    ]


def _verbs(reading: Reading, i: int) -> list[str]:
    """The next finite verb, whether it agrees with its subject, and verbs in the title."""
    words = reading.words
    b, c, last = words[i - 1], words[i], words[i - 1].shape[-1:]
    verb = reading.verb_ahead[i + 1]
    ahead = verb - i if verb < min(i + _FAR, reading.view.length) else _FAR
    behind = reading.verb_behind[i - 1]
    back = i - behind if behind else 0
    inside = reading.verbs_before[i]
    first = words[verb].bare if ahead < _FAR else ""
    # "Training large models is hard": a singular verb after a plural has a gerund for subject.
    number = "s" if first.endswith("s") else "p" if first else "-"
    plural = words[verb - 1].bare.endswith("s") if first else "-"
    return [
        f"verb={ahead}",
        f"verbC={ahead}{c.shape}",
        f"verbback={back}",
        f"verbs={min(ahead, 8)}/{min(back, 5)}",
        f"verbw={first}{min(ahead, 6)}",
        f"verbB={last}{min(inside, 2)}{reading.raised(1, i)}",
        f"verbE={last}{min(ahead, 12)}{c.case}",
        f"inside={min(inside, 4)}{last}",
        f"agree={number}{plural}{b.bare.endswith('ing')}{c.bare.endswith('ing')}",
        f"agreeD={number}{plural}{c.bare.endswith('s')}{min(ahead, 4)}",
    ]


def _share(reading: Reading, i: int) -> list[str]:
    """How the words are cased on either side, and how far the run of capitals goes."""
    before = reading.raised(1, i)
    tail = reading.raised(max(i - 3, 0), i)
    after = reading.raised(i + 1, i + 8)
    far = reading.raised(i + 1, i + 20)
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


def _punctuation(reading: Reading, i: int) -> list[str]:
    """Sentence ends and open brackets before; the first sentence after."""
    colon = reading.colon[max(i - 2, 0)]
    dash = reading.dash[max(i - 2, 0)]
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


def _echo(reading: Reading, i: int) -> list[str]:
    """The longest phrase at the place that already stands in the title."""
    words, title = reading.words, reading.cores[:i]
    best, where = _longest(words, title, i)
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


def _longest(words: list[Word], title: list[str], i: int) -> tuple[int, int]:
    """How many words at the place repeat the title, and from which word of it on."""
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


def _acronym(reading: Reading, i: int) -> list[str]:
    """Do the initials from the place on spell the acronym that is defined soon after?"""
    words = reading.words
    for k in range(i + 1, min(i + 9, len(words))):
        text = words[k].text
        if text[:1] == "(" and text[1:3].upper() != text[1:3].lower():
            letters = [x for x in text.strip("()s.,:;") if x.isupper()]
            if len(letters) > 1:
                return [f"acronym={_spelled(words, i, k, letters)}"]
    return ["acronym=none"]


def _spelled(words: list[Word], i: int, k: int, letters: list[str]) -> str:
    """Where, relative to the place, the spelt-out form begins; "~" if small words are left out."""
    for start in range(k - 1, max(i - 5, -1), -1):
        initials = [
            part[:1].upper() for word in words[start:k] for part in word.text.split("-") if part
        ]
        if initials == letters:
            return str(start - i)
        if [x for x in initials if x in letters] == letters and initials[:1] == letters[:1]:
            return f"~{start - i}"
    return "no"


def _again(reading: Reading, i: int) -> list[str]:
    """Do the words around the boundary stand together, or in lower case, elsewhere in the text?"""
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


def _hyphens(reading: Reading, i: int) -> list[str]:
    """A title that writes Pre-Training elsewhere does not write Pre-training at its end."""
    words = reading.words
    title = sorted({word.shape[:1] for word in words[:i]} & {"H", "h"})
    return [f"hyphen={''.join(title)}{words[i].shape[:1]}{words[i - 1].shape[:1]}"]


_PARTS: tuple[Callable[[Reading, int], list[str]], ...] = (
    _endings,
    _verbs,
    _share,
    _punctuation,
    _echo,
    _acronym,
    _again,
    _hyphens,
)
