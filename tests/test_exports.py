"""Exports: a bibliography that BibTeX reads, a table that a spreadsheet cannot be tricked with."""

import csv
import io
import re

import pytest

from papers.library.exports import EXPORT_FORMATS, bibtex_entry
from papers.models import Paper
from tests.factories import make_group, make_paper, paper_fields
from tests.pages import body_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def rows_of(response):
    return list(csv.DictReader(io.StringIO(body_of(response))))


def entries_of(text):
    """The entries as a reader of BibTeX cuts them: by braces, whatever stands before a brace."""
    entries, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character == "{":
            start = start if depth else position
            depth += 1
        elif character == "}":
            depth -= 1
            assert depth >= 0
            if not depth:
                entries.append(text[start + 1 : position])
    assert depth == 0
    return entries


def test_a_paper_as_bibtex(group):
    paper = make_paper(
        group=group,
        title="The Kernel Trick",
        abstract="It tricks.",
        arxiv_id="2405.01234",
        doi="10.1000/182",
        published_on="2024-05-17",
    )
    paper.refresh_from_db()
    assert bibtex_entry(paper) == (
        f"@misc{{kernel2024p{paper.pk},\n"
        "  title = {{The Kernel Trick}},\n"
        "  year = {2024},\n"
        "  month = may,\n"
        "  eprint = {2405.01234},\n"
        "  archivePrefix = {arXiv},\n"
        "  doi = {10.1000/182},\n"
        "  url = {https://arxiv.org/abs/2405.01234},\n"
        "  abstract = {It tricks.},\n"
        "}\n"
    )


def test_where_neither_arxiv_nor_a_doi_leads_the_link_does(member, group):
    link = "https://example.org/{x}?a=1&b=2"
    make_paper(group=group, title="Linked", link=link)
    make_paper(group=group, title="Both", link=link, doi="10.1000/182")
    bibliography = body_of(member.get(f"{LIST}?export=bibtex"))
    assert "url = {https://example.org/%7Bx%7D?a=1&b=2}" in bibliography
    assert bibliography.count("example.org") == 1
    links = {row["title"]: row["link"] for row in rows_of(member.get(f"{LIST}?export=csv"))}
    assert links == {"Linked": link, "Both": "https://doi.org/10.1000/182"}


def test_what_is_not_known_is_left_out(group):
    paper = make_paper(group=group, title="題名", abstract="", published_on=None)
    assert bibtex_entry(paper) == f"@misc{{paperp{paper.pk},\n  title = {{{{題名}}}},\n}}\n"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("50% of A & B_c #1 for $5", r"50\% of A \& B\_c \#1 for \$5"),
        (r"a\b ~ x^2", r"a\textbackslash{}b \textasciitilde{} x\textasciicircum{}2"),
        ("{open", r"\textbraceleft{}open"),
        ("close}", r"close\textbraceright{}"),
        (r"In $\ell_1$ & more", r"In $\ell_1$ \& more"),
        (r"In $\left\{ x$", r"In \$\textbackslash{}left\textbackslash{}\textbraceleft{} x\$"),
        ("two\nlines\tand \x00", "two lines and"),
    ],
)
def test_tex_reads_the_text_as_it_stands(group, title, written):
    text = bibtex_entry(paper_fields(group=group, title=title, arxiv_id="1"))
    assert f"  title = {{{{{written}}}}},\n" in text
    assert len(entries_of(text)) == 1


def test_an_id_cannot_end_its_field(group):
    text = bibtex_entry(paper_fields(group=group, doi="10.1/a}, note = {x} %"))
    assert "doi = {10.1/a%7D,%20note%20=%20%7Bx%7D%20%}" in text
    assert len(entries_of(text)) == 1


def test_the_list_as_bibtex_has_all_pages_and_no_key_twice(member, group):
    Paper.objects.bulk_create(paper_fields(group=group, title="Same words") for _ in range(1))
    for number in range(40):
        make_paper(group=group, title=f"Same words {number}")
    make_paper(group=make_group("Strangers"), title="Same words elsewhere")
    response = member.get(f"{LIST}?q=same&export=bibtex")
    assert response["Content-Type"] == "text/x-bibtex; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="curious-minds-papers-[\d-]{10}\.bib"',
        response["Content-Disposition"],
    )
    text = body_of(response)
    keys = re.findall(r"^@misc\{(\w+),$", text, re.MULTILINE)
    assert len(entries_of(text)) == len(keys) == len(set(keys)) == 41
    assert "elsewhere" not in text


def test_the_list_as_csv_is_filtered_and_in_its_order(member, group):
    make_paper(group=group, title="Few", upvotes=3, topics=["Vision", "Theory"])
    paper = make_paper(group=group, title="Many", upvotes=9, arxiv_id="2405.01234")
    make_paper(group=group, title="None", upvotes=0)
    rows = rows_of(member.get(f"{LIST}?upvotes_min=1&sort=upvotes&export=csv"))
    assert [row["title"] for row in rows] == ["Many", "Few"]
    assert rows[0]["link"] == "https://arxiv.org/abs/2405.01234"
    assert rows[0]["page"] == f"http://testserver{LIST}{paper.pk}/"
    assert rows[1]["topics"] == "Theory, Vision"
    assert rows[1]["published"] == "2024-05-17"


def test_the_best_come_first_and_nothing_is_lost_behind_them(member, group, monkeypatch):
    monkeypatch.setattr("papers.library.search.MOST_RANKED", 3)
    for number in range(5):
        make_paper(group=group, title=f"Other {number}", abstract="A kernel.")
    make_paper(group=group, title="Kernel")
    make_paper(group=group, title="No such word")
    titles = [row["title"] for row in rows_of(member.get(f"{LIST}?q=kernel&export=csv"))]
    assert titles[0] == "Kernel"
    assert sorted(titles) == ["Kernel"] + [f"Other {number}" for number in range(5)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " ="])
def test_a_spreadsheet_takes_no_text_for_a_formula(member, group, start):
    make_paper(group=group, title="Fine", abstract=f"{start}HYPERLINK(1)")
    (row,) = rows_of(member.get(f"{LIST}?export=csv"))
    assert row["abstract"].startswith("'")
    assert row["title"] == "Fine"


@pytest.mark.parametrize("form", ["csv", "bibtex"])
@pytest.mark.parametrize("query", ["", "q=on&"])
def test_the_queries_of_an_export_do_not_grow(
    member, group, form, query, django_assert_max_num_queries
):
    make_paper(group=group, topics=["Vision"])
    with django_assert_max_num_queries(10) as few:
        body_of(member.get(f"{LIST}?{query}export={form}"))
    for _ in range(30):
        make_paper(group=group, topics=["Vision", "Theory"])
    with django_assert_max_num_queries(10) as many:
        body_of(member.get(f"{LIST}?{query}export={form}"))
    assert len(few.captured_queries) == len(many.captured_queries)


def test_an_unknown_form_is_the_list(member, group):
    response = member.get(f"{LIST}?export=exe")
    assert response.status_code == 302
    assert response.url == LIST


@pytest.mark.parametrize(
    "formula",
    [r"$\input{/etc/passwd}$", r"$\write18{id}$", r"$\catcode`x=12$", "$50%$", r"$\def\x{\x}\x$"],
)
def test_a_formula_that_does_more_than_stand_there_is_text_for_tex(group, formula):
    exported = bibtex_entry(make_paper(group=group, title=f"On {formula} and $x^2$"))

    assert formula not in exported
    assert "$x^2$" in exported


def test_the_page_offers_each_form_there_is(member, group, monkeypatch):
    make_paper(group=group)
    for name, form in EXPORT_FORMATS.items():
        assert f'<a href="?export={name}">{form.label}</a>' in member.get(LIST).content.decode()
    titles = EXPORT_FORMATS["csv"]._replace(
        label="Titles", lines=lambda papers, *_: (f"{paper.title}\n" for paper in papers)
    )
    monkeypatch.setitem(EXPORT_FORMATS, "titles", titles)
    (address,) = re.findall('<a href="([^"]*)">Titles</a>', member.get(LIST).content.decode())
    assert body_of(member.get(LIST + address)).startswith("On the number")
