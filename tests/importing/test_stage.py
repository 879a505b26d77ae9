"""An upload is kept and read into entries for a look."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from papers.models import ListingEntry, Paper
from papers.services import importing
from tests.factories import make_paper
from tests.importing.texts import (
    BROKEN,
    CAPTURED_ON,
    LATER,
    MOSSES,
    SORTING,
    TIDES,
    listing,
)

Plan = ListingEntry.Plan


@pytest.fixture
def stage(group, alice):
    def stage(raw, captured_on=CAPTURED_ON, in_group=group):
        kept = importing.store_upload(
            raw=raw, group=in_group, name="listing.txt", captured_on=captured_on, by=alice
        )
        importing.stage_listing(listing=kept)
        kept.refresh_from_db()
        return kept

    return stage


def plans(staged):
    return [entry.plan for entry in staged.entries.all()]


def test_entries_are_read_and_no_paper_is_written(stage):
    staged = stage(listing(TIDES, SORTING))

    first, second = staged.entries.all()
    assert staged.state == "staged"
    assert (first.title, first.upvotes, first.comment_count) == (
        "Tides Under the Ice of Small Moons",
        12,
        2,
    )
    assert first.published_on == date(2025, 11, 4)
    assert first.year_inferred
    assert (second.line, second.author_count, second.year_inferred) == (2, 1, False)
    assert plans(staged) == [Plan.CREATE, Plan.CREATE]
    assert not Paper.objects.exists()


def test_problems_stand_among_the_entries(stage):
    staged = stage(listing(TIDES, BROKEN, SORTING))

    assert plans(staged) == [Plan.CREATE, Plan.PROBLEM, Plan.CREATE]
    problem = staged.entries.get(plan=Plan.PROBLEM)
    assert problem.line == 2
    assert "Feb" in problem.problem
    assert "Thirtieth" in problem.excerpt


def test_what_the_group_has_is_found_again(stage, group):
    make_paper(group=group, title="tides under the ice, of small moons!", upvotes=3)
    make_paper(group=group, title="Sorting Networks That Forget", author_count=1)
    staged = stage(listing(TIDES, MOSSES))

    assert plans(staged) == [Plan.UPDATE, Plan.CREATE]


def test_papers_of_another_group_are_not_what_this_one_has(stage, charlie):
    others = charlie.memberships.get().group
    make_paper(group=others, title="Tides Under the Ice of Small Moons")

    assert plans(stage(listing(TIDES))) == [Plan.CREATE]


def test_a_title_much_like_another_is_a_suggestion(stage, group):
    like = make_paper(group=group, title="Tides Under the Ice of a Small Moon")
    staged = stage(listing(TIDES, SORTING))

    assert plans(staged) == [Plan.LOOKALIKE, Plan.CREATE]
    assert staged.entries.first().looks_like == like


def test_an_entry_that_stands_twice_counts_once(stage):
    assert plans(stage(listing(TIDES, SORTING, TIDES.replace("12 Tides", "13 Tides")))) == [
        Plan.CREATE,
        Plan.CREATE,
        Plan.REPEATED,
    ]


@pytest.mark.parametrize(
    ("raw", "captured_on", "words"),
    [
        (b"%PDF-1.7 \x00\x01\x02\x03", CAPTURED_ON, "PDF"),
        (b"<!doctype html><html><body>Sign in</body></html>", CAPTURED_ON, "HTML"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07" * 40, CAPTURED_ON, "This is not text"),
        (b"Dear all, shall we read something on Monday?", CAPTURED_ON, "No paper was found"),
        (b"   \n  ", CAPTURED_ON, "The listing is empty"),
        (listing(TIDES), None, "date of capture is missing"),
        (listing(TIDES), timezone.localdate() + timedelta(days=2), "in the future"),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_sentence(stage, raw, captured_on, words):
    kept = stage(raw, captured_on)

    assert kept.state == "uploaded"
    assert kept.raw_bytes == raw
    assert words in kept.problem
    assert kept.problem.endswith(".")
    assert not kept.entries.exists()


def test_a_date_put_right_reads_the_kept_text(stage):
    kept = stage(listing(TIDES), None)
    kept.captured_on = CAPTURED_ON
    importing.stage_listing(listing=kept)

    kept.refresh_from_db()
    assert (kept.state, kept.problem, kept.entries.count()) == ("staged", "", 1)


def test_reading_again_with_another_date_infers_other_years(stage):
    staged = stage(listing(TIDES), date(2025, 11, 26))
    staged.captured_on = date(2024, 11, 26)
    importing.stage_listing(listing=staged)

    assert staged.entries.get().published_on == date(2024, 11, 4)


def test_a_number_no_database_takes_is_a_problem(stage):
    raw = b'[{"paper": {"title": "Tides", "summary": "We.", "upvotes": 99999999999}}]'

    assert plans(stage(raw)) == [Plan.PROBLEM]


def test_another_apply_makes_the_comparison_stale(stage, group):
    first, second = stage(listing(TIDES)), stage(listing(TIDES, SORTING), LATER)
    importing.start_work(listing=first, state="applying", in_background=False)
    importing.run_batches(listing=first)

    group.refresh_from_db()
    assert second.compared_version != group.papers_version
    importing.compare_entries(listing=second)
    assert plans(second) == [Plan.UNCHANGED, Plan.CREATE]


def test_staging_many_takes_as_many_queries_as_few(stage, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        stage(listing(*(TIDES.replace("Moons", f"Moons {n} Times") for n in range(60))))
