"""Properties of single words: shape, core, and role in a sentence.

Everything here depends on a single word, so callers cache the answers: the words of a listing
repeat.
"""

_STOP_WORDS = (
    "a about across after against all along although among an and any are as at based be been "
    "before behind being between beyond both but by can could do does during each either for from "
    "had has have how if in into is it its let may more most near nor not of off on onto or our "
    "out over per should so such than that the their then there these they this those through "
    "to toward towards under up upon using versus via vs was we were what when where whether "
    "which while who why will with within without would you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Words that open a finite clause, or are its verb, in any abstract. This is not a grammar: the
# weights decide how much each of them counts.
_FINITE_VERBS = (
    "is are was were has have had can could may might must will would should do does did be been "
    "remains remain plays play becomes become requires require provides provide allows allow "
    "enables enable offers offer shows show demonstrates demonstrate presents present proposes "
    "propose introduces introduce studies investigates describes describe gives give uses aims "
    "suffers suffer relies rely achieves achieve exhibits exhibit represents represent consists "
    "consist leads lead involves involve poses pose faces face makes make needs need seeks seek "
    "suggests suggest reveals reveal predicts predict contains contain depends depend arises "
    "arise occurs occur appears appear constitutes constitute refers refer focuses focus "
    "explores addresses develop develops consider considers report reports study investigate "
    "discuss discusses review reviews find finds prove proves argue argues analyze analyse examine "
    "obtain obtains derive derives calculate compute construct constructs establish explore "
    "address generalize extend apply employ performed developed presented proposed introduced "
    "studied investigated shown found used considered obtained demonstrated discussed derived "
    "reported observed calculated described analyzed given emerged gained attracted received led "
    "become holds serve serves drive drives dominate often typically traditionally "
    "grows grow works work fails fail struggle struggles lacks lack offers hold promises promise "
    "form forms act acts lie lies exist exists follow follows call calls raise raises open opens "
    "support supports help helps bring brings take takes carry carries cause causes limit limits "
    "underpins underpin determines determine governs govern differs differ varies vary evolve "
    "evolves redefines aim strive strives tends tend continue continues stands stand combines "
    "combine includes include covers cover compare compares evaluate evaluates unifies refers"
)
FINITE_VERBS = frozenset(_FINITE_VERBS.split())
_LABELS = (
    "abstract abridged abbreviated aim aims background conclusion conclusions context importance "
    "introduction methods motivation objective objectives problem purpose results significance "
    "summary"
)
LABELS = frozenset(_LABELS.split())

_OPENING = "([{\"'`“‘«"
_CLOSING = ")]}\"'`”’»"
_END_MARKS = ".,:;?!"


def word_shape(word: str) -> str:
    """A short code for the beginning and case of a word, then for the punctuation at its end."""
    last = word[-1:]
    end = last if last in _END_MARKS else ")" if last in _CLOSING else "-" if last in "-–—" else ""
    return _case_code(word) + end if word else ""


def _case_code(word: str) -> str:
    first = word[:1]
    if first in _OPENING:
        return "("
    if first in "$\\":
        return "$"
    if first.isdigit():
        return "d" if word.strip(_END_MARKS).isdigit() else "D"
    letters = word.strip(_OPENING + _CLOSING + _END_MARKS)
    if first.isupper():
        return _upper_case_code(letters)
    if first.islower():
        return _lower_case_code(letters)
    return "o" if first.isalpha() else "*"


def _upper_case_code(letters: str) -> str:
    if letters.lower() in STOP_WORDS:
        return "S" if len(letters) > 1 else "A" if letters == "A" else "I"
    if len(letters) == 1:
        return "I"
    if letters.isupper():
        return "C"
    head, hyphen, tail = letters.partition("-")
    if hyphen and tail and (head[1:].islower() or len(head) == 1):
        return "H" if not tail[0].islower() else "h"
    return "T" if letters[1:].islower() else "M"


def _lower_case_code(letters: str) -> str:
    if letters in STOP_WORDS:
        return "s"
    if not letters.islower():
        return "x"
    return "y" if "-" in letters else "w"


def word_core(low: str) -> str:
    """A bare word without its plural ending, to recognise its repetitions."""
    low = low.strip("$").removesuffix("'s").removesuffix("\u2019s")
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low.endswith("s") and len(low) > 3 and not low.endswith("ss"):
        return low[:-1]
    return low


def bare_word(word: str) -> str:
    """The word in lower case, without the punctuation around it."""
    return word.strip(_OPENING + _CLOSING + _END_MARKS).lower()


def ends_phrase(word: str) -> bool:
    """Whether a word ends with punctuation or a closing bracket or quotation mark."""
    return word != "" and (word[-1] in _END_MARKS or word[-1] in _CLOSING)
