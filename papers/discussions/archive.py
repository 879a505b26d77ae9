"""The archive of discussions as annotated BibTeX, Markdown or CSV, streamed.

It has the discussions that pass the filters and were held. The date of each is the day on which it
began, in the group's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Max, Window
from django.urls import reverse

from papers.discussions.time_slots import READING_MINUTES
from papers.library import exports
from papers.library.bibtex import bibtex_entries
from papers.models import AgendaItem
from papers.rendering import single_line, split_formulas

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from papers.discussions.filters import DiscussionFilter
    from papers.models import Discussion, Paper

PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$:@=])")
UNSAFE_IN_LINK = re.compile(r"[\s<>\\`\x00-\x1f\x7f]")
BULLET = re.compile(r"^[-*+]\s+")
TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
PLAIN_FORMULA = re.compile(r"[^`<>\[\]!&\n]*")
CSV_COLUMNS = [
    "date",
    "paper",
    "presenter",
    "verdict",
    "take-aways",
    "open questions",
    "slides",
    "recording",
    "place",
    "in writing",
    "read together",
    "arxiv",
    "doi",
    "link",
    "page of the paper",
    "page of the discussion",
]


def export_discussions(
    request: HttpRequest, choice: DiscussionFilter, form: str
) -> StreamingHttpResponse:
    """The held discussions of ``choice``, which is valid, as a file to download.

    ``form``: a key of `EXPORT_FORMATS`.
    """
    export_format = EXPORT_FORMATS[form]
    lines = export_format.lines(choice, request)
    name = f"{choice.group.slug}-discussions"
    return exports.download_response(lines, name, export_format.content_type, export_format.ending)


def _held_items(choice: DiscussionFilter) -> QuerySet[AgendaItem]:
    items = AgendaItem.objects.filter(
        discussion__in=choice.held_discussions().order_by().values("pk")
    )
    return items.select_related("paper", "discussion", "presenter")


# BibTeX.


def _bibtex_lines(choice: DiscussionFilter, request: HttpRequest) -> Iterator[str]:
    """An entry for each paper, with its outcomes in a note; the last discussed paper first."""
    last = Window(Max("discussion__starts_at"), partition_by="paper")
    items = _held_items(choice).annotate(last=last)
    items = items.order_by("-last", "paper_id", "discussion__starts_at", "pk")
    return (entry + "\n" for entry in bibtex_entries(_papers_with_notes(items, choice.zone)))


def _papers_with_notes(items: QuerySet[AgendaItem], zone: ZoneInfo) -> Iterator[tuple[Paper, str]]:
    """The papers of ``items``, which come paper by paper, and the outcomes of each in a note."""
    rows = items.iterator(exports.BATCH_SIZE)
    for _, of_paper in groupby(rows, key=lambda item: item.paper_id):
        found = list(of_paper)
        yield found[0].paper, " ".join(_bibtex_note(item, zone) for item in found)


def _bibtex_note(item: AgendaItem, zone: ZoneInfo) -> str:
    """ "discussed 2026-10-02: worth it. It scales." """
    lines = [BULLET.sub("", line.strip()) for line in item.takeaways.split("\n")]
    said = [item.get_verdict_display().lower(), *lines]
    said = [" ".join(text.split()) for text in said if text.strip()]
    sentences = " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in said)
    day = _start_date(item.discussion, zone)
    return f"discussed {day}: {sentences}" if said else f"discussed {day}."


# Markdown.


def _markdown_lines(choice: DiscussionFilter, request: HttpRequest) -> Iterator[str]:
    """A chapter for each discussion, the newest first. Texts written by members are quoted."""
    yield f"# {_markdown_line(choice.group.name)}: discussions\n"
    discussions = choice.held_discussions().with_agenda()
    for discussion in discussions.iterator(exports.BATCH_SIZE):
        yield from _discussion_chapter(discussion, choice.zone)


def _discussion_chapter(discussion: Discussion, zone: ZoneInfo) -> Iterator[str]:
    manner = " (in writing)" if discussion.is_written else ""
    yield f"\n## {_start_date(discussion, zone)}{manner}\n"
    facts = {
        "Place": _markdown_line(discussion.place),
        "Recording": _angle_link(discussion.recording),
    }
    if discussion.reads_together:
        facts["Read together"] = f"for the first {READING_MINUTES} minutes"
    yield _fact_list(facts)
    for item in discussion.agenda.all():
        yield f"\n### {_markdown_line(item.paper.title)}\n"
        facts = {
            "Presented by": _markdown_line(presenter_name(item)),
            "Verdict": item.get_verdict_display().lower(),
            "Link": _angle_link(item.paper.best_link),
            "Slides": _angle_link(item.slides),
        }
        yield _fact_list(facts)
        yield _quoted_section("Take-aways", item.takeaways)
        yield _quoted_section("Open questions", item.open_questions)
    yield _quoted_section("Notes", discussion.notes, "###")


def _fact_list(facts: dict[str, str]) -> str:
    """The ``facts`` that are not empty as a list, name and value each."""
    lines = "".join(f"- {name}: {value}\n" for name, value in facts.items() if value)
    return f"\n{lines}" if lines else ""


def _quoted_section(name: str, text: str, level: str = "####") -> str:
    """``text``, Markdown, as a quotation under a heading, so that it cannot add to the outline.

    A space after ``<`` keeps it from starting a tag, and changes no formula or code.
    """
    if not text.strip():
        return ""
    lines = TAG_START.sub("< ", text.strip()).splitlines()
    return f"\n{level} {name}\n\n" + "".join(f"> {line}".rstrip() + "\n" for line in lines)


def _markdown_line(text: str) -> str:
    """``text`` on one line, with Markdown escaped; formulas without markup stay as they are."""
    return "".join(
        source if formula and PLAIN_FORMULA.fullmatch(source) else PUNCTUATION.sub(r"\\\1", source)
        for source, formula, _ in split_formulas(single_line(text))
    )


def _angle_link(url: str) -> str:
    """``url`` in angle brackets, with everything encoded that would end the link; "" for ""."""
    return f"<{UNSAFE_IN_LINK.sub(lambda found: f'%{ord(found[0]):02X}', url)}>" if url else ""


# CSV.


def _csv_lines(choice: DiscussionFilter, request: HttpRequest) -> Iterator[str]:
    """A row for each paper of each discussion, the newest first."""
    items = _held_items(choice).order_by(
        "-discussion__starts_at", "-discussion_id", "position", "pk"
    )
    rows = (_item_row(item, choice, request) for item in items.iterator(exports.BATCH_SIZE))
    return exports.csv_table(CSV_COLUMNS, rows)


def _item_row(item: AgendaItem, choice: DiscussionFilter, request: HttpRequest) -> list[str]:
    discussion, paper, slug = item.discussion, item.paper, choice.group.slug
    return [
        _start_date(discussion, choice.zone),
        paper.title,
        presenter_name(item),
        item.get_verdict_display().lower(),
        item.takeaways,
        item.open_questions,
        item.slides,
        discussion.recording,
        discussion.place,
        "yes" if discussion.is_written else "",
        "yes" if discussion.reads_together else "",
        paper.arxiv_id,
        paper.doi,
        paper.best_link,
        request.build_absolute_uri(reverse("paper", args=[slug, paper.pk])),
        request.build_absolute_uri(reverse("discussion", args=[slug, discussion.pk])),
    ]


# Shared by all formats.


def presenter_name(item: AgendaItem) -> str:
    """The name of the presenter of ``item``; "" if nobody confirmed."""
    return str(item.presenter) if item.is_confirmed else ""


def _start_date(discussion: Discussion, zone: ZoneInfo) -> str:
    assert discussion.starts_at  # it was held
    return f"{discussion.starts_at.astimezone(zone):%Y-%m-%d}"


# By the value of ``export`` in the address; pages offer them in this order.
EXPORT_FORMATS = {
    "bibtex": exports.ExportFormat("BibTeX", _bibtex_lines, "text/x-bibtex", "bib"),
    "markdown": exports.ExportFormat("Markdown", _markdown_lines, "text/markdown", "md"),
    "csv": exports.ExportFormat("CSV", _csv_lines, "text/csv", "csv"),
}
