"""Features of grammar around a place.

They show whether a verb agrees with its subject, whether a question is cut in two, and where
labels and names are.
"""

import re

from papers.listing.titles.reading import Reading
from papers.listing.titles.window import Window, Word
from papers.listing.titles.words import FINITE_VERBS, LABELS, STOP_WORDS

# More verbs that usually take an object, so their forms in -s are verbs.
_TRANSITIVE_VERBS = (
    "accommodates acquires adapts adjusts admits adopts affects alleviates alters amplifies "
    "analyzes approximates assesses assumes attains attracts augments automates avoids benefits "
    "breaks bridges builds bypasses captures characterizes clarifies complements completes "
    "compresses compromises computes conducts confirms connects constrains converts couples "
    "creates decomposes defines demands denotes disentangles displays distills dominates "
    "doubles eliminates embeds emphasizes employs empowers encodes encompasses encourages "
    "enhances ensures enters equips establishes examines exceeds executes expands explains "
    "exploits exposes extends facilitates favors fixes formulates guides harnesses highlights "
    "hinders hinges identifies ignores illustrates implements implies imposes incorporates "
    "indicates induces infers influences inherits isolates keeps learns leaves leverages lifts "
    "localizes lowers maintains matches maximizes mimics minimizes mirrors mitigates modifies "
    "modulates motivates necessitates obeys optimizes outlines overcomes overlooks partitions "
    "paves permits possesses preserves produces quantifies reaches realizes receives "
    "reconstructs recovers reduces refines reflects reframes relates removes renders replaces "
    "reproduces resembles reshapes resolves restores restricts rests retains satisfies selects "
    "shares showcases simplifies simulates solves stabilizes strengthens suffers summarizes "
    "supplies suppresses tackles trains uncovers undergoes underlies underscores unlocks "
    "utilizes validates verifies weakens yields "
)
_SINGULAR_VERBS = frozenset(
    verb for verb in FINITE_VERBS if verb.endswith("s") and not verb.endswith("ss")
) | frozenset(_TRANSITIVE_VERBS.split())
_PLURAL_VERBS = frozenset(verb[:-1] for verb in _SINGULAR_VERBS if verb[:-1] in FINITE_VERBS) | {
    "are", "were", "have", "do"
}  # fmt: skip
_RELATIVE_WORDS = frozenset(("that", "which", "who", "whose", "where", "when"))
_MODAL_VERBS = frozenset(("can", "could", "may", "will", "must"))
_DETERMINERS = {"a", "an", "the", "its", "their", "our", "most"}
_ENDS_PHRASE = (STOP_WORDS | _SINGULAR_VERBS | _PLURAL_VERBS) - _DETERMINERS
_IRREGULAR_PLURALS = frozenset(("people", "data", "media", "criteria", "phenomena", "spectra"))
_SINGULAR_ENDINGS = ("ss", "us", "is", "ics", "'s", "\u2019s")
_QUESTION_WORD_LIST = (
    "is are was were do does did can could should would will has have may must how what when where "
    "which who whom why whether"
)
_QUESTION_WORDS = frozenset(_QUESTION_WORD_LIST.split())
_VERB_REACH = 24
_TEX = re.compile(r"\\[A-Za-z]+|[^A-Za-z]+")


def grammar_features(reading: Reading, i: int) -> list[str]:
    """All features of grammar at a place."""
    view = reading.view
    return [
        *_agreement_features(view, i),
        *_question_features(reading, i),
        *_label_features(view, i),
        *_naming_features(reading, i),
    ]


def _agreement_features(view: Window, i: int) -> list[str]:
    """Agreement of the first sentence's verb with its subject, read from the place on.

    "Training models is hard": the verb is singular because the subject is the act. If the place
    is after "Training", the same verb does not agree with "models".
    """
    words = view.words
    opener = _opener_code(words[i])
    head = _noun_phrase_head(view, i + (opener in "gt"))
    number = _verb_number(view, head + 1)
    subject = _noun_number(words, head, view.length)
    before = "g" if words[i - 1].bare.endswith("ing") else words[i - 1].case
    return [
        f"subject={opener}{subject}{number}",
        f"subjectB={before}{opener}{subject}{number}",
        f"subjectlong={opener}{min(head - i, 6)}{number}",
    ]


def _opener_code(word: Word) -> str:
    low = word.bare
    if low.endswith("ing") and len(low) > 4:
        return "g"
    if low.endswith("ed") and len(low) > 4:
        return "t"
    return "S" if word.shape[:1] in "SA" else word.case or "-"


def _noun_phrase_head(view: Window, start: int) -> int:
    """The index of the last word of the noun phrase that begins at ``start``."""
    words = view.words
    stop = min(start + 12, view.length)
    for k in range(start, stop):
        word = words[k]
        if k > start and (word.bare in _ENDS_PHRASE or word.text[:1] == "("):
            return k - 1
        if k > start and _modifies_noun(word.bare, words[k - 1].bare):
            return k - 1
        if word.text[-1:] in ",.:;":
            return k
    return max(stop - 1, start)


def _modifies_noun(low: str, before: str) -> bool:
    """Whether the word continues after the noun before it: models *trained*, models *typically*."""
    return low.endswith("ly") or (low.endswith("ed") and before.endswith("s"))


def _noun_number(words: list[Word], head: int, length: int) -> str:
    if head >= length:
        return "-"
    if head + 1 < length and words[head + 1].bare in ("and", "or"):
        return "&"
    low = words[head].bare
    regular = low.endswith("s") and len(low) > 3 and not low.endswith(_SINGULAR_ENDINGS)
    acronym = words[head].text.strip("().,:;")
    acronyms = len(acronym) > 2 and acronym[-1] == "s" and acronym[:-1].isupper()
    return "p" if regular or acronyms or low in _IRREGULAR_PLURALS else "s"


def _verb_number(view: Window, start: int) -> str:
    """The next finite verb outside relative clauses: singular, plural, modal, or none."""
    words, aside = view.words, False
    for k in range(start, min(start + _VERB_REACH, view.length)):
        low = words[k].bare
        if low in _RELATIVE_WORDS:
            aside = True
        elif low in _SINGULAR_VERBS or low in _PLURAL_VERBS or low in _MODAL_VERBS:
            if not aside and words[k - 1].bare != "to":
                return "s" if low in _SINGULAR_VERBS else "p" if low in _PLURAL_VERBS else "m"
            aside = False
        if words[k].text[-1:] == ".":
            return "-"
    return "-"


def _question_features(reading: Reading, i: int) -> list[str]:
    """Questions and exclamations: whether the title has one, and whether the place cuts it."""
    words, marks = reading.words, reading.marks
    begins = [0] + [k + 1 for k in range(min(i, 12)) if words[k].text[-1:] in ":-\u2014?"]
    asks = any(words[k].bare in _QUESTION_WORDS for k in begins if k < i)
    inside = [k for k in marks if k < i - 1]
    ahead = next((k - i for k in marks if k >= i), 99)
    at_end = words[i - 1].text[-1:] if i - 1 in marks else "-"
    near = "-" if ahead > 24 else "+" if ahead > 9 else "!"
    if near != "-" and any(words[k].text[-1:] == "." for k in range(i, i + ahead)):
        near = "."
    opens = words[i].bare in _QUESTION_WORDS
    return [
        f"asks={asks:d}{at_end}{near}",
        f"asked={asks:d}{min(len(inside), 2)}{at_end}",
        f"opening={opens:d}{near}{at_end}",
    ]


def _label_features(view: Window, i: int) -> list[str]:
    """Labels such as Background, however they are set: in TeX, in brackets, with a colon."""
    b, c, d = (view.words[k] for k in (i - 1, i, i + 1))
    here = _label_code(c)
    return [
        f"labelled={_label_code(b)}{here}{d.shape[:1]}",
        f"labelledC={here}{d.case}",
        f"label={b.bare in LABELS}{c.bare in LABELS}",
        f"ing={b.bare.endswith('ing')}{c.bare.endswith('ing')}{b.case}{d.case}",
    ]


def _label_code(word: Word) -> str:
    text = word.text
    plain = _TEX.sub("", text).lower()
    if plain in LABELS:
        end = text.rstrip("$}])*_")[-1:]
        return end if end in (".", ":") else "L" if end == text[-1:] else "b"
    return "T" if text[:1] == "\\" or text[:2] == "{\\" else "-"


def _naming_features(reading: Reading, i: int) -> list[str]:
    """Repetitions of the name before the title's colon, and acronyms spelt out nearby."""
    here, second = reading.words[i], reading.words[i + 1]
    named = next((k - i for k in reading.name_places if k >= i), 99)
    again = sum([k < i for k in reading.name_places])
    place = (
        "-"
        if not 0 < reading.name_length < i
        else named
        if named < 3
        else "3"
        if named < 8
        else "+"
    )
    inside, ahead, past, last = "-", "-", 0, "-"
    for start, end in reading.spelt_spans:
        if start < i <= end:
            inside = str(min(i - start, 3))
        elif i <= start <= i + 4:
            ahead = str(start - i)
        elif end < i:
            past += end < i - 1
            last = "e" if end == i - 1 else last
    return [
        f"name={place}{min(again, 2)}",
        f"nameC={place}{here.case}",
        f"spelt={inside}{ahead}",
        f"speltB={inside}{ahead}{here.case}{second.case}",
        f"defined={min(past, 2)}{last}",
    ]
