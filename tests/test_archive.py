"""The archive as files: what a reader of each finds, whatever members wrote."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from markdown_it import MarkdownIt

from papers.discussions.archive import EXPORT_FORMATS
from papers.models import AgendaItem
from tests.factories import make_group, make_meeting, make_paper
from tests.hostile import ADDRESSES
from tests.pages import body_of
from tests.test_exports import entries_of

LIST = "/curious-minds/discussions/"
OCTOBER = datetime(2026, 10, 2, 14, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def held(group, *papers, starts_at=OCTOBER, outcome=None, **fields):
    meeting = make_meeting(
        group=group, papers=papers, starts_at=starts_at, **({"state": "held"} | fields)
    )
    meeting.agenda.update(**outcome or {})
    return meeting


def export(client, form, query=""):
    response = client.get(f"{LIST}?export={form}{query}")
    assert response.status_code == 200
    return body_of(response)


def rows_of(client, query=""):
    return list(csv.DictReader(io.StringIO(export(client, "csv", query).removeprefix("\ufeff"))))


# BibTeX.


def test_a_paper_has_all_that_came_of_it_in_one_note(member, group):
    paper = make_paper(group=group, title="Kernels")
    held(group, paper, outcome={"verdict": "worth", "takeaways": "It scales.\n\n50% faster"})
    held(group, paper, starts_at=OCTOBER + WEEK, outcome={"verdict": "mixed"})
    text = export(member, "bibtex")
    note = "discussed 2026-10-02: worth it. It scales. 50\\% faster. discussed 2026-10-09: mixed."
    assert f"  note = {{{note}}},\n" in text
    assert len(entries_of(text)) == 1


def test_the_marks_of_a_list_are_not_in_the_note(member, group):
    paper = make_paper(group=group, title="Kernels")
    held(group, paper, outcome={"takeaways": "- It scales - well\n* -5 dB\n+ So"})
    note = "discussed 2026-10-02: It scales - well. -5 dB. So."
    assert f"  note = {{{note}}},\n" in export(member, "bibtex")


def test_the_last_discussed_comes_first_and_no_paper_twice(member, group):
    one, two, three = (make_paper(group=group, title=title) for title in ("One", "Two", "Three"))
    held(group, one, two, starts_at=OCTOBER)
    held(group, three, starts_at=OCTOBER + WEEK)
    held(group, one, starts_at=OCTOBER + 2 * WEEK)
    titles = re.findall(r"title = \{\{(\w+)\}\}", export(member, "bibtex"))
    assert titles == ["One", "Three", "Two"]
    assert "note = {discussed 2026-10-09.}" in export(member, "bibtex")


@pytest.mark.parametrize(
    "takeaways",
    ["}, evil = {x", "{", "}", r"\input{/etc/passwd}", "$\\input x$", "a % b\n@misc{x,"],
)
def test_what_members_wrote_stays_in_its_note(member, group, takeaways):
    held(group, make_paper(group=group, title="T"), outcome={"takeaways": takeaways})
    held(group, make_paper(group=group, title="U"))
    text = export(member, "bibtex")
    assert len(entries_of(text)) == 2
    assert "\\input" not in text
    assert sum(line.startswith("  note = ") for line in text.splitlines()) == 2


def test_days_are_those_of_the_group(member, group, bob):
    group.time_zone = "Asia/Tokyo"
    group.save()
    bob.time_zone = "America/New_York"
    bob.save()
    held(group, make_paper(group=group), starts_at=datetime(2026, 10, 2, 20, tzinfo=UTC))
    assert "discussed 2026-10-03" in export(member, "bibtex")
    assert "## 2026-10-03" in export(member, "markdown")
    assert rows_of(member)[0]["date"] == "2026-10-03"


# Markdown.


def test_a_meeting_as_markdown(member, group, alice):
    paper = make_paper(group=group, title="Deep *nets* in $\\ell_1$ #1", arxiv_id="2405.01234")
    outcome = {
        "presenter": alice,
        "is_confirmed": True,
        "verdict": "worth",
        "takeaways": "It *scales*:\n\n- well\n- far",
        "open_questions": "Why?",
        "slides": "https://example.org/slides",
    }
    held(
        group, paper, outcome=outcome, place="B 12", recording="https://example.org/r", notes="Bye"
    )
    assert export(member, "markdown") == (
        "# Curious minds: discussions\n"
        "\n## 2026-10-02\n"
        "\n- Place: B 12\n- Recording: <https://example.org/r>\n"
        "\n### Deep \\*nets\\* in $\\ell_1$ \\#1\n"
        "\n- Presented by: Alice\n- Verdict: worth it\n"
        "- Link: <https://arxiv.org/abs/2405.01234>\n- Slides: <https://example.org/slides>\n"
        "\n#### Take-aways\n\n> It *scales*:\n>\n> - well\n> - far\n"
        "\n#### Open questions\n\n> Why?\n"
        "\n### Notes\n\n> Bye\n"
    )


def test_a_meeting_that_read_together_says_so(member, group):
    held(group, make_paper(group=group, title="Kernels"), reads_together=True)
    held(group, make_paper(group=group, title="Waves"), starts_at=OCTOBER - WEEK)
    markdown = export(member, "markdown")
    line = "- Read together: for the first 20 minutes\n"
    assert f"## 2026-10-02\n\n{line}\n### Kernels\n" in markdown
    assert markdown.count(line) == 1
    assert [row["read together"] for row in rows_of(member)] == ["yes", ""]


def outline(text):
    """The headings that stand in the text itself, as a reader of Markdown has them."""
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        (token.tag, tokens[at + 1].content)
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


BREAKOUTS = [
    "# Mine",
    "Mine\n====",
    "a\r\n\r\n# Mine",
    "a\r# Mine",
    "a\u2028# Mine",
    "a\x0b# Mine\x0c# Mine",
    "```\nnever closed",
    "~~~~~~\n> x",
    "<!-- never closed",
    "<script>alert(1)</script>",
    "</blockquote><h1>Mine</h1>",
    "<pre>\n",
    "<![CDATA[",
    "<?php",
    "- a\n\n\n      - b\n\n# Mine",
    "> > > deep\n\n# Mine",
    "[Kernels]: https://evil.example\n\n[Kernels]",
]


@pytest.mark.parametrize("text", BREAKOUTS)
def test_what_members_wrote_is_a_quotation_and_no_more(member, group, text):
    outcome = {"takeaways": text, "open_questions": text}
    held(group, make_paper(group=group, title="Kernels"), outcome=outcome, notes=text)
    held(group, make_paper(group=group, title="Next"), starts_at=OCTOBER - WEEK)
    markdown = export(member, "markdown")
    assert outline(markdown) == [
        ("h1", "Curious minds: discussions"),
        ("h2", "2026-10-02"),
        ("h3", "Kernels"),
        ("h4", "Take-aways"),
        ("h4", "Open questions"),
        ("h3", "Notes"),
        ("h2", "2026-09-25"),
        ("h3", "Next"),
    ]
    tokens = MarkdownIt("commonmark").parse(markdown)
    assert not {"html_block", "html_inline"} & {
        one.type for token in tokens for one in [token, *(token.children or [])]
    }
    html = MarkdownIt("commonmark").render(markdown)
    assert "evil.example" not in re.sub(r"<blockquote>.*?</blockquote>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize(
    "title",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/x.png)",
        "a\n\n# Mine",
        "`code` **bold** _em_ ~~gone~~ <https://evil.example>",
        "$<script>alert(1)</script>$",
        "$[x](https://evil.example)$",
        "&lt;script&gt; trailing \\",
        "https://evil.example",
    ],
)
def test_a_title_or_a_place_is_words_alone(member, group, title):
    held(group, make_paper(group=group, title=title), place=title)
    html = MarkdownIt("commonmark").render(export(member, "markdown"))
    assert set(re.findall(r"<(\w+)", html)) == {"h1", "h2", "h3", "ul", "li"}


@pytest.mark.parametrize("address", [*ADDRESSES, "https://example.org/?a>**x**", "https://a/`b"])
def test_an_address_ends_where_it_does(member, group, address):
    """Forms refuse most of these; none brings markup of its own, if it came here."""
    address = address.replace("\x00", "")[:500]  # which one database does not keep
    paper = make_paper(group=group, title="T")
    held(group, paper, outcome={"slides": address}, recording=address)
    html = MarkdownIt("commonmark").render(export(member, "markdown"))
    assert set(re.findall(r"<(\w+)", html)) <= {"h1", "h2", "h3", "ul", "li", "a"}


# CSV.


def test_a_row_for_each_paper_of_each_meeting(member, group, alice):
    one, two = (
        make_paper(group=group, title="One"),
        make_paper(group=group, title="Two", doi="10.1/x"),
    )
    meeting = held(group, one, two, place="B 12", outcome={"presenter": alice})
    meeting.agenda.filter(paper=two).update(is_confirmed=True, verdict="not")
    held(group, one, starts_at=OCTOBER + WEEK)
    rows = rows_of(member)
    assert [(row["date"], row["paper"]) for row in rows] == [
        ("2026-10-09", "One"),
        ("2026-10-02", "One"),
        ("2026-10-02", "Two"),
    ]
    assert [row["presenter"] for row in rows] == ["", "", "Alice"]
    assert rows[2]["verdict"] == "not worth it"
    assert rows[2]["place"] == "B 12"
    assert rows[2]["link"] == "https://doi.org/10.1/x"
    assert rows[2]["page of the discussion"] == f"http://testserver{LIST}{meeting.pk}/"


def test_no_cell_is_a_formula(member, group):
    evil = "=HYPERLINK(1)"
    outcome = {"takeaways": evil, "open_questions": "@x", "slides": "+1"}
    held(group, make_paper(group=group, title=evil), place="-1", outcome=outcome)
    (row,) = rows_of(member)
    assert (row["paper"], row["take-aways"]) == (f"'{evil}", f"'{evil}")
    assert (row["open questions"], row["slides"], row["place"]) == ("'@x", "'+1", "'-1")


# All of them.


@pytest.mark.parametrize("form", ["bibtex", "markdown", "csv"])
def test_what_was_held_and_passes_the_filters_is_in_it_alone(member, group, form):
    def paper(title, where=group):
        return make_paper(group=where, title=title)

    held(group, paper("Held"))
    held(group, paper("Older"), starts_at=datetime(2019, 5, 1, tzinfo=UTC))
    held(group, paper("Coming"), state="scheduled")
    held(group, paper("Off"), state="cancelled")
    other = make_group("Secretive")
    held(other, paper("Hidden", other))
    text = export(member, form)
    assert "Held" in text
    assert "Older" in text
    assert not re.search("Coming|Off|Hidden", text)
    text = export(member, form, "&year=2019")
    assert "Older" in text
    assert "Held" not in text


@pytest.mark.parametrize(
    ("form", "content_type", "ending"),
    [
        ("bibtex", "text/x-bibtex", "bib"),
        ("markdown", "text/markdown", "md"),
        ("csv", "text/csv", "csv"),
    ],
)
def test_they_are_files_of_their_kind_and_there_where_there_is_something(
    member, group, form, content_type, ending
):
    assert "Export past discussions" not in member.get(LIST).content.decode()
    held(group, make_paper(group=group))
    assert f'href="?export={form}"' in member.get(LIST).content.decode()
    response = member.get(f"{LIST}?export={form}")
    assert response["Content-Type"] == f"{content_type}; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="curious-minds-discussions-[\d-]{{10}}\.{ending}"',
        response["Content-Disposition"],
    )


@pytest.mark.parametrize("form", ["bibtex", "markdown", "csv"])
def test_the_queries_are_as_many_for_one_as_for_thirty(
    member, group, alice, form, django_assert_max_num_queries
):
    for number in range(30):
        held(
            group,
            make_paper(group=group),
            starts_at=OCTOBER - number * WEEK,
            outcome={"presenter": alice, "is_confirmed": True},
        )
    assert AgendaItem.objects.count() == 30
    with django_assert_max_num_queries(14):
        export(member, form)


def test_the_page_offers_each_form_there_is(member, group, monkeypatch):
    held(group, make_paper(group=group, title="Held"))
    for name, form in EXPORT_FORMATS.items():
        assert f'<a href="?export={name}">{form.label}</a>' in member.get(LIST).content.decode()
    number = EXPORT_FORMATS["csv"]._replace(
        label="Number", lines=lambda choice, _: [choice.held_discussions().count()]
    )
    monkeypatch.setitem(EXPORT_FORMATS, "number", number)
    for query in ("", "?state=past"):  # the archive, and what a filter lets through
        page = member.get(LIST + query).content.decode()
        (address,) = re.findall('<a href="([^"]*)">Number</a>', page)
        assert body_of(member.get(LIST + address.replace("&amp;", "&"))) == "1"
