"""The beginning of a text as words, each with its properties."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from papers.listing.titles.lexicon import UNKNOWN_HABITS, Lexicon
from papers.listing.titles.words import FINITE_VERBS, STOP_WORDS, bare_word, word_core, word_shape

# Few titles have more words than this; the quick stage looks no further.
QUICK_PLACES = 36
MAX_PLACES = 48
_WORDS_AHEAD = 32
MAX_CHARACTERS = 6000

# The cases of a word that running text mostly does not capitalise, but a title or the start of a
# sentence does.
RAISED_CASES = frozenset("0123?")
_CONNECTING = (
    "a an the of and or for with by from to in on at into its their between via using as than "
    "that is are under over through towards toward our"
)
_NEVER_LAST = frozenset(_CONNECTING.split())


@dataclass(slots=True)
class Word:
    """A word and its properties, without regard to its neighbours.

    ``case`` says how usual a capital is for it in running text, or is the first letter of its
    shape. ``may_open_abstract`` and ``may_end_title``: whether it may begin an abstract or end a
    title. ``role_weights`` caches the quick stage's scores by role.
    """

    text: str
    bare: str
    shape: str
    core: str
    case: str
    habits: str
    may_open_abstract: bool
    may_end_title: bool
    is_plain: bool
    is_raised: bool
    is_verb: bool
    end_mark: str
    brackets: int
    quotes: int
    dollars: int
    role_weights: list[float | None]


def analyse_word(text: str, lexicon: Lexicon) -> Word:
    """The properties of a word."""
    form = word_shape(text)
    low = bare_word(text)
    stem = word_core(low)
    habits = lexicon.habits.get(low, UNKNOWN_HABITS)
    case = habits[0] if form and form[0] in "TCIMHhSA" else form[:1]
    return Word(
        text=text,
        bare=low,
        shape=form,
        core=stem if stem not in STOP_WORDS else "",
        case=case,
        habits=habits,
        may_open_abstract=form[:1] not in ("w", "s", "y", ""),
        may_end_title=text == "A" or text.lower() not in _NEVER_LAST,
        is_plain=case in ("w", "y", "x"),
        is_raised=case in RAISED_CASES,
        is_verb=low in FINITE_VERBS,
        end_mark=form[-1:],
        brackets=sum(map(text.count, "([")) - sum(map(text.count, ")]")),
        quotes=text.count('"'),
        dollars=text.count("$"),
        role_weights=[None] * 5,
    )


@dataclass(slots=True)
class Window:
    """The first words of a text, with running counts of plain and raised ones.

    There are ``length`` words. Empty words follow, so that no place has to check for the end, and
    so that index -1 is an empty word before the first. Places run up to ``stop``, exclusive.
    """

    words: list[Word]
    length: int
    stop: int
    text: str
    lexicon: Lexicon
    plain_counts: list[int]
    raised_counts: list[int]


def build_window(
    text: str, look: Callable[[str], Word], lexicon: Lexicon, places: int = MAX_PLACES
) -> Window:
    """The beginning of ``text``, as far as so many places can see."""
    reach = places + (_WORDS_AHEAD if places == MAX_PLACES else 6)
    pieces = text[:MAX_CHARACTERS].split(None, reach)[:reach]
    words = [look(piece) for piece in pieces]
    length = len(words)
    words += [look("")] * 8
    plain = list(accumulate([word.is_plain for word in words], initial=0))
    raised = list(accumulate([word.is_raised for word in words], initial=0))
    return Window(words, length, min(places + 1, length), text, lexicon, plain, raised)


def likely_places(view: Window) -> list[int]:
    """The places where a title may end; all places if it is likely at none.

    Almost no abstract begins in lower case.
    """
    words = view.words
    everywhere = range(1, view.stop)
    return [
        i
        for i in everywhere
        if words[i - 1].may_end_title and _may_begin_abstract(words[i], words[i + 1])
    ] or list(everywhere)


def _may_begin_abstract(first: Word, second: Word) -> bool:
    """Whether an abstract may begin with the words. The A of "Cygnus A We" is not an article."""
    if first.shape == "A":
        return second.shape[:1] != "S"
    return first.may_open_abstract or second.bare in ("is", "are")
