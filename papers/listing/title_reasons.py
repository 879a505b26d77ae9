"""Feature names in words, for a person who asks why a title was cut where it was."""

_WORDS = {
    "A": "word before the title's last",
    "B": "title's last word",
    "C": "abstract's first word",
    "D": "abstract's second word",
    "E": "abstract's third word",
}
_HABITS = (
    "is seldom (0) to always (6) capitalised in running text",
    "seldom (0) to always (6) closes a phrase",
    "seldom (0) to always (6) starts a phrase",
    "seldom (0) to often (6) opens a sentence",
    "seldom (0) to always (6) stands last in a title",
    "is rare (0) to common (9)",
)
_MEANINGS = {
    "BC^": "shapes of title's last and abstract's first word",
    "BCD^": "shapes of title's last and abstract's first two words",
    "CDE^": "shapes of abstract's first three words",
    "ABC^": "shapes of title's last two and abstract's first word",
    "CD=": "abstract opens",
    "CDE=": "abstract opens",
    "BC=": "words on both sides",
    "AB=": "title ends",
    "DE=": "abstract goes on",
    "A^B=": "title's last word, after a word of this shape",
    "B^C=": "abstract's first word, after a word of this shape",
    "BC^=": "title's last word, before a word of this shape",
    "C^D=": "abstract's second word, after a word of this shape",
    "D^E=": "abstract's third word, after a word of this shape",
    "B-C^=": "ending of title's last word, before a word of this shape",
    "C!D^=": "abstract's first word, before a word of this shape",
    "E-": "ending of abstract's third word",
    "n=": "words in the title",
    "nC=": "words in the title (thirds), shape of abstract's first",
    "style=": "plain words and capitals before, capitals after",
    "styleC=": "plain words and capitals before, shape of abstract's first word",
    "aheadC=": "capitals after, shapes of abstract's first two words",
    "caps=": "how unusual the capitals are, from title's last word on",
    "caps3=": "how unusual the capitals are, from the word before on",
    "near=": "how often the words on both sides stand together, how common they are",
    "nearC=": "how often the words on both sides stand together, how they are cased",
    "next=": "how often abstract's first two words stand together",
    "pairs=": "how often the words across and after the place stand together",
    "phrase=": "title's last word closes a phrase, abstract's first starts one",
    "parts=": "title's last word ends titles, abstract's first opens sentences",
    "label=": "title's last, abstract's first word is a label such as Background",
    "ing=": "title's last, abstract's first word ends in -ing",
    "verb=": "words to the next finite verb",
    "verbC=": "words to the next finite verb, shape of abstract's first word",
    "verbback=": "words back to the last finite verb",
    "verbs=": "words to the next finite verb, and back to the last",
    "verbw=": "next finite verb and words to it",
    "verbB=": "title's last mark, its finite verbs, its share of capitals",
    "verbE=": "title's last mark, words to the next finite verb",
    "inside=": "finite verbs in the title, its last mark",
    "agree=": "number of the next verb and of the noun before it, words in -ing",
    "agreeD=": "number of the next verb and of the nouns before it",
    "share=": "share of capitals before and after, in sixths",
    "shareC=": "share of capitals before and after, shape of abstract's first word",
    "tail=": "share of capitals shortly before and after, in sixths",
    "far=": "share of capitals before and far after, in sixths",
    "run=": "capitals in a row from the place on, share of capitals before",
    "runs=": "capitals in a row from the place on, and before it",
    "open=": "open brackets in the title",
    "quotes=": "open quotation marks and mathematics in the title",
    "sentences=": "sentence ends within the title",
    "colon=": "words since the colon",
    "dash=": "words since the dash",
    "stop=": "words to the next full stop, in thirds",
    "echo=": "words that repeat the title (e: its end)",
    "echofrom=": "where in the title the repeated words begin",
    "echoC=": "words that repeat the title, and how they are cased",
    "echoD=": "abstract's second word repeats the title",
    "prior=": "title's last word comes again after so many words",
    "shared=": "words in common with the title shortly after",
    "acronym=": "words from the place to the phrase that spells the acronym",
    "across=": "words on both sides stand together elsewhere in the text",
    "acrossinto=": "words across and after the place stand together elsewhere in the text",
    "into=": "abstract's first two words stand together elsewhere in the text",
    "upto=": "title's last two words stand together elsewhere in the text",
    "lowC=": "abstract's first word comes again in lower case, and as it is",
    "lowB=": "title's last word comes again in lower case",
    "lowBC=": "words on both sides come again in lower case",
    "hyphen=": "how hyphenated words are cased",
}
for _role, _word in _WORDS.items():
    _MEANINGS |= {
        f"{_role}=": _word,
        f"{_role}!": _word,
        f"{_role}^": f"shape of {_word}",
        f"{_role}-": f"ending of {_word}",
        f"{_role}%": f"habits of {_word}",
    }
    _MEANINGS |= {f"{_role}%{k}": f"{_word} {habit}" for k, habit in enumerate(_HABITS)}
_MEANINGS["E"] = f"case of {_WORDS['E']}"
_PREFIXES = sorted(_MEANINGS, key=len, reverse=True)


def describe(name: str) -> str:
    """A feature's name in words, with its value after a colon."""
    if name[1:2] == "%" and len(name) == len("C%012345"):
        return f"{_MEANINGS[name[:2]]}: {name[2:]}"
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return f"{_MEANINGS[prefix]}: {name[len(prefix) :].strip()}"
    return name
