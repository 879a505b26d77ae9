"""The text of a papers page, in any layout: figures, noise, traps and faults."""

from dataclasses import replace
from datetime import date

import pytest

from papers.listing import Listing, ListingError, bodies, layouts, read
from tests.listing.rendering import CAPTURED_ON, LAYOUTS, Paper, render

KITES = Paper(
    "Kites That Steer Themselves in Gusty Weather",
    "We build kites that steer without a pilot. They were flown for 12 days on Jun 12, 2023 and "
    "in the week after. Wind speeds up to 40 knots were met, and no kite was lost in any flight.",
    upvotes=14,
    author_count=3,
    comment_count=2,
)
BREAD = Paper(
    "Sourdough as a Distributed System",
    "Bread rises when many small actors agree. This paper asks how they come to agree, and "
    "measures it in four bakeries. A survey among 25 authors · all of them bakers · confirms it.",
    author_count=1,
    published_on=date(2023, 6, 12),
)
SNAILS = Paper(
    "Snail Mail: Slow Messages over Lossy Lettuce",
    "Messages are carried by snails in this work. The throughput is low; the delay is not. Our "
    "protocol loses 5 of 100 leaves, which earlier ones ate.",
    upvotes=3303,
    author_count=128,
    published_on=date(2024, 2, 29),
    comment_count=1,
)
PAPERS = [KITES, BREAD, SNAILS]
FIELDS = ("title", "abstract", "upvotes", "author_count", "published_on", "comment_count")


@pytest.fixture(autouse=True)
def known(knowing_titles):
    knowing_titles(PAPERS)


def listing(text: str) -> Listing:
    return read(text, captured_on=CAPTURED_ON)


def assert_papers(found: Listing, papers: list[Paper]) -> None:
    got = [tuple(getattr(entry, name) for name in FIELDS) for entry in found.entries]
    assert got == [tuple(getattr(paper, name) for name in FIELDS) for paper in papers]


def lines_of(paper: Paper) -> str:
    return render([paper], "lines").rstrip("\n")


class TestNumbers:
    @pytest.mark.parametrize(
        ("words", "value"),
        [("3,303", 3303), ("3303", 3303), ("2.1k", 2100), ("2K", 2000), ("1.2M", 1_200_000)]
        + [(dash, 0) for dash in "-–—−"],
    )
    def test_upvotes_may_be_short(self, words, value):
        (entry,) = listing(f"{words} A Title We say so. 5 authors · Nov 4").entries
        assert entry.upvotes == value

    def test_so_may_authors_and_comments(self):
        (entry,) = listing("1 A Title We say so. 3,303 authors · Jul 7 1,024").entries
        assert (entry.author_count, entry.comment_count) == (3303, 1024)

    def test_a_run_of_digits_is_no_count(self):
        (entry,) = listing("12345678901 A Title We say so. 5 authors · Nov 4").entries
        assert entry.upvotes == 0
        assert layouts.NO_UPVOTES in entry.doubts


class TestOneLine:
    def test_a_title_may_begin_with_a_number_after_a_dash(self):
        text = f"{lines_of(KITES)} - 100 Days of Rain It rained. 2 authors · May 1"
        assert listing(text).entries[1].title.startswith("1")
        assert not any(entry.doubts for entry in listing(text).entries[:1])

    @pytest.mark.parametrize("title", ["100 Days of Rain", "40 years of rain", "7 dB Squeezed"])
    def test_a_title_that_may_begin_with_a_number_puts_both_in_doubt(self, title):
        first = lines_of(BREAD)
        before, after = listing(f"{first} 5 {title} It rained. 2 authors · May 1").entries
        assert layouts.COMMENTS_OR_UPVOTES in before.doubts
        assert layouts.UPVOTES_OR_TITLE in after.doubts
        assert (before.comment_count, after.upvotes) == (0, 5)

    def test_more_comments_than_upvotes_puts_both_in_doubt(self):
        first = lines_of(BREAD)
        before, after = listing(f"{first} 66 2 Rivers Meet It rained. 2 authors · May 1").entries
        assert before.doubts and after.doubts

    def test_other_titles_leave_no_doubt(self):
        text = render(PAPERS, "one_line") * 2
        assert not any(entry.doubts for entry in listing(text).entries)

    @pytest.mark.parametrize("layout", ["lines", "fields", "wrapped_fields", "wrapped"])
    def test_line_ends_leave_no_doubt(self, layout, knowing_titles):
        rain = Paper("100 Days of Rain", "It rained. " * 20 + "So it did.", upvotes=5)
        papers = [KITES, rain, BREAD, rain, SNAILS]
        knowing_titles(papers)
        found = listing(render(papers, layout))
        assert_papers(found, papers)
        assert not any(entry.doubts for entry in found.entries)


class TestTitles:
    def test_a_line_break_after_the_title_is_certain(self):
        for layout in ("fields", "wrapped_fields"):
            found = listing(render(PAPERS, layout))
            assert [entry.confidence for entry in found.entries] == [1.0, 1.0, 1.0]

    def test_so_it_is_without_upvotes(self, knowing_titles):
        knowing_titles([])
        text = "".join(render([paper], "fields").partition("\n")[2] for paper in PAPERS)
        found = listing(text)
        assert [entry.title for entry in found.entries] == [paper.title for paper in PAPERS]
        assert found.entries[0].doubts == (layouts.NO_UPVOTES,)

    def test_elsewhere_the_words_tell(self):
        found = listing(render(PAPERS, "wrapped"))
        assert [entry.confidence for entry in found.entries] == [0.75, 0.75, 0.75]

    @pytest.mark.parametrize("layout", LAYOUTS)
    @pytest.mark.parametrize("words", [1, 4])
    def test_a_title_alone_is_an_entry_in_doubt(self, layout, words):
        bare = Paper("Some Title of a Paper " * words, "", upvotes=12, author_count=5)
        bare = replace(bare, title=bare.title.strip())
        found = listing(render([KITES, bare, BREAD], layout))
        assert_papers(found, [KITES, bare, BREAD])
        assert bodies.NO_ABSTRACT in found.entries[1].doubts

    def test_an_abstract_of_two_papers_is_in_doubt(self):
        text = f"12 A Title {'We say so. ' * 300}5 authors · Nov 4"
        assert bodies.TOO_LONG in listing(text).entries[0].doubts

    def test_hyphens_at_line_ends_are_joined(self):
        text = "12\nA Title\nA large-\nscale study, pre-\nand post-hoc.\n5 authors\n·\nNov 4"
        assert listing(text).entries[0].abstract == "A large-scale study, pre- and post-hoc."


class TestTraps:
    def test_authors_and_dates_in_an_abstract_end_no_paper(self):
        sentence = "We asked 25 authors on Jun 12, 2023 and 5 authors · not 6 · what they think."
        found = listing(f"12 A Title {sentence} 5 authors · Nov 4")
        assert len(found.entries) == 1
        assert sentence in f"{found.entries[0].title} {found.entries[0].abstract}"

    @pytest.mark.parametrize("rest", ["we asked them.", "4 of which agree.", "and later."])
    def test_nor_does_a_whole_tail_in_a_sentence(self, rest):
        found = listing(f"12 A Title Of 25 authors · Jun 12, 2023 {rest} 5 authors · Nov 4")
        assert [entry.author_count for entry in found.entries] == [5]

    def test_missing_upvotes_are_nought_and_in_doubt(self):
        text = lines_of(KITES) + "\n" + lines_of(BREAD).removeprefix("- ")
        found = listing(text)
        assert_papers(found, [KITES, BREAD])
        assert layouts.NO_UPVOTES in found.entries[1].doubts


class TestNoise:
    NOISE = (
        ["Submitted by jane-doe"],
        ["Submitted by", "Jane Doe"],
        ["#1 Paper of the day"],
        ["Upvote"],
        ["+110"],
        ["Institute of Snails"],
        ["Institute of Snails", "Submitted by jane", "Upvote"],
    )

    @pytest.mark.parametrize("noise", NOISE)
    @pytest.mark.parametrize("layout", ["lines", "fields", "wrapped_fields", "wrapped"])
    def test_a_line_of_the_page_is_part_of_no_paper(self, layout, noise):
        found = listing(render(PAPERS, layout, before=lambda position: noise))
        assert_papers(found, PAPERS)
        assert found.problems == ()
        assert found.entries[0].line == 1

    @pytest.mark.parametrize("noise", [["Submitted by jane"], ["#1 Paper of the day"], ["+110"]])
    def test_nor_is_it_within_a_line(self, noise):
        found = listing(render(PAPERS, "one_line", before=lambda position: noise))
        assert_papers(found, PAPERS)

    def test_an_organisation_before_the_authors(self):
        text = render([KITES], "fields").replace("3 authors", "Institute of Kites\n3 authors")
        assert_papers(listing(text), [KITES])

    def test_upvotes_with_their_label_and_voters(self):
        text = render([KITES], "fields").replace("14\n", "Upvote 14 +10\n", 1)
        assert_papers(listing(text), [KITES])

    def test_an_abstract_may_speak_of_it(self):
        sentence = (
            "Upvote buttons were Submitted by users; +110 of them was the #1 Paper of the day."
        )
        (entry,) = listing(f"1 A Title {sentence} 5 authors · Nov 4").entries
        assert sentence in f"{entry.title} {entry.abstract}"

    def test_noise_after_the_last_paper_belongs_to_it(self):
        found = listing(lines_of(KITES) + "\n\nUpvote\nSubmitted by jane\n")
        assert [(entry.line, entry.last_line) for entry in found.entries] == [(1, 4)]


class TestFaults:
    def test_a_line_without_its_end_is_a_problem(self):
        broken = "7 A Broken Paper It has no authors and no date."
        found = listing("\n".join([lines_of(KITES), broken, lines_of(BREAD), lines_of(SNAILS)]))
        assert_papers(found, PAPERS)
        (problem,) = found.problems
        assert (problem.line, problem.last_line) == (2, 2)
        assert problem.reason == layouts.NO_END
        assert problem.excerpt == broken

    def test_so_are_fields_without_their_end(self):
        broken = "7\nA Broken Paper\nIt has no authors and no date.\n"
        text = render([KITES], "fields") + broken + render([BREAD, SNAILS], "fields")
        found = listing(text)
        assert_papers(found, PAPERS)
        assert [(found.line, found.last_line) for found in found.problems] == [(8, 10)]

    def test_and_a_text_cut_off(self):
        found = listing(render(PAPERS, "lines") + "7 A Paper Cut Off It has\nno end")
        assert_papers(found, PAPERS)
        assert [(found.line, found.last_line) for found in found.problems] == [(4, 5)]

    @pytest.mark.parametrize(
        ("words", "reason"),
        [("Feb 30", "“Feb 30” is no day"), ("Jan 1, 2027", "check the capture date")],
    )
    def test_a_day_that_cannot_be_is_a_problem(self, words, reason):
        text = f"{lines_of(KITES)}\n7 A Paper It is. 5 authors · {words} 3\n{lines_of(BREAD)}"
        found = listing(text)
        assert_papers(found, [KITES, BREAD])
        assert [problem.line for problem in found.problems] == [2]
        assert reason in found.problems[0].reason

    def test_no_title_is_a_problem(self):
        found = listing(f"{lines_of(KITES)}\n12 5 authors · Nov 4\n{lines_of(BREAD)}")
        assert_papers(found, [KITES, BREAD])
        assert found.problems[0].reason == layouts.NO_TITLE

    def test_only_broken_papers_are_a_listing_still(self):
        found = listing("12 A Title We say so. 5 authors · Feb 30")
        assert (found.entries, len(found.problems)) == ((), 1)

    def test_the_head_of_a_page_is_no_paper(self):
        head = "Some Site for Papers\nAll of the models, all of the data, and more of it.\n"
        found = listing(head + render(PAPERS, "lines"))
        assert_papers(found, PAPERS)
        assert [(problem.line, problem.last_line) for problem in found.problems] == [(1, 2)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("", "empty"),
            (" \n\t\u00a0", "empty"),
            ("\ufeff", "empty"),
            ("%PDF-1.7 ...", "PDF"),
            ("PK\x03\x04 ...", "zip"),
            ("<!DOCTYPE html>\n<html><body>25 authors · Jun 12, 2023</body></html>", "HTML"),
            ("\n <html lang=en>", "HTML"),
            ("\x00\x01\x02" * 99, "not text"),
            ("Once upon a time there were 25 authors.", "No paper was found"),
            ("\ud800", "No paper was found"),
        ],
    )
    def test_what_is_no_listing_is_refused_with_advice(self, text, word):
        with pytest.raises(ListingError, match=word) as refusal:
            listing(text)
        assert str(refusal.value).endswith(".")


def test_lines_are_counted_with_blank_ones():
    text = "\n\n" + lines_of(KITES) + "\r\n\r\n\r\n" + lines_of(BREAD) + "\r" + lines_of(SNAILS)
    assert [(entry.line, entry.last_line) for entry in listing(text).entries] == [
        (3, 3),
        (6, 6),
        (7, 7),
    ]


def test_progress_is_told():
    calls = []
    text = render(PAPERS * 400, "lines")
    read(text, captured_on=CAPTURED_ON, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(500, 1200), (1000, 1200)]
