"""An upload is kept, then read into entries for a look."""

from hashlib import sha256

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

State = Listing.State
BATCH_SIZE = 1000
LARGEST_NUMBER = 2**31 - 1  # of a database's integer
MAX_LENGTHS = {
    field: Paper._meta.get_field(field).max_length for field in ("title", "arxiv_id", "doi")
}


@transaction.atomic
def store_upload(raw, *, group, name, captured_on, by):
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


def stage_listing(listing, progress=None, read=None):
    """Read a kept listing into entries, and compare these with the group's papers.

    Where the text is no listing, or the capture date is missing, ``listing.problem`` says so and
    the state stays. Returns False where somebody applied the listing meanwhile: nothing changes.
    ``progress(done, total)`` is called now and then. Nothing is seen of it before it is whole.
    ``read``, what the reader found and the encoding, where the caller has them already.
    """
    found, encoding, problem = (*read, "") if read else _read_upload(listing, progress)
    if problem:
        listing.problem = problem
        listing.save(update_fields=["problem", "captured_on"])
        return True
    version = Group.objects.values_list("papers_version", flat=True).get(pk=listing.group_id)
    rows = _planned_rows(listing, found)
    with transaction.atomic():
        _, now = lock_group_and_listing(listing.pk)
        if now.state not in (State.UPLOADED, State.STAGED):
            return False
        listing.entries.all().delete()
        _insert_entries(rows)
        listing.format, listing.encoding, listing.problem = found.format, encoding, ""
        listing.state, listing.entry_count = State.STAGED, len(rows)
        listing.compared_version = version
        listing.save()
    return True


def restage_listing(listing):
    """After taking back, to the look again, with the corrections made there before."""
    with transaction.atomic():
        _, now = lock_group_and_listing(listing.pk)
        if now.state != State.TAKEN_BACK:
            return
        now.entries.update(outcome="", kept="", replaced=None)
        now.state = State.STAGED
        now.save(update_fields=["state"])
    compare_entries(now)


def date_problem(captured_on):
    """A sentence where this cannot be the day a page was copied, else nothing."""
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


def _read_upload(listing, progress):
    """What the reader found, the encoding, and a sentence where it found nothing."""
    if problem := date_problem(listing.captured_on):
        return None, "", problem
    try:
        text, encoding = reader.decode(listing.raw_bytes)
        return reader.read(text, captured_on=listing.captured_on, progress=progress), encoding, ""
    except reader.ListingError as error:
        return None, "", str(error)


def _planned_rows(listing, found):
    """Entries and problems of the reader as unsaved rows, in the order of the text, compared."""
    rows = [_entry_row(listing, entry) for entry in found.entries]
    rows += [_problem_row(listing, problem) for problem in found.problems]
    rows.sort(key=lambda row: (row.line, row.last_line))
    seen, lookalikes = KnownPapers(listing.group, []), Lookalikes(listing.group)
    for position, row in enumerate(rows):
        row.position = position
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        plan_batch(listing.group, batch, seen, listing.captured_on, lookalikes)
    return rows


def _entry_row(listing, entry):
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


def _size_problem(entry):
    """A sentence where a field does not fit into its column, else nothing."""
    for field, most in MAX_LENGTHS.items():
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
    )


def _insert_entries(rows):
    """Like bulk_create, in a third of its time: a listing may have many thousands of entries."""
    fields = [field for field in ListingEntry._meta.concrete_fields if not field.primary_key]
    names = [field.attname for field in fields]
    columns = ", ".join(field.column for field in fields)
    holes = ", ".join(["%s"] * len(fields))
    date = connection.ops.adapt_datefield_value
    values = (
        [date(row.published_on) if name == "published_on" else getattr(row, name) for name in names]
        for row in rows
    )
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO papers_listingentry ({columns}) VALUES ({holes})", values)
