"""Exports: a bibliography that BibTeX reads, a table that a spreadsheet cannot be tricked with."""

import csv
import io
import re

import pytest

from papers.library.bibtex import bibtex_entry
from papers.library.exports import EXPORT_FORMATS
from papers.library.tex_text import text_tex
from papers.models import Paper
from tests.downloading import download
from tests.factories import make_group, make_meeting, make_paper, paper_fields
from tests.pages import body_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def rows_of(response):
    return list(csv.DictReader(io.StringIO(body_of(response).removeprefix("\ufeff"))))


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
    assert bibtex_entry(paper) == f"@misc{{paperp{paper.pk},\n  title = {{{{TiMing}}}},\n}}\n"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        # What TeX takes for commands is text.
        ("50% of A & B_c #1 for $5", r"50\% of A \& B\_c \#1 for \$5"),
        (r"a\b ~ x^2", r"a\textbackslash{}b \textasciitilde{} x\textasciicircum{}2"),
        ("{open", r"\textbraceleft{}open"),
        ("close}", r"close\textbraceright{}"),
        ("a < b > c | d", r"a \textless{} b \textgreater{} c \textbar{} d"),
        (
            r"\input{x} \foo",
            r"\textbackslash{}input\textbraceleft{}x\textbraceright{} \textbackslash{}foo",
        ),
        ("two\nlines\tand \x00", "two lines and"),
        ('“Q” ‘q’ "q" — „q', "``Q'' `q' ``q'' --- ,,q"),
        # Letters and signs.
        ("Über Größe, Łódź", r"{\"{U}}ber Gr{\"{o}}{\ss}e, {\L}{\'{o}}d{\'{z}}"),
        ("u\u0308 and ñ", r"{\"{u}} and {\~{n}}"),
        ("ế ḳ x\u0302 ą", r"{\^{e}} k x a"),
        ("\u0301a", "a"),
        ("æ ø ß ı … §", r"{\ae} {\o} {\ss} {\i} {\ldots} {\S}"),
        (
            "α-Ω → ≤ ά",
            r"{\ensuremath{\alpha}}-{\ensuremath{\Omega}} {\ensuremath{\rightarrow}}"
            r" {\ensuremath{\leq}} {\ensuremath{\acute{\alpha}}}",
        ),
        (
            "ℝ 𝐱 𝒜",
            r"{\ensuremath{\mathbb{R}}} {\ensuremath{\mathbf{x}}} {\ensuremath{\mathcal{A}}}",
        ),
        ("x² H₂O ½ ﬁ Ｗ", r"x{\textsuperscript{2}} H{\textsubscript{2}}O 1/2 fi W"),
        ("深度 ひらがな 한국 Мир 🚀", "ShenDu hiragana HanGug Mir :rocket:"),
        ("a\u200bb\ufeff\u00a0c \U0010fffd", "ab~c [U+10FFFD]"),
        # What was written in TeX, outside of formulas.
        (
            r"Erd\H{o}s, \'{E}tude, Schr{\"o}dinger, na\"\i f",
            r"Erd{\H{o}}s, {\'{E}}tude, Schr{\"{o}}dinger, na{\"{i}}f",
        ),
        (
            r"Fran\c{c}ois R\&D \textit{E. coli} 5 {\AA}",
            r"Fran{\c{c}}ois R\&D \textit{E. coli} 5 {\AA}",
        ),
        # Formulas that compile stay.
        (r"In $\ell_1$ & more", r"In $\ell_1$ \& more"),
        (r"$\frac12$ $\mathbb{R}^n$ $\hat\theta$", r"$\frac12$ $\mathbb{R}^n$ $\hat\theta$"),
        (r"\(a\) \[b\] $$c$$", "$a$ $b$ $c$"),
        # These compile in other words.
        (r"$\left\{ x \right\}$", r"$\left\lbrace x \right\rbrace$"),
        (r"$\operatorname*{arg\,max}_\theta$", r"$\mathop{\mathrm{arg\,max}}_{\theta }$"),
        (r"$\text{50\% für}$ $\dfrac{a}{b}$", r"$\mbox{50\% f{\"{u}}r}$ $\frac{a}{b}$"),
        (r"$x^\hat{a}$ ${\bf x}$ $α_1$", r"$x^{\hat{a}}$ ${\mathbf{ x}}$ $\alpha _{1}$"),
        (r"${\rm d\,}x$", r"${\mathrm{ d\, }}x$"),
    ],
)
def test_any_title_is_ascii_that_tex_reads_as_the_text(group, title, written):
    """How each was tried with pdfLaTeX, BibTeX and Biber: CONTRIBUTING.md."""
    text = bibtex_entry(paper_fields(group=group, title=title, arxiv_id="1"))
    start = "{}" if written.startswith("\\") else ""
    assert f"  title = {{{{{start}{written}}}}},\n" in text
    assert text.isascii()
    assert len(entries_of(text)) == 1


@pytest.mark.parametrize(
    "formula",
    [r"$a & b$", r"$\unknown{x}$", r"$x^2^3$", r"$x_1_2$", r"$\left\{ x$", r"$\frac{a}$", "$x^$"]
    + [r"$x \right)$", r"$\begin{matrix}a\end{matrix}$", r"$a \\ b$", r"$a \over b$", "$50%$"]
    + [r"$\hspace{1cm}x$", r"$\text{$x$}$", r"$\sqrt[3$", "$x#1$", r"$x\\$", r"$\mathbf^2$"],
)
def test_a_formula_that_tex_could_not_compile_is_text(formula):
    assert not re.search(r"(?<!\\)\$", text_tex(f"On {formula} and more"))


def test_macros_of_packages_are_defined_where_they_are_missing(member, group):
    for title in (r"On $\mathbb{R}$", "On ℂ again", "Plain"):
        paper = make_paper(group=group, title=title)
    definition = '@preamble{"\\providecommand{\\mathbb}[1]{\\mathbf{#1}}"}\n\n@misc{'
    for text in (
        body_of(member.get(f"{LIST}?export=bibtex")),
        member.get(f"{LIST}{paper.pk - 1}/bibtex/").content.decode(),
    ):
        assert text.count(definition) == 1
        assert text.count("@preamble") == 1
    assert "@preamble" not in member.get(f"{LIST}{paper.pk}/bibtex/").content.decode()


def test_an_address_is_one_that_tex_can_print(group):
    link = "https://bücher.example/a b/é_{x}?q=50%25&p=a#frag"
    text = bibtex_entry(paper_fields(group=group, link=link))
    host = "xn--bcher-kva.example"
    assert f"url = {{https://{host}/a%20b/%C3%A9_%7Bx%7D?q=50%25&p=a#frag}}" in text


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


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\xa0=", "\ufeff=", "＝", "＠"]
)
def test_a_spreadsheet_takes_no_text_for_a_formula(member, group, start):
    make_paper(group=group, title="Fine", abstract=f"{start}HYPERLINK(1)")
    (row,) = rows_of(member.get(f"{LIST}?export=csv"))
    assert row["abstract"].startswith("'")
    assert row["title"] == "Fine"


@pytest.mark.parametrize("path", ["papers", "discussions"])
def test_a_table_begins_with_the_one_mark_that_excel_reads_utf_8_by(group, bob, path):
    papers = [make_paper(group=group, title=title) for title in ("Über Größe", "=1+1")]
    make_meeting(group=group, papers=papers, state="held")

    file = download(bob, f"/curious-minds/{path}/", "CSV")

    assert file.startswith(b"\xef\xbb\xbf")
    assert file.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    assert rows[0][0] == ("title" if path == "papers" else "date")
    assert {"Über Größe", "'=1+1"} <= {cell for row in rows for cell in row}


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
