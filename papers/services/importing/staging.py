"""Storing an upload, and reading it into entries for an organiser to check."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from papers import listing as reader
from papers.models import Group, Listing, ListingEntry, Paper, Upload
from papers.models.keys import set_keys
from papers.services.importing.lookalikes import Lookalikes
from papers.services.importing.matching import (
    KnownPapers,
    compare_entries,
    lock_group_and_listing,
    plan_batch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from papers.models import User

State = Listing.State
BATCH_SIZE = 1000
LARGEST_NUMBER = 2**31 - 1  # of an integer column
MAX_LENGTHS: dict[str, int] = {
    field: Paper._meta.get_field(field).max_length  # type: ignore[union-attr, misc]  # of text
    for field in ("title", "arxiv_id", "doi")
}


@transaction.atomic
def store_upload(
    *, raw: bytes, group: Group, name: str, captured_on: date | None, by: User | None
) -> Listing:
    """Store the bytes of an upload, whatever they are. Returns the listing, not read yet."""
    listing = Listing.objects.create(
        group=group,
        name=name[:200],
        digest=sha256(raw).hexdigest(),
        captured_on=captured_on,
        created_by=by,
    )
    Upload.objects.create(listing=listing, content=raw)
    return listing


def stage_listing(
    *,
    listing: Listing,
    progress: Callable[[int, int], None] | None = None,
    read: tuple[reader.Listing, str] | None = None,
) -> bool:
    """Read a stored listing into entries, and compare them with the papers of the group.

    If the text is not a listing, or the capture date is wrong or missing, ``listing.problem`` says
    so and the state stays. Returns False, and changes nothing, if somebody applied the listing
    meanwhile. All entries become visible at once. ``progress(done, total)`` is called now and then.
    ``read``: the result of the reader and the encoding, if the caller has them already.
    """
    try:
        result, encoding = read or _read_upload(listing, progress)
    except reader.ListingError as error:
        listing.problem = str(error)
        listing.save(update_fields=["problem", "captured_on"])
        return True
    version = Group.objects.values_list("papers_version", flat=True).get(pk=listing.group_id)
    rows = _planned_rows(listing, result)
    with transaction.atomic():
        _, current = lock_group_and_listing(listing.pk)
        if current.state not in (State.UPLOADED, State.STAGED):
            return False
        listing.entries.all().delete()
        _insert_entries(rows)
        listing.format, listing.encoding, listing.problem = result.format, encoding, ""
        listing.state, listing.entry_count = State.STAGED, len(rows)
        listing.compared_version = version
        listing.save()
    return True


def restage_listing(*, listing: Listing) -> None:
    """Stage a listing again that was taken back, with the corrections that were made before."""
    with transaction.atomic():
        _, current = lock_group_and_listing(listing.pk)
        if current.state != State.TAKEN_BACK:
            return
        current.entries.update(outcome="", kept="", replaced=None)
        current.state = State.STAGED
        current.save(update_fields=["state"])
    compare_entries(listing=current)


def date_problem(captured_on: date | None) -> str:
    """Why this cannot be the day on which a page was copied, as a sentence; "" if it can."""
    if captured_on is None:
        return (
            "The date of capture is missing: give the day the page was copied. "
            "Dates without a year are counted from it."
        )
    today = timezone.localdate()
    if captured_on > today:
        return (
            f"The date of capture, {captured_on}, is in the future (today is {today}): "
            "give the day the page was copied."
        )
    return ""


def _read_upload(
    listing: Listing, progress: Callable[[int, int], None] | None
) -> tuple[reader.Listing, str]:
    """The result of the reader and the encoding.

    Raises ListingError if the text is not a listing, or the capture date is wrong or missing.
    """
    problem = date_problem(listing.captured_on)
    if problem or listing.captured_on is None:
        raise reader.ListingError(problem)
    text, encoding = reader.decode(listing.raw_bytes)
    return reader.read(text, captured_on=listing.captured_on, progress=progress), encoding


def _planned_rows(listing: Listing, result: reader.Listing) -> list[ListingEntry]:
    """The entries and problems of the reader as unsaved rows with plans, in text order."""
    assert listing.captured_on is not None  # a listing that was read has a capture date
    rows = [_entry_row(listing, entry) for entry in result.entries]
    rows += [_problem_row(listing, problem) for problem in result.problems]
    rows.sort(key=lambda row: (row.line, row.last_line))
    seen, lookalikes = KnownPapers(listing.group, []), Lookalikes(listing.group)
    for position, row in enumerate(rows):
        row.position = position
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        plan_batch(listing.group, batch, seen, listing.captured_on, lookalikes)
    return rows


def _entry_row(listing: Listing, entry: reader.Entry) -> ListingEntry:
    if problem := _size_problem(entry):
        return ListingEntry(
            listing=listing,
            line=entry.line,
            last_line=entry.last_line,
            problem=problem,
            excerpt=entry.title[:300],
            abstract=entry.abstract,
        )
    row = ListingEntry(
        listing=listing,
        line=entry.line,
        last_line=entry.last_line,
        title=entry.title,
        abstract=entry.abstract,
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        upvotes=entry.upvotes,
        author_count=entry.author_count,
        published_on=entry.published_on,
        year_inferred=entry.year_inferred,
        comment_count=entry.comment_count,
        confidence=entry.confidence,
        doubts="\n".join(entry.doubts),
    )
    set_keys(row)
    return row


def _size_problem(entry: reader.Entry) -> str:
    """Why a field does not fit into its column, as a sentence; "" if all fit."""
    for field, most in MAX_LENGTHS.items():
        if len(getattr(entry, field)) > most:
            return f"The {field.replace('_', ' ')} is longer than {most:,} characters: correct it."
    if max(entry.upvotes, entry.comment_count, entry.author_count or 0) > LARGEST_NUMBER:
        return "A number is too large to be true: correct it."
    return ""


def _problem_row(listing: Listing, problem: reader.Problem) -> ListingEntry:
    return ListingEntry(
        listing=listing,
        line=problem.line,
        last_line=problem.last_line,
        problem=problem.reason,
        excerpt=problem.excerpt,
    )


def _insert_entries(rows: Iterable[ListingEntry]) -> None:
    """Insert ``rows`` in a third of the time of bulk_create: a listing may have thousands."""
    fields = [field for field in ListingEntry._meta.concrete_fields if not field.primary_key]
    names = [field.attname for field in fields]
    columns = ", ".join(str(field.column) for field in fields)
    holes = ", ".join(["%s"] * len(fields))
    date = connection.ops.adapt_datefield_value
    values = (
        [date(row.published_on) if name == "published_on" else getattr(row, name) for name in names]
        for row in rows
    )
    insert = f"INSERT INTO papers_listingentry ({columns}) VALUES ({holes})"
    with connection.cursor() as cursor:
        cursor.executemany(insert, values)  # type: ignore[arg-type]  # an iterator saves memory
