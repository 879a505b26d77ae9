"""An upload is kept, then read into entries for a look."""

from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone

from papers import listing as reader
from papers.models import Listing, ListingEntry, Upload
from papers.models.papers import Paper
from papers.services.importing.lookalikes import Lookalikes
from papers.services.importing.matching import Known, compare, plan_batch, set_keys

BATCH = 1000
LARGEST_NUMBER = 2**31 - 1  # of a database's integer
TEXTS = {field: Paper._meta.get_field(field).max_length for field in ("title", "arxiv_id", "doi")}


@transaction.atomic
def keep(raw, *, group, name, captured_on, by):
    """Keep the bytes of an upload, whatever they are. Returns the listing, not read yet."""
    listing = Listing.objects.create(
        group=group,
        name=name[:200],
        digest=sha256(raw).hexdigest(),
        captured_on=captured_on,
        created_by=by,
    )
    Upload.objects.create(listing=listing, content=raw)
    return listing


def stage(listing, progress=None):
    """Read a kept listing into entries, and compare these with the group's papers.

    Begins anew where it was interrupted. Where the text is no listing, or the capture date is
    missing, ``listing.problem`` says so and the state stays "uploaded".
    ``progress(done, total)`` is called after each batch.
    """
    problem = _date_problem(listing)
    if not problem:
        try:
            text, listing.encoding = reader.decode(listing.raw)
            found = reader.read(text, captured_on=listing.captured_on)
        except reader.ListingError as error:
            problem = str(error)
    listing.problem = problem
    if problem:
        listing.save(update_fields=["problem", "encoding", "captured_on"])
        return
    _save_entries(listing, _rows(listing, found), progress)
    listing.format, listing.state = found.format, Listing.State.STAGED
    listing.compared_at = timezone.now()
    listing.save(
        update_fields=["format", "encoding", "state", "problem", "captured_on", "entry_count"]
        + ["compared_at"]
    )


def begin_again(listing, *, captured_on=None):
    """Back to the look: after taking back, or to read the text with another capture date."""
    if captured_on and captured_on != listing.captured_on:
        listing.captured_on, listing.state = captured_on, Listing.State.UPLOADED
        stage(listing)
        return
    with transaction.atomic():
        listing.entries.update(outcome="", kept="", replaced=None)
        listing.state, listing.applied_at = Listing.State.STAGED, None
        listing.save(update_fields=["state", "applied_at"])
    compare(listing)


def _date_problem(listing):
    today = timezone.localdate()
    if listing.captured_on is None:
        return (
            "The date of capture is missing: give the day the page was copied. "
            "Dates without a year are counted from it."
        )
    if listing.captured_on > today:
        return (
            f"The date of capture, {listing.captured_on}, is in the future (today is {today}): "
            "give the day the page was copied."
        )
    return ""


def _rows(listing, found):
    """Entries and problems of the reader as unsaved rows, in the order of the text."""
    rows = [_entry_row(listing, entry) for entry in found.entries]
    rows += [_problem_row(listing, problem) for problem in found.problems]
    rows.sort(key=lambda row: (row.line, row.last_line))
    for position, row in enumerate(rows):
        row.position = position
    return rows


def _entry_row(listing, entry):
    if problem := _too_large(entry):
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


def _too_large(entry):
    """A sentence where a field does not fit into its column, else nothing."""
    for field, most in TEXTS.items():
        if len(getattr(entry, field)) > most:
            return f"The {field.replace('_', ' ')} is longer than {most:,} characters: correct it."
    if max(entry.upvotes, entry.comment_count, entry.author_count or 0) > LARGEST_NUMBER:
        return "A number is too large to be true: correct it."
    return ""


def _problem_row(listing, problem):
    return ListingEntry(
        listing=listing,
        line=problem.line,
        last_line=problem.last_line,
        problem=problem.reason,
        excerpt=problem.excerpt,
        plan=ListingEntry.Plan.PROBLEM,
    )


def _save_entries(listing, rows, progress):
    """Replace the entries, in short transactions; until the state says so they are not staged."""
    listing.entries.all().delete()
    listing.entry_count = len(rows)
    seen, lookalikes = Known(listing.group, []), Lookalikes(listing.group)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        plan_batch(listing.group, batch, seen, listing.captured_on, lookalikes)
        _insert(batch)
        if progress:
            progress(start + len(batch), len(rows))


@transaction.atomic
def _insert(rows):
    """Like bulk_create, in a third of its time: a listing may have many thousands of entries."""
    fields = [field for field in ListingEntry._meta.concrete_fields if not field.primary_key]
    names = ", ".join(field.column for field in fields)
    holes = ", ".join(["%s"] * len(fields))
    date = connection.ops.adapt_datefield_value
    values = [
        [
            date(row.published_on) if name == "published_on" else getattr(row, name)
            for name in [field.attname for field in fields]
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO papers_listingentry ({names}) VALUES ({holes})", values)
