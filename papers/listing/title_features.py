"""What speaks for and against a title ending at a place: the features of the title model.

A feature is a short readable name; the model knows a weight for each. A *place* is the number of
words before the boundary. ``word_features`` depend on one word and its role beside the boundary,
``pair_features`` on the words around it, ``sentence_features`` on the whole title and on what
follows: these are dear, and asked for only where the cheap ones do not settle the matter.
"""

from dataclasses import dataclass, field

from .title_words import FINITE_VERBS, STOP_WORDS, core, shape

MAX_PLACES = 48
_AHEAD = 32
_MAX_CHARACTERS = 6000

# Two words before the boundary (A, B), three after it (C, D, E).
ROLES = "ABCDE"
_CAPITAL = frozenset("TCIMHhDd$(")
_CONNECTING = (
    "a an the of and or for with by from to in on at into its their between via using as than "
    "that is are under over through towards toward our"
)
_NEVER_LAST = frozenset(_CONNECTING.split())


@dataclass(slots=True)
class Word:
    """A word and what is known of it alone; ``quick`` and ``full`` are sums of weights by role."""

    text: str
    low: str
    shape: str
    core: str
    capital: bool
    content: bool
    opens: bool
    closes: bool
    quick: tuple[float, ...] = ()
    full: tuple[float, ...] = ()


def look_at(text: str) -> Word:
    form = shape(text)
    low = text.lower()
    stem = core(text)
    return Word(
        text=text,
        low=low,
        shape=form,
        core=stem if stem not in STOP_WORDS else "",
        capital=form[:1] in _CAPITAL,
        content=form[:1] in ("w", "y", "x"),
        opens=form[:1] not in ("w", "s", "y", ""),
        closes=low not in _NEVER_LAST,
    )


@dataclass(slots=True)
class Window:
    """The first words of a text, padded, with running counts of how they are cased."""

    words: list[Word]
    length: int
    text: str
    plain: list[int] = field(default_factory=list)
    capitals: list[int] = field(default_factory=list)
    folded: str = ""


def window(text: str, look=look_at) -> Window:
    pieces = text[:_MAX_CHARACTERS].split(None, MAX_PLACES + _AHEAD)[: MAX_PLACES + _AHEAD]
    words = [look(piece) for piece in pieces]
    length = len(words)
    words += [look("")] * 8
    plain, capitals = [0], [0]
    p = c = 0
    for word in words:
        p += word.content
        c += word.capital
        plain.append(p)
        capitals.append(c)
    return Window(words, length, text, plain, capitals)


def likely_places(view: Window) -> list[int]:
    """Where a title may end: almost no abstract begins in lower case. Where none does, anywhere."""
    words = view.words
    everywhere = range(1, min(view.length, MAX_PLACES + 1))
    return [i for i in everywhere if _may_part(words[i - 1], words[i], words[i + 1])] or list(
        everywhere
    )


def _may_part(last: Word, first: Word, second: Word) -> bool:
    return last.closes and (first.opens or second.low in ("is", "are"))


def word_features(role: str, word: Word) -> list[str]:
    names = [f"{role}={word.low}", f"{role}^{word.shape}"]
    if role != "A":
        names.append(f"{role}-{word.low[-3:]}")
    if role == "C":
        names.append(f"C!{word.text}")
    return names


def pair_features(view: Window, i: int) -> list[str]:
    words = view.words
    a, b, c, d, e = words[i - 2], words[i - 1], words[i], words[i + 1], words[i + 2]
    plain, capitals = view.plain, view.capitals
    ahead = capitals[i + 5] - capitals[i + 1]
    lows = min(plain[i] - plain[1], 6)
    caps = min(capitals[i] - capitals[1], 6)
    cs, bs, ds = c.shape, b.shape, d.shape
    return [
        f"BC^{bs} {cs}",
        f"CD^{cs} {ds}",
        f"BCD^{bs} {cs} {ds}",
        f"CDE^{cs} {ds} {e.shape}",
        f"ABC^{a.shape} {bs} {cs}",
        f"CD={c.text} {d.low}",
        f"BC={b.low} {c.low}",
        f"CDE={c.text} {d.low} {e.low}",
        f"DE={d.low} {e.low}",
        f"n={i}",
        f"nC={i // 3}{cs}",
        f"style={lows}{caps}{ahead}",
        f"styleC={lows}{caps} {cs}",
        f"aheadC={ahead}{cs}{ds}",
    ]


def sentence_features(view: Window, i: int) -> list[str]:
    names = ["bias"]
    for part in _PARTS:
        names += part(view, i)
    return names


def _endings(view: Window, i: int) -> list[str]:
    a, b, c, d = (view.words[k] for k in (i - 2, i - 1, i, i + 1))
    return [
        f"AB={a.low} {b.low}",
        f"BCD={b.low} {c.low} {d.low}",
        f"A^B={a.shape} {b.low}",
        f"B^C={b.shape} {c.text}",
        f"BC^={b.low} {c.shape}",
        f"C^D={c.shape} {d.low}",
        f"B-C^={b.low[-3:]} {c.shape}",
    ]


def _verbs(view: Window, i: int) -> list[str]:
    """How far the next finite verb is, and whether the title already holds one."""
    words = view.words
    ahead = (
        next((k for k in range(1, 20) if words[i + k].low in FINITE_VERBS), 20)
        if (i + 20 < len(words))
        else next((k for k in range(1, len(words) - i) if words[i + k].low in FINITE_VERBS), 20)
    )
    before = next((k for k in range(1, i) if words[i - k].low in FINITE_VERBS), 0)
    first = words[i + ahead].low if i + ahead < len(words) else ""
    return [
        f"verb={ahead}",
        f"verbC={ahead}{words[i].shape}",
        f"verbback={before}",
        f"verbs={min(ahead, 8)}/{min(before, 5)}",
        f"verbw={first}{min(ahead, 6)}",
    ]


def _share(view: Window, i: int) -> list[str]:
    """The share of capitals among the words that can have them."""

    def share(start: int, stop: int) -> int:
        caps = view.capitals[stop] - view.capitals[start]
        lows = view.plain[stop] - view.plain[start]
        return -1 if caps + lows == 0 else 5 * caps // (caps + lows)

    end = len(view.words)
    before = share(1, i)
    tail = share(max(i - 3, 0), i)
    after = share(min(i + 1, end), min(i + 8, end))
    far = share(min(i + 1, end), min(i + 20, end))
    shape_ = view.words[i].shape
    return [
        f"share={before}/{after}",
        f"shareC={before}/{after}{shape_}",
        f"tail={tail}/{after}",
        f"far={before}/{far}",
    ]


def _punctuation(view: Window, i: int) -> list[str]:
    """Sentence ends and open brackets before; the first sentence after."""
    words = view.words
    opened = closed = sentences = 0
    colon = 0
    for k in range(i):
        text = words[k].text
        opened += text.count("(")
        closed += text.count(")")
        end = words[k].shape[-1:]
        if end == ":":
            colon = i - k
        if end in (".", "?", "!") and k < i - 1:
            sentences += 1
    stop = next((k for k in range(i, min(i + 40, len(words))) if words[k].shape[-1:] == "."), 0)
    return [
        f"open={opened - closed}",
        f"sentences={min(sentences, 3)}",
        f"colon={min(colon, 12)}",
        f"stop={min((stop - i) // 3, 8) if stop else 'x'}",
    ]


def _echo(view: Window, i: int) -> list[str]:
    """The longest phrase at the place that already stands in the title."""
    words = view.words
    title = [word.core for word in words[:i]]
    best, where = 0, 0
    for k in range(i):
        n = 0
        while (
            k + n < i
            and n < 6
            and i + n < len(words)
            and title[k + n] == words[i + n].core
            and (title[k + n] or words[k + n].low == words[i + n].low)
        ):
            n += 1
        if n > best and any(title[k : k + n]):
            best, where = n, k
    at_end = best and where + best == i
    prior = words[i - 1].core
    later = (
        next((k for k in range(1, 8) if i + k < len(words) and words[i + k].core == prior), 0)
        if prior
        else 0
    )
    shared = sum(
        1 for k in range(i, min(i + 8, len(words))) if words[k].core and words[k].core in title
    )
    return [
        f"echo={best}{'e' if at_end else ''}",
        f"echoC={min(best, 3)}{words[i].shape}",
        f"prior={later}",
        f"shared={shared}",
    ]


def _acronym(view: Window, i: int) -> list[str]:
    """Do the initials from the place on spell the acronym that is defined soon after?"""
    words = view.words
    for k in range(i + 1, min(i + 9, len(words))):
        text = words[k].text
        if text[:1] == "(" and len(text) > 2 and text[1].isupper():
            letters = [x for x in text.strip("()s.,:;") if x.isupper()]
            return [f"acronym={_spelled(words, i, k, letters)}"]
    return ["acronym=none"]


def _spelled(words: list[Word], i: int, k: int, letters: list[str]) -> str:
    """Where, relative to the place, the spelt-out form begins."""
    for start in range(k - 1, max(i - 5, -1), -1):
        initials = [
            part[:1].upper() for word in words[start:k] for part in word.text.split("-") if part
        ]
        if initials == letters:
            return str(start - i)
        if [x for x in initials if x in letters] == letters and initials[:1] == letters[:1]:
            return f"~{start - i}"
    return "no"


def _again(view: Window, i: int) -> list[str]:
    """Do the words around the boundary stand together elsewhere in the text?"""
    if not view.folded:
        view.folded = view.text[:_MAX_CHARACTERS].lower()
    folded = view.folded
    a, b, c, d = (view.words[k] for k in (i - 2, i - 1, i, i + 1))

    def twice(x: Word, y: Word) -> int:
        return min(folded.count(f" {x.low.strip('.,:;')} {y.low.strip('.,:;')}"), 3)

    start = sum(len(word.text) + 1 for word in view.words[:i])
    plain_c = f" {c.low}" in view.text[start:_MAX_CHARACTERS] if c.capital else "-"
    plain_d = f" {d.text}" in view.text[start + len(c.text) + len(d.text) + 1 : _MAX_CHARACTERS]
    across = twice(b, c)
    return [
        f"across={across}",
        f"into={twice(c, d)}",
        f"upto={twice(a, b)}",
        f"acrossC={min(across, 2)}{c.shape}",
        f"lowC={plain_c}{c.shape}",
        f"againD={plain_d}",
    ]


_PARTS = (_endings, _verbs, _share, _punctuation, _echo, _acronym, _again)
