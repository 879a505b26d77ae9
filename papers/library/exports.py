"""Papers as BibTeX and CSV: all that pass the filters, in their order, as a stream."""

import csv
import re
import unicodedata
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from django.http import StreamingHttpResponse
from django.utils.timezone import localdate

from papers.library import ranking
from papers.library.filters import SORT_NEW, SORT_ORDERS
from papers.library.search import best_match_ids
from papers.models import Paper
from papers.rendering import split_formulas

BATCH_SIZE = 500  # rows read at a time
# What has no place in a formula: files, definitions, names put together; a comment, a parameter.
HARMFUL_TEX = re.compile(
    r"\\(?:\w*input|include\w*|open(?:in|out)|read\w*|write\w*|immediate|special|catcode|[gex]?def"
    r"|let|futurelet|(?:re)?newcommand|providecommand|csname|expandafter|every\w+|loop|output"
    r"|usepackage|jobname|batchmode|afterassignment)(?![a-zA-Z])|\^\^|(?<!\\)[%#]"
)
TEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {character: f"\\{character}" for character in "&%$#_"}
CONTROL_RUN = re.compile(r"[\x00-\x1f\x7f]+")  # one space in TeX
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_COLUMNS = [
    "title",
    "authors",
    "published",
    "upvotes elsewhere",
    "comments elsewhere",
    "figures as of",
    "status",
    "topics",
    "arxiv",
    "doi",
    "link",
    "page",
    "abstract",
]


class ExportFormat(NamedTuple):
    """A form of export: its name on pages, how its lines are made, and the kind of file."""

    label: str
    lines: Callable
    content_type: str
    ending: str


def export_papers(request, choice, form):
    """What a valid ``PaperFilter`` lets through, as a file to download."""
    export_format = EXPORT_FORMATS[form]
    lines = export_format.lines(papers_in_order(choice), choice, request)
    name = f"{choice.group.slug}-papers"
    return download_response(lines, name, export_format.content_type, export_format.ending)


def export_links(choice, forms):
    """(label, query string) of each of ``forms`` in which ``choice`` can be downloaded."""
    return [(form.label, choice.query_string(("export", name))) for name, form in forms.items()]


def download_response(lines, name, content_type, ending):
    """``lines`` as a file to download, which has ``name`` and the day in its own."""
    name = f"{name}-{localdate():%Y-%m-%d}.{ending}"
    return StreamingHttpResponse(
        lines,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def papers_in_order(choice):
    """The papers in the order of the list; after the best matches come the others, newest first."""
    papers = choice.filtered_papers()
    if choice.is_sorted_by_ranking:
        ranked = ranking.ranked_papers(choice.group, choice.filtered_papers(few=True))
        rest = ranking.unranked_papers(choice.group, papers)
        return chain(ranked.iterator(BATCH_SIZE), rest.iterator(BATCH_SIZE))
    if not choice.is_sorted_by_best:
        return papers.order_by(*SORT_ORDERS[choice.sort]).iterator(BATCH_SIZE)
    ids = best_match_ids(papers, choice.group, choice.cleaned_value("q"))
    found = Paper.objects.in_bulk(ids)
    others = papers.exclude(pk__in=ids).order_by(*SORT_ORDERS[SORT_NEW]).iterator(BATCH_SIZE)
    return chain((found[pk] for pk in ids if pk in found), others)


def _bibtex_lines(papers, choice, request):
    return (bibtex_entry(paper) + "\n" for paper in papers)


def bibtex_entry(paper, note=""):
    """One entry, with a ``note`` of ours. Authors are not known, only how many they are."""
    day = paper.published_on
    fields = {
        "title": "{"
        + _tex_with_formulas(paper.title)
        + "}",  # twice in braces: capitals stay as they are
        "year": day and f"{day.year:04}",
        "month": day and f"{day:%b}".lower(),
        "eprint": _encode_verbatim(paper.arxiv_id),
        "archivePrefix": paper.arxiv_id and "arXiv",
        "doi": _encode_verbatim(paper.doi),
        "url": _encode_verbatim(paper.arxiv_url or paper.doi_url or paper.link),
        "note": _tex_with_formulas(note),
        "abstract": _tex_with_formulas(paper.abstract),
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{_citation_key(paper)},\n{''.join(lines)}}}\n"


def _citation_key(paper):
    """A key that no other paper has, and that a person may recognise."""
    plain = unicodedata.normalize("NFKD", paper.title).encode("ascii", "ignore").decode().lower()
    word = next((word for word in re.findall(r"[a-z]+", plain) if len(word) > 3), "paper")
    return f"{word}{paper.published_on.year if paper.published_on else ''}p{paper.pk}"


def _tex_with_formulas(text):
    """The text for TeX: formulas as they are, where their braces match; all else escaped."""
    return "".join(
        source if formula and _is_harmless(source) else _escape_tex(source)
        for source, formula, _ in split_formulas(CONTROL_RUN.sub(" ", text))
    ).strip()


def _escape_tex(text):
    return "".join(TEX_ESCAPES.get(character, character) for character in text)


def _is_harmless(formula):
    """Whether TeX does nothing but set it: it reads and writes no file and defines nothing."""
    return _is_balanced(formula) and not HARMFUL_TEX.search(formula)


def _is_balanced(text):
    """As BibTeX counts: a backslash before a brace changes nothing."""
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _encode_verbatim(text):
    """For fields that are not typeset: only what would end the field is encoded."""
    return re.sub(r"[\s{}\\\x00-\x1f]", lambda found: f"%{ord(found[0]):02X}", text)


class _Echo:
    """A file whose ``write`` gives back what it is given, for ``csv.writer``."""

    def write(self, row):
        return row


def csv_table(columns, rows):
    """Lines of CSV, no cell of which a spreadsheet takes for a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow(map(_safe_cell, row))


def _csv_lines(papers, choice, request):
    names = dict(choice.group.topics.values_list("pk", "name"))
    topics = {}
    tagged = choice.filtered_papers().filter(topics__isnull=False).values_list("pk", "topics")
    for paper, topic in tagged.iterator(BATCH_SIZE):
        topics.setdefault(paper, []).append(names.get(topic, ""))
    address = request.build_absolute_uri(request.path)
    rows = (
        _paper_row(paper, topics.get(paper.pk, []), f"{address}{paper.pk}/") for paper in papers
    )
    return csv_table(CSV_COLUMNS, rows)


def _paper_row(paper, topics, page):
    return [
        paper.title,
        paper.author_count,
        paper.published_on,
        paper.upvotes,
        paper.comment_count,
        paper.captured_on,
        paper.get_status_display(),
        ", ".join(sorted(topics)),
        paper.arxiv_id,
        paper.doi,
        paper.arxiv_url or paper.doi_url or paper.link,
        page,
        paper.abstract,
    ]


def _safe_cell(value):
    """A text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value


# By the name that an address has; pages offer them in this order.
EXPORT_FORMATS = {
    "bibtex": ExportFormat("BibTeX", _bibtex_lines, "text/x-bibtex", "bib"),
    "csv": ExportFormat("CSV", _csv_lines, "text/csv", "csv"),
}
