"""Exports of filtered papers as BibTeX and CSV, streamed in the order of the list."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from django.http import Http404, StreamingHttpResponse
from django.utils.timezone import localdate

from papers.library import ranking
from papers.library.bibtex import bibtex_entries
from papers.library.filters import SORT_NEW, SORT_ORDERS
from papers.library.search import best_match_ids
from papers.models import Paper

if TYPE_CHECKING:
    from django.http import HttpRequest

    from papers.library.filters import PaperFilter
    from papers.library.group_filter import GroupFilter

BATCH_SIZE = 500  # rows read at a time
BYTE_ORDER_MARK = "\ufeff"
# What makes a cell a formula: also the wide forms, and a sign after blanks or invisible characters.
FORMULA_START = re.compile(r"[\t\r\n]|[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
CSV_COLUMNS = [
    "title",
    "authors",
    "published",
    "upvotes on the source page",
    "comments on the source page",
    "counted on",
    "status",
    "topics",
    "arxiv",
    "doi",
    "link",
    "page",
    "abstract",
]


class ExportFormat(NamedTuple):
    """An export format, of papers or of discussions."""

    label: str  # on pages
    lines: Callable[..., Iterator[str]]
    content_type: str
    ending: str  # of the file name, without the dot


def asked_format(request: HttpRequest, formats: Mapping[str, ExportFormat]) -> str:
    """The key of the export that the address asks for; "" for none. Raises Http404 if unknown."""
    form = request.GET.get("export", "")
    if form and form not in formats:
        raise Http404(f"There is no export {form!r}.")
    return form


def export_papers(
    request: HttpRequest, paper_filter: PaperFilter, form: str
) -> StreamingHttpResponse:
    """The papers that pass a valid ``paper_filter``, as a file to download.

    ``form``: a key of `EXPORT_FORMATS`.
    """
    export_format = EXPORT_FORMATS[form]
    lines = export_format.lines(papers_in_order(paper_filter), paper_filter, request)
    name = f"{paper_filter.group.slug}-papers"
    return download_response(lines, name, export_format.content_type, export_format.ending)


def export_links(
    row_filter: GroupFilter, forms: Mapping[str, ExportFormat]
) -> list[tuple[str, str]]:
    """(label, query string) of the export of ``row_filter`` in each of ``forms``."""
    return [(form.label, row_filter.query_string(("export", name))) for name, form in forms.items()]


def download_response(
    lines: Iterable[str], name: str, content_type: str, ending: str
) -> StreamingHttpResponse:
    """``lines`` as a file to download, named after ``name`` and today's date."""
    name = f"{name}-{localdate():%Y-%m-%d}.{ending}"
    return StreamingHttpResponse(
        lines,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def papers_in_order(paper_filter: PaperFilter) -> Iterator[Paper]:
    """The papers in the order of the list; the best matches are followed by the rest, newest first.

    The best matches are at most `search.MOST_RANKED`.
    """
    group, papers = paper_filter.group, paper_filter.filtered_papers()
    if paper_filter.is_sorted_by_ranking:
        ranked = ranking.ranked_papers(group, paper_filter.filtered_papers(few=True))
        rest = ranking.unranked_papers(group, papers)
        return chain(ranked.iterator(BATCH_SIZE), rest.iterator(BATCH_SIZE))
    if not paper_filter.is_sorted_by_best:
        return papers.order_by(*SORT_ORDERS[paper_filter.sort]).iterator(BATCH_SIZE)
    ids = best_match_ids(papers, group, paper_filter.cleaned_value("q"))
    best = Paper.objects.in_bulk(ids)
    others = papers.exclude(pk__in=ids).order_by(*SORT_ORDERS[SORT_NEW]).iterator(BATCH_SIZE)
    return chain((best[pk] for pk in ids if pk in best), others)


def _bibtex_lines(
    papers: Iterator[Paper], paper_filter: PaperFilter, request: HttpRequest
) -> Iterator[str]:
    return (entry + "\n" for entry in bibtex_entries((paper, "") for paper in papers))


class _Echo:
    """A file for ``csv.writer``, whose ``write`` returns the row."""

    def write(self, row: str) -> str:
        return row


def csv_table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of CSV, in which a spreadsheet takes no cell for a formula.

    It begins with a byte order mark: without one, Excel does not read UTF-8.
    """
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow(map(_safe_cell, row))


def _csv_lines(
    papers: Iterator[Paper], paper_filter: PaperFilter, request: HttpRequest
) -> Iterator[str]:
    names = dict(paper_filter.group.topics.values_list("pk", "name"))
    topics: dict[int, list[str]] = {}
    tagged = paper_filter.filtered_papers().filter(topics__isnull=False)
    for paper_id, topic_id in tagged.values_list("pk", "topics").iterator(BATCH_SIZE):
        topics.setdefault(paper_id, []).append(names.get(topic_id, ""))
    address = request.build_absolute_uri(request.path)
    rows = (
        _paper_row(paper, topics.get(paper.pk, []), f"{address}{paper.pk}/") for paper in papers
    )
    return csv_table(CSV_COLUMNS, rows)


def _paper_row(paper: Paper, topics: list[str], page: str) -> list[object]:
    """The values of `CSV_COLUMNS`; ``page``: the URL of the paper here."""
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
        paper.best_link,
        page,
        paper.abstract,
    ]


def _safe_cell(value: object) -> object:
    """``value``, marked as text if a spreadsheet would take it for a formula; "" for None."""
    if isinstance(value, str) and FORMULA_START.match(value):
        return "'" + value
    return "" if value is None else value


# By their names in URLs; pages offer them in this order.
EXPORT_FORMATS = {
    "bibtex": ExportFormat("BibTeX", _bibtex_lines, "text/x-bibtex", "bib"),
    "csv": ExportFormat("CSV", _csv_lines, "text/csv", "csv"),
}
