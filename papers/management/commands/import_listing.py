"""The command ``import_listing``, which reads a listing and applies it to a group."""

import json
import os
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from papers import listing as reader
from papers.models import Group, Listing
from papers.services import importing

ENTRY_FIELDS = ("line", "title", "abstract", "upvotes", "author_count", "published_on")
ENTRY_FIELDS += ("year_inferred", "comment_count", "confidence")


class Command(BaseCommand):
    help = (
        "Read a listing (text copied from a papers page, or the JSON of a daily page) from a file "
        "or from standard input, and apply it to a group's papers."
    )
    # A dry run needs the parser only.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", help="the listing; - for standard input")
        parser.add_argument("--group", metavar="SLUG", help="the group it is for")
        parser.add_argument(
            "--captured-on",
            metavar="YYYY-MM-DD",
            help="the day the page was copied: dates without a year are counted from it",
        )
        parser.add_argument("--dry-run", action="store_true", help="only read, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, file, group, captured_on, dry_run, json, **options):
        day = _parse_day(captured_on)
        raw = _read_bytes(file)
        try:
            text, encoding = reader.decode(raw)
            with ProgressBar("Reading") as bar:
                parsed = reader.read(text, captured_on=day, progress=bar.show_progress)
        except reader.ListingError as error:
            raise CommandError(str(error)) from None
        result = (
            None
            if dry_run
            else _stage_and_apply(
                raw, _get_group(group), _listing_name(file), day, (parsed, encoding)
            )
        )
        self.stdout.write(_as_json(parsed, result) if json else _text_summary(parsed, result))


def _parse_day(text):
    """The capture date. Raises CommandError if it is missing, invalid, or in the future."""
    if not text:
        raise CommandError(
            "--captured-on is missing: give the day the page was copied, such as 2025-11-26."
        )
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--captured-on {text} is no date: write it as 2025-11-26.") from None
    if day > timezone.localdate():
        raise CommandError(f"--captured-on {day} is in the future: give the day it was copied.")
    return day


def _read_bytes(file):
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None


def _listing_name(file):
    if file == "-":
        return "Standard input"
    return os.fsencode(Path(file).name).decode(errors="replace")


def _get_group(slug):
    if not slug:
        raise CommandError("--group is missing: give the slug of the group the listing is for.")
    group = Group.objects.filter(slug=slug).first()
    if group is None:
        known = ", ".join(Group.objects.values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no group {slug!r}; the groups are: {known}.")
    return group


def _stage_and_apply(raw, group, name, day, read):
    """Stage and apply the listing, and return the counts by outcome.

    It resumes an earlier run that was killed. ``read`` is (the parsed listing, its encoding).
    """
    listing = _unfinished_listing(raw, group, day) or importing.store_upload(
        raw=raw, group=group, name=name, captured_on=day, by=None
    )
    if listing.state == listing.State.UPLOADED:
        importing.stage_listing(listing=listing, read=read)
    if listing.state == listing.State.STAGED:
        importing.start_work(listing=listing, state=listing.State.APPLYING, in_background=False)
        listing.refresh_from_db(fields=["state"])
    with ProgressBar(
        "Applying", listing.entry_count - listing.entries.not_yet_applied().count()
    ) as bar:
        importing.run_batches(
            listing=listing, progress=lambda number: bar.advance_by(number, listing.entry_count)
        )
    counts = dict(listing.entries.values_list("outcome").annotate(Count("pk")).order_by())
    outcomes = ("created", "updated", "unchanged", "left-out")
    return {name.replace("-", "_"): counts.get(name, 0) for name in outcomes}


def _unfinished_listing(raw, group, day):
    """The listing of an interrupted run with the same text, or None."""
    same = Listing.objects.filter(
        group=group, digest=sha256(raw).hexdigest(), captured_on=day, created_by=None
    )
    return same.filter(state__in=["uploaded", "staged", "applying"]).first()


def _as_json(parsed, result):
    def json_value(value):
        return value.isoformat() if isinstance(value, date) else value

    entries = [
        {field: json_value(getattr(e, field)) for field in ENTRY_FIELDS} for e in parsed.entries
    ]
    problems = [{"line": p.line, "reason": p.reason, "excerpt": p.excerpt} for p in parsed.problems]
    return json.dumps(
        {"entries": entries, "problems": problems, "result": result}, ensure_ascii=False
    )


def _text_summary(parsed, result):
    lines = [f"{len(parsed.entries)} entries, {len(parsed.problems)} problems."]
    lines += [f"  line {p.line}: {p.reason} ({p.excerpt!r})" for p in parsed.problems[:20]]
    if len(parsed.problems) > 20:
        lines.append(f"  and {len(parsed.problems) - 20} more")
    if result:
        lines.append(", ".join(f"{n} {name.replace('_', ' ')}" for name, n in result.items()))
    return "\n".join(lines)


class ProgressBar:
    """A progress bar on standard error, if that is a terminal."""

    WIDTH = 40

    def __init__(self, label, done=0):
        self.label, self.done, self.visible = label, done, sys.stderr.isatty()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.visible:
            sys.stderr.write("\n")

    def advance_by(self, number: int, total: int) -> None:
        """Count ``number`` more of ``total`` as done."""
        self.show_progress(self.done + number, total)

    def show_progress(self, done: int, total: int) -> None:
        """Draw the bar for ``done`` of ``total``."""
        self.done = done
        if self.visible:
            filled = self.WIDTH * done // max(total, 1)
            bar = "#" * filled + "." * (self.WIDTH - filled)
            sys.stderr.write(f"\r{self.label} [{bar}] {done:,} of {total:,}")
            sys.stderr.flush()
