"""Papers as BibTeX and CSV: all that pass the filters, in their order, as a stream."""

import csv
import re
import unicodedata
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from django.http import StreamingHttpResponse
from django.utils.timezone import localdate

from papers import ranking
from papers.filters import NEW, ORDERS
from papers.models import Paper
from papers.rendering import pieces
from papers.search import best

BATCH = 500  # rows read at a time
# What has no place in a formula: files, definitions, names put together; a comment, a parameter.
HARMFUL = re.compile(
    r"\\(?:\w*input|include\w*|open(?:in|out)|read\w*|write\w*|immediate|special|catcode|[gex]?def"
    r"|let|futurelet|(?:re)?newcommand|providecommand|csname|expandafter|every\w+|loop|output"
    r"|usepackage|jobname|batchmode|afterassignment)(?![a-zA-Z])|\^\^|(?<!\\)[%#]"
)
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {character: f"\\{character}" for character in "&%$#_"}
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
FORMULA_OF_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = [
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


class Form(NamedTuple):
    """What an export is like: what a page calls it, how its lines are made, what the file is."""

    label: str
    lines: Callable
    content_type: str
    ending: str


def response(request, choice, form):
    """What a valid ``PaperFilter`` lets through, as a file to download."""
    made = FORMS[form]
    lines = made.lines(papers_of(choice), choice, request)
    return download(lines, f"{choice.group.slug}-papers", made.content_type, made.ending)


def links(choice, forms):
    """(label, query string) of each of ``forms`` in which ``choice`` can be downloaded."""
    return [(form.label, choice.query(("export", name))) for name, form in forms.items()]


def download(lines, name, content_type, ending):
    """``lines`` as a file to download, which has ``name`` and the day in its own."""
    name = f"{name}-{localdate():%Y-%m-%d}.{ending}"
    return StreamingHttpResponse(
        lines,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def papers_of(choice):
    """The papers in the order of the list; after the best matches come the others, newest first."""
    papers = choice.papers()
    if choice.is_sorted_by_ranking:
        ranked = ranking.ranked(choice.group, choice.papers(few=True))
        rest = ranking.unranked(choice.group, papers)
        return chain(ranked.iterator(BATCH), rest.iterator(BATCH))
    if not choice.is_sorted_by_best:
        return papers.order_by(*ORDERS[choice.sort]).iterator(BATCH)
    ids = best(papers, choice.group, choice.cleaned("q"))
    found = Paper.objects.in_bulk(ids)
    others = papers.exclude(pk__in=ids).order_by(*ORDERS[NEW]).iterator(BATCH)
    return chain((found[pk] for pk in ids if pk in found), others)


def _bibtex_lines(papers, choice, request):
    return (bibtex(paper) + "\n" for paper in papers)


def bibtex(paper, note=""):
    """One entry, with a ``note`` of ours. Authors are not known, only how many they are."""
    day = paper.published_on
    fields = {
        "title": "{" + _tex(paper.title) + "}",  # twice in braces: capitals stay as they are
        "year": day and f"{day.year:04}",
        "month": day and f"{day:%b}".lower(),
        "eprint": _verbatim(paper.arxiv_id),
        "archivePrefix": paper.arxiv_id and "arXiv",
        "doi": _verbatim(paper.doi),
        "url": _verbatim(paper.arxiv_url or paper.doi_url or paper.link),
        "note": _tex(note),
        "abstract": _tex(paper.abstract),
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{_key(paper)},\n{''.join(lines)}}}\n"


def _key(paper):
    """A key that no other paper has, and that a person may recognise."""
    plain = unicodedata.normalize("NFKD", paper.title).encode("ascii", "ignore").decode().lower()
    word = next((word for word in re.findall(r"[a-z]+", plain) if len(word) > 3), "paper")
    return f"{word}{paper.published_on.year if paper.published_on else ''}p{paper.pk}"


def _tex(text):
    """The text for TeX: formulas as they are, where their braces match; all else escaped."""
    return "".join(
        source if formula and _is_harmless(source) else _escaped(source)
        for source, formula, _ in pieces(CONTROL.sub(" ", text))
    ).strip()


def _escaped(text):
    return "".join(SPECIAL.get(character, character) for character in text)


def _is_harmless(formula):
    """Whether TeX does nothing but set it: it reads and writes no file and defines nothing."""
    return _is_balanced(formula) and not HARMFUL.search(formula)


def _is_balanced(text):
    """As BibTeX counts: a backslash before a brace changes nothing."""
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _verbatim(text):
    """For fields that are not typeset: only what would end the field is encoded."""
    return re.sub(r"[\s{}\\\x00-\x1f]", lambda found: f"%{ord(found[0]):02X}", text)


class _Echo:
    """A file whose ``write`` gives back what it is given, for ``csv.writer``."""

    def write(self, row):
        return row


def table(columns, rows):
    """Lines of CSV, no cell of which a spreadsheet takes for a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow(map(_cell, row))


def _csv_lines(papers, choice, request):
    names = dict(choice.group.topics.values_list("pk", "name"))
    topics = {}
    tagged = choice.papers().filter(topics__isnull=False).values_list("pk", "topics")
    for paper, topic in tagged.iterator(BATCH):
        topics.setdefault(paper, []).append(names.get(topic, ""))
    address = request.build_absolute_uri(request.path)
    rows = (_row(paper, topics.get(paper.pk, []), f"{address}{paper.pk}/") for paper in papers)
    return table(COLUMNS, rows)


def _row(paper, topics, page):
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


def _cell(value):
    """A text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_OF_A_SPREADSHEET):
        return "'" + value
    return "" if value is None else value


# By the name that an address has; pages offer them in this order.
FORMS = {
    "bibtex": Form("BibTeX", _bibtex_lines, "text/x-bibtex", "bib"),
    "csv": Form("CSV", _csv_lines, "text/csv", "csv"),
}
