"""What the full stage sees in a text: acronyms and names, a subject and its verb, phrases again."""

import pytest

from papers.listing.titles.grammar import grammar_features
from papers.listing.titles.lexicon import Lexicon
from papers.listing.titles.naming import acronym_spans, name_repetitions
from papers.listing.titles.reading import Reading
from papers.listing.titles.usage import Usage
from papers.listing.titles.window import analyse_word, build_window, likely_places


def view_of(text):
    lexicon = Lexicon()
    return build_window(text, lambda word: analyse_word(word, lexicon), lexicon)


def signs(text, place, *families):
    """The features of these families at the place before the ``place``-th word."""
    features = grammar_features(Reading(view_of(text), 90), place)
    return [name for name in features if name.startswith(families)]


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("We use Large Language Models (LLMs) daily", (2, 5)),
        ("Speech Large Language Models (SLLMs) listen", (0, 4)),
        ("The AI Scientific Assistant Core (AISAC) is", (1, 5)),
        ("By Photoplethysmography (PPG) we measure", (1, 2)),
        ("Visual Autoregressive generation (VAR) draws", (0, 3)),  # a word to spare
        ("From Matrix-Assisted Laser Desorption (MALD) on", (1, 4)),
        ("Large Chunk Test-Time Training (LaCT) has", (0, 4)),
        ("Then RAG (Retrieval-Augmented Generation) fails", (1, 2)),
        ("In the year (2019) it rained", None),
        ("An island (Crete) is near", None),
    ],
)
def test_where_an_acronym_is_spelt_out(text, spelt):
    found = acronym_spans(view_of(text))
    assert spelt in found if spelt else not [pair for pair in found if pair[0] == 0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lantern: An Index Lantern is an index", (1, [3])),
        ("River-Flow V2: A Simulator RiverFlow V2 is", (2, [4])),
        ("Lantern: An Index We build Lanterns", (1, [5])),
        ("An Index of Lanterns: How We Build Them We", (4, [])),
        ("No name here We build", (0, [])),
        (": : :", (0, [])),
        ("", (0, [])),
    ],
)
def test_where_a_name_comes_again(text, found):
    assert name_repetitions(view_of(text)) == found


@pytest.mark.parametrize(
    ("text", "place", "sign"),
    [
        # The act is the subject, not the models: a place after "Training" does not fit.
        ("A Title Training big models is hard", 2, "subject=gps"),
        ("A Title Training big models is hard", 3, "subject=wps"),
        ("A Title Training Big models are hard", 3, "subject=?pp"),
        ("A Title Physics that explains waves needs time", 2, "subject=?ss"),
        ("A Title Waves and winds can meet", 2, "subject=?&m"),
    ],
)
def test_whether_the_verb_fits_its_subject(text, place, sign):
    assert signs(text, place, "subject=") == [sign]


def test_a_question_in_the_title_is_not_cut():
    text = "Are Fast Tests Possible? All tests are slow."
    assert signs(text, 2, "asks=") == ["asks=1-!"]
    assert signs(text, 4, "asks=") == ["asks=1?-"]


@pytest.mark.parametrize(
    ("label", "sign"),
    [
        ("Background:", ":"),
        ("Abstract.", "."),
        ("OBJECTIVE", "L"),
        ("(Abridged)", "b"),
        ("$Context.$", "."),
        (r"\textbf{Background}", "b"),
        (r"\noindent", "T"),
        ("Bees", "-"),
    ],
)
def test_a_label_is_known_however_it_is_set(label, sign):
    assert signs(f"A Title {label} Bees fly", 2, "labelledC=") == [f"labelledC={sign}?"]


def test_how_a_text_uses_its_words():
    usage = Usage("Sparse Attention We use sparse attention, and attention helps sparse models.")
    assert usage.other_places(1) == [5, 7]
    assert usage.pair_places(0) == [4]
    assert usage.closes_phrase(5) and not usage.closes_phrase(9)
    assert usage.starts_phrase(7) and not usage.starts_phrase(5)


def test_the_letter_that_ends_a_name_is_no_article():
    text = "Winds of Cygnus A The winds are slow"
    assert 4 in likely_places(view_of(text))
    assert 3 not in likely_places(view_of(text))
    assert 3 in likely_places(view_of("Winds of Cygnus A wind is slow"))
