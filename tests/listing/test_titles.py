"""Where the title ends. The texts are made up; each kind of cut that a listing holds has some."""

import dataclasses
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.listing.titles import evaluate, weights
from papers.listing.titles.features import ROLES, pair_features, word_features
from papers.listing.titles.lexicon import Counts, Lexicon
from papers.listing.titles.papers import read_papers, simplify_tex
from papers.listing.titles.reasons import describe_feature
from papers.listing.titles.sentences import sentence_features
from papers.listing.titles.split import Cut, explain_cuts, split
from papers.listing.titles.weights import Calibration, Weights, pack_weights, unpack_weights
from papers.listing.titles.window import analyse_word, build_window, likely_places
from papers.listing.titles.words import bare_word, word_core, word_shape
from tests.listing.cuts import CUTS


@pytest.mark.parametrize(("title", "abstract"), CUTS.values(), ids=CUTS)
def test_it_cuts(title, abstract):
    cut = split(f"{title} {abstract}")
    assert (cut.title, cut.abstract) == (title, abstract)


@pytest.mark.parametrize(("title", "abstract"), CUTS.values(), ids=CUTS)
def test_it_cuts_simplified_tex(title, abstract):
    title, abstract = simplify_tex(title), simplify_tex(abstract)
    assert split(f"{title} {abstract}").title == title


def test_confidence_is_a_probability():
    title, abstract = CUTS["opens with We"]
    assert 0.9 < split(f"{title} {abstract}").confidence <= 1


def test_it_doubts_what_can_be_read_two_ways():
    assert split("Graph Learning Methods Graph Learning Methods Graph Learning").confidence < 0.9


def test_candidates_limit_the_choice():
    text = "Deep Nets We train deep nets on pictures. They learn slowly."
    offsets = [len("Deep"), len("Deep Nets We train")]
    assert split(text, offsets).title in {text[:offset] for offset in offsets}
    assert split(text, [len("Deep Nets We")]).title == "Deep Nets We"


def test_no_candidate_inside_the_text_leaves_a_title_in_doubt():
    assert split("Deep Nets", [0, -4, 9, 400]) == Cut("Deep Nets", "", 0.0)


def test_a_candidate_may_be_far_into_the_text():
    text = " ".join(["word"] * 300)
    assert split(text, [len("word") * 200 + 199]).title.count(" ") == 199


@pytest.mark.parametrize("text", ["", " ", "Alone", "\ud800", "\x00"])
def test_a_text_that_cannot_be_cut_is_all_title(text):
    assert split(text) == Cut(text.strip(), "", 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "深層学習 入門 この論文では 新しい手法を 提案する。",
        "Глубокое обучение для графов Мы предлагаем новый метод обучения на графах.",
        "all of it in lower case and nothing to hold on to at all",
        "$ $$ \\ ( ) { } . , : ; ? !",
    ],
)
def test_any_script_is_cut_somewhere(text):
    cut = split(text)
    assert f"{cut.title} {cut.abstract}" == text
    assert 0 <= cut.confidence <= 1


@pytest.mark.parametrize("piece", ["x", "Word ", "A " * 5, "(" * 9, "é"])
def test_a_huge_text_is_cut(piece):
    text = piece * (10_000_000 // len(piece))
    cut = split(text)
    assert len(cut.title) + len(cut.abstract) >= len(text.strip()) - 1


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300), st.none() | st.lists(st.integers(-5, 400), max_size=5))
def test_no_text_makes_it_fail(text, candidates):
    cut = split(text, candidates)
    assert 0 <= cut.confidence <= 1
    assert "".join(text.split()) == "".join((cut.title + cut.abstract).split())


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(["We", "A", "model", "models", "(RC)", "is", "$x$", "B.", "for"])))
def test_words_are_neither_lost_nor_moved(words):
    cut = split(" ".join(words))
    assert [*cut.title.split(), *cut.abstract.split()] == words


def test_explain_names_the_best_three_cuts():
    title, abstract = CUTS["acronym defined at once"]
    reasons = explain_cuts(f"{title} {abstract}")
    assert [len(reasons), reasons[0].cut.title] == [3, title]
    assert reasons[0].cut.confidence > reasons[1].cut.confidence
    names = [name for name, weight in reasons[0].features if weight > 0]
    assert names and all(name.isprintable() for name in names)
    first, second, third = (dict(reason.features) for reason in reasons)
    assert not first.keys() & second.keys() & third.keys()  # what all have decides nothing
    assert any("acronym" in name for name in first)


def test_every_feature_has_a_name_in_words():
    lexicon = Lexicon()
    for title, abstract in CUTS.values():
        view = build_window(
            f"{title} {abstract}", lambda text: analyse_word(text, lexicon), lexicon
        )
        names = pair_features(view, 3) + sentence_features(view, [3])[0]
        names += [name for role in ROLES for name in word_features(role, view.words[4])]
        assert all(": " in describe_feature(name) for name in names)


def test_explain_takes_any_text():
    assert explain_cuts("")[0].cut == Cut("", "", 0.0)
    assert explain_cuts("Alone")[0].cut == Cut("Alone", "", 0.0)


def test_other_processes_answer_the_same():
    texts = [f"{title} {abstract}" for title, abstract in CUTS.values()]
    code = (
        "import json, sys; from papers.listing.titles import split\n"
        "print(json.dumps([split(text).confidence for text in json.load(sys.stdin)]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(texts),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert json.loads(runs[0]) == [split(text).confidence for text in texts]


def test_an_answer_does_not_depend_on_what_was_asked_before():
    title, abstract = CUTS["dash"]
    first = split(f"{title} {abstract}")
    for other in CUTS.values():
        split(" ".join(other))
    assert split(f"{title} {abstract}") == first


def test_a_cut_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        split("A B").title = "B"


def test_the_weights_are_small():
    assert weights.WEIGHTS_FILE.stat().st_size <= 2_000_000


@pytest.mark.parametrize(
    "weights",
    [
        Weights(
            lexicon=Lexicon({"wave": "123456", "zoë": "??????"}, {"short wave": 3, "wave for": 7}),
            quick={"a": 0.5, "b": -1.0},
            full={"b": 2.0, "ü=x y": 0.25},
            quick_calibration=Calibration(1.5, 0.25),
            full_calibration=Calibration(),
            settled_threshold=0.99,
        ),
        Weights(Lexicon(), {}, {}, Calibration(), Calibration(), 1.0),
    ],
)
def test_weights_survive_packing(weights):
    assert unpack_weights(pack_weights(weights)) == weights
    assert pack_weights(unpack_weights(pack_weights(weights))) == pack_weights(weights)


def test_weights_are_rounded_and_those_without_effect_left_out():
    weights = Weights(Lexicon(), {"a": 0.49, "b": 0.001}, {}, Calibration(), Calibration(), 1.0)
    assert unpack_weights(pack_weights(weights)).quick == {"a": 0.5}


def test_a_file_of_something_else_is_refused():
    with pytest.raises(ValueError, match="no file of title weights"):
        unpack_weights(b"PK\x03\x04")


def test_places_before_lower_case_are_left_out():
    lexicon = Lexicon()
    view = build_window(
        "Waves in the Upper Air We measure waves.",
        lambda text: analyse_word(text, lexicon),
        lexicon,
    )
    assert [" ".join(word.text for word in view.words[:i]) for i in likely_places(view)] == [
        "Waves in the Upper",
        "Waves in the Upper Air",
    ]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Deep", "T"),
        ("GPU,", "C,"),
        ("A", "A"),
        ("LaTeX:", "M:"),
        ("Data-driven", "h"),
        ("Data-Driven", "H"),
        ("of", "s"),
        ("waves.", "w."),
        ("miRNA", "x"),
        ("3D", "D"),
        ("2019.", "d."),
        ("$x$", "$"),
        ("(RC)", "()"),
        ("深層学習", "o"),
        ("", ""),
    ],
)
def test_the_shape_of_a_word(word, code):
    assert word_shape(word) == code


@pytest.mark.parametrize("word", ["Policy", "policies,", "(POLICY)", "policy's", '"Policies"'])
def test_a_word_is_recognised_when_it_comes_again(word):
    assert word_core(bare_word(word)) == "policy"


def test_counts_can_leave_papers_out():
    both, one = Counts(), Counts()
    for counts in (both, one):
        counts.add_paper("Short Waves", "Short waves travel far. We count short waves at night.")
    both.add_paper("Long Waves", "Long waves travel further.")
    rest = both.without(one)
    assert rest.pairs == {
        **dict.fromkeys(one.pairs, 0),
        "long waves": 1,
        "waves travel": 1,
        "travel further": 1,
    }
    assert one.to_lexicon(rare_word=1, rare_pair=1).pairs["short waves"] == 1


def test_papers_are_read_raw_and_simplified(tmp_path):
    record = {
        "title": r"On $\alpha$\n  Decay",
        "abstract": r"We see \emph{much}\n  of it.",
        "set": "x",
    }
    path = tmp_path / "papers.jsonl"
    path.write_text(json.dumps(record) + "\n\n" + json.dumps({"title": "No abstract"}) + "\n")
    raw, simple = read_papers([path])
    assert [raw.form, simple.form, raw.fold] == ["raw", "simplified", simple.fold]
    assert simple.abstract.startswith("We see much")


def test_of_a_long_file_some_lines_are_enough(tmp_path):
    path = tmp_path / "papers.jsonl"
    lines = [json.dumps({"title": f"Title {n}", "abstract": "We count."}) for n in range(10)]
    path.write_text("\n".join(lines))
    titles = [paper.title for paper in read_papers([path], every=4) if paper.form == "raw"]
    assert titles == ["Title 0", "Title 4", "Title 8"]


@pytest.mark.parametrize(
    ("tex", "simple"),
    [
        (r"at $\sqrt{s}=13$ TeV", "at s=13 TeV"),
        (r"$2.5\times$ faster", "2.5times faster"),
        (r"\textbf{bold} and \emph{slanted}", "bold and slanted"),
        ("costs $5", "costs $5"),
    ],
)
def test_tex_is_simplified_as_a_papers_page_does(tex, simple):
    assert simplify_tex(tex) == simple


def test_evaluation_tells_right_flagged_and_slipped():
    answers = [(0.99, True), (0.95, False), (0.5, True), (0.2, False)]
    assert evaluate.accuracy_summary(answers) == (
        "4 titles, 50.00% right, 50.00% flagged, 1 of 2 unflagged wrong"
    )
    assert evaluate.calibration_lines([(1.0, True), (0.91, False)]) == [
        "    0.9-1.0:      2 titles, said 0.9550, right 0.5000"
    ]


def test_evaluation_keeps_sets_apart(tmp_path, capsys):
    path = tmp_path / "papers.jsonl"
    records = [
        {"title": title, "abstract": abstract, "set": origin}
        for (title, abstract), origin in zip(CUTS.values(), ["one", "two"] * 2, strict=False)
    ]
    path.write_text("\n".join(json.dumps(record) for record in records))
    evaluate.main([str(path)])
    lines = [line for line in capsys.readouterr().out.splitlines() if line[0] != " "]
    assert [line.split(":")[0] for line in lines] == [
        "one, raw",
        "one, simplified",
        "two, raw",
        "two, simplified",
    ]


def test_training_twice_gives_the_same_bytes(tmp_path):
    pytest.importorskip("numpy", reason="only training needs numpy")
    from papers.listing.titles import train

    path = tmp_path / "papers.jsonl"
    records = [{"title": title, "abstract": abstract} for title, abstract in CUTS.values()]
    path.write_text("\n".join(json.dumps(record) for record in records))
    outputs = [tmp_path / "first", tmp_path / "second"]
    for output in outputs:
        train.main([str(path), "--output", str(output)])
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
