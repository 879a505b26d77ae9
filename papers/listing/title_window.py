"""The beginning of a text as words, with what is known of each."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from .title_lexicon import UNKNOWN, Lexicon
from .title_words import FINITE_VERBS, STOP_WORDS, bare, core, shape

# Few titles have more words than this; the quick stage looks no further.
QUICK_PLACES = 36
MAX_PLACES = 48
_AHEAD = 32
MAX_CHARACTERS = 6000

# The cases of a capital where running text mostly has none: a title's, or a sentence's first.
RAISED = frozenset("0123?")
_CONNECTING = (
    "a an the of and or for with by from to in on at into its their between via using as than "
    "that is are under over through towards toward our"
)
_NEVER_LAST = frozenset(_CONNECTING.split())


@dataclass(slots=True)
class Word:
    """A word and what is known of it alone.

    ``case`` is how usual its capital is in running text, or the first letter of its shape.
    ``opens`` and ``closes`` tell whether an abstract may begin and a title may end with it.
    ``sums`` keeps the quick stage's weights by role, as they come to be known.
    """

    text: str
    bare: str
    shape: str
    core: str
    case: str
    habits: str
    opens: bool
    closes: bool
    plain: bool
    raised: bool
    verb: bool
    end: str
    brackets: int
    quotes: int
    dollars: int
    sums: list[float | None]


def look_at(text: str, lexicon: Lexicon) -> Word:
    """All that is known of a word without its neighbours."""
    form = shape(text)
    low = bare(text)
    stem = core(low)
    habits = lexicon.habits.get(low, UNKNOWN)
    case = habits[0] if form and form[0] in "TCIMHhSA" else form[:1]
    return Word(
        text=text,
        bare=low,
        shape=form,
        core=stem if stem not in STOP_WORDS else "",
        case=case,
        habits=habits,
        opens=form[:1] not in ("w", "s", "y", ""),
        closes=text == "A" or text.lower() not in _NEVER_LAST,
        plain=case in ("w", "y", "x"),
        raised=case in RAISED,
        verb=low in FINITE_VERBS,
        end=form[-1:],
        brackets=sum(map(text.count, "([")) - sum(map(text.count, ")]")),
        quotes=text.count('"'),
        dollars=text.count("$"),
        sums=[None] * 5,
    )


@dataclass(slots=True)
class Window:
    """The first words of a text, with running counts of the plain and the raised among them.

    There are ``length`` words; behind them stand empty ones, so that no place need look out for
    the end, and index -1 is the empty word before the first. Places run up to ``stop``.
    """

    words: list[Word]
    length: int
    stop: int
    text: str
    lexicon: Lexicon
    plain: list[int]
    raised: list[int]


def window(
    text: str, look: Callable[[str], Word], lexicon: Lexicon, places: int = MAX_PLACES
) -> Window:
    """The beginning of a text, as far as that many places can see."""
    reach = places + (_AHEAD if places == MAX_PLACES else 6)
    pieces = text[:MAX_CHARACTERS].split(None, reach)[:reach]
    words = [look(piece) for piece in pieces]
    length = len(words)
    words += [look("")] * 8
    plain = list(accumulate([word.plain for word in words], initial=0))
    raised = list(accumulate([word.raised for word in words], initial=0))
    return Window(words, length, min(places + 1, length), text, lexicon, plain, raised)


def likely_places(view: Window) -> list[int]:
    """Where a title may end: almost no abstract begins in lower case. Where none does, anywhere."""
    words = view.words
    everywhere = range(1, view.stop)
    return [
        i for i in everywhere if words[i - 1].closes and _may_begin(words[i], words[i + 1])
    ] or list(everywhere)


def _may_begin(first: Word, second: Word) -> bool:
    """Whether an abstract may begin with the words. The A of "Cygnus A We" is no article."""
    if first.shape == "A":
        return second.shape[:1] != "S"
    return first.opens or second.bare in ("is", "are")
