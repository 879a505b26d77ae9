"""Entries become papers, again and again with the same result, and can be taken back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import (
    Listing,
    ListingEntry,
    Offer,
    Paper,
    Topic,
    Vote,
    Watch,
)
from papers.models.keys import set_keys
from papers.services import importing
from papers.services.importing import applying, taking_back
from tests.factories import make_comment, make_meeting, make_paper
from tests.importing.texts import (
    BROKEN,
    CAPTURED_ON,
    LATER,
    MOSSES,
    SORTING,
    TIDES,
    listing,
    many,
)

TIDES_TITLE = "Tides Under the Ice of Small Moons"


@pytest.fixture
def staged(group, alice):
    def staged(raw, captured_on=CAPTURED_ON, name="listing.txt"):
        kept = importing.store_upload(
            raw=raw, group=group, name=name, captured_on=captured_on, by=alice
        )
        importing.stage_listing(listing=kept)
        return kept

    return staged


@pytest.fixture
def applied(staged):
    def applied(*args, **kwargs):
        return apply(staged(*args, **kwargs))

    return applied


def apply(kept):
    assert importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()
    assert kept.state == "applied"
    return kept


def undo(kept):
    assert importing.start_work(listing=kept, state="taking-back", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()
    assert kept.state == "taken-back"
    return kept


def outcomes(kept):
    return [entry.outcome for entry in kept.entries.all()]


def rows(group):
    """All that is known of the group's papers, without ids and times of writing."""
    hidden = {"id", "created_at", "updated_at"}
    return [
        {field: value for field, value in row.items() if field not in hidden}
        for row in Paper.objects.in_group(group).order_by("identity").values()
    ]


def test_new_entries_become_papers_with_their_origin(applied, group):
    kept = applied(listing(TIDES, BROKEN, SORTING))

    assert outcomes(kept) == ["created", "problem", "created"]
    paper = group.papers.get(title=TIDES_TITLE)
    assert (paper.upvotes, paper.comment_count, paper.author_count) == (12, 2, 3)
    assert paper.published_on == date(2025, 11, 4)
    assert paper.captured_on == CAPTURED_ON
    assert paper.abstract.startswith("We show that the shells")
    assert not paper.title_edited
    entry = paper.entries.get()
    assert (entry.listing, entry.line) == (kept, 1)


def test_the_first_of_the_listing_stands_first_in_the_list(applied, group):
    applied(listing(TIDES, SORTING, MOSSES))

    titles = list(Paper.objects.in_group(group).values_list("title", flat=True))
    assert titles[0] == TIDES_TITLE
    assert titles[2] == "A Census of Alpine Mosses"


def test_the_same_listing_twice_changes_nothing(applied, group):
    applied(listing(TIDES, SORTING, TIDES.replace("12 Tides", "99 Tides")))
    before = rows(group), list(group.papers.values_list("id", "updated_at"))
    again = applied(listing(TIDES, SORTING, TIDES.replace("12 Tides", "99 Tides")))

    assert outcomes(again) == ["unchanged"] * 3
    assert (rows(group), list(group.papers.values_list("id", "updated_at"))) == before


def test_later_figures_replace_earlier_ones_and_never_the_other_way(applied, group):
    later = TIDES.replace("12 Tides", "40 Tides")
    applied(listing(later), LATER)
    early = applied(listing(TIDES), CAPTURED_ON)
    assert outcomes(early) == ["unchanged"]
    assert group.papers.get().upvotes == 40

    latest = applied(listing(TIDES.replace("12 Tides", "41 Tides")), date(2026, 1, 10))
    assert outcomes(latest) == ["updated"]
    assert group.papers.get().upvotes == 41


def test_figures_confirmed_later_hold_against_a_listing_in_between(applied, group):
    applied(listing(TIDES), CAPTURED_ON)
    applied(listing(TIDES), date(2026, 1, 10))
    applied(listing(TIDES.replace("12 Tides", "11 Tides")), LATER)

    assert group.papers.get().upvotes == 12


def test_a_text_edited_by_hand_is_never_overwritten(applied, group):
    make_paper(
        group=group,
        title=TIDES_TITLE,
        abstract="My own words.",
        abstract_edited=True,
        captured_on=None,
    )
    applied(listing(TIDES))

    paper = group.papers.get()
    assert paper.abstract == "My own words."
    assert paper.upvotes == 12


def test_what_was_left_out_stays_out(staged, group):
    kept = staged(listing(TIDES, SORTING))
    kept.entries.filter(line=1).update(left_out=True)
    apply(kept)

    assert outcomes(kept) == ["left-out", "created"]
    assert [paper.title for paper in group.papers.all()] == ["Sorting Networks That Forget"]


def test_a_title_corrected_at_the_look_is_known_again_in_the_next_listing(staged, group):
    kept = staged(listing(TIDES))
    entry = kept.entries.get()
    entry.title, entry.abstract = "Tides Under the Ice", "of Small Moons " + entry.abstract
    entry.edited = True
    set_keys(entry)
    entry.save()
    apply(kept)

    again = apply(staged(listing(TIDES), LATER))
    assert outcomes(again) == ["unchanged"]
    assert group.papers.get().title == "Tides Under the Ice"


def test_two_works_of_one_title_are_two_papers(applied, group):
    raw = b"""[
      {"paper": {"id": "2501.00001", "title": "Introduction", "summary": "One.",
        "upvotes": 1, "authors": [], "publishedAt": "2025-01-01T00:00:00.000Z"}},
      {"paper": {"id": "2501.00002", "title": "Introduction", "summary": "Two.",
        "upvotes": 2, "authors": [], "publishedAt": "2025-01-02T00:00:00.000Z"}}]"""
    make_paper(group=group, title="Introduction", abstract="One.")
    applied(raw)
    assert sorted(group.papers.values_list("arxiv_id", flat=True)) == ["2501.00001", "2501.00002"]

    assert outcomes(applied(raw)) == ["unchanged", "unchanged"]
    assert group.papers.count() == 2


def test_a_text_listing_finds_the_paper_that_came_with_an_arxiv_id(applied, group):
    make_paper(group=group, title=TIDES_TITLE, arxiv_id="2511.00001", upvotes=1)
    kept = applied(listing(TIDES))

    assert outcomes(kept) == ["updated"]
    assert group.papers.get().arxiv_id == "2511.00001"


def test_many_batches_make_each_paper_once(applied, group, monkeypatch):
    monkeypatch.setattr(applying, "BATCH_SIZE", 7)
    applied(many(50) + b"\n" + many(20, start=40))

    assert group.papers.count() == 60


def test_an_interrupted_apply_goes_on_behind_the_last_batch(staged, group, monkeypatch):
    whole, part = staged(many(30)), many(30)
    monkeypatch.setattr(applying, "BATCH_SIZE", 7)
    importing.start_work(listing=whole, state="applying", in_background=False)
    importing.apply_batch(whole.pk)
    importing.apply_batch(whole.pk)
    assert (group.papers.count(), importing.progress_of(whole).done) == (14, 14)

    importing.work_on_listing.call(whole.pk)
    whole.refresh_from_db()
    assert (whole.state, group.papers.count()) == ("applied", 30)
    assert outcomes(apply(staged(part))) == ["unchanged"] * 30


def test_only_one_of_two_starts_gets_through(staged):
    kept = staged(listing(TIDES))

    assert importing.start_work(listing=kept, state="applying", in_background=False)
    assert not importing.start_work(listing=kept, state="applying", in_background=False)


def test_a_batch_raises_the_version_of_the_group(staged, group):
    before = group.papers_version
    apply(staged(listing(TIDES)))

    group.refresh_from_db()
    assert group.papers_version > before


def test_taking_back_removes_what_nobody_touched(applied, group):
    mine = make_paper(group=group, title="A Paper of Ours")
    kept = undo(applied(listing(TIDES, SORTING, BROKEN)))

    assert list(group.papers.all()) == [mine]
    assert outcomes(kept) == ["", "", ""]
    assert not kept.entries.exclude(kept="").exists()


def test_taking_back_names_what_it_keeps_and_why(applied, group):
    kept = applied(listing(TIDES, SORTING, MOSSES))
    group.papers.filter(title__startswith="Tides").update(status="discussed")
    group.papers.get(title__startswith="Sorting").topics.add(Topic.get_or_create(group, "sorting"))
    undo(kept)

    assert sorted(group.papers.values_list("title", flat=True)) == [
        "Sorting Networks That Forget",
        TIDES_TITLE,
    ]
    assert [entry.kept for entry in kept.entries.all()] == [
        "It is discussed.",
        "It was given topics.",
        "",
    ]


def test_taking_back_keeps_what_another_listing_has_too(applied, group):
    first = applied(listing(TIDES))
    applied(listing(TIDES), LATER)
    undo(first)

    assert group.papers.count() == 1
    assert first.entries.get().kept == "Another listing has it too."


def test_taking_back_returns_changed_figures(applied, group):
    applied(listing(TIDES, SORTING))
    before = rows(group)
    later = applied(listing(TIDES.replace("12 Tides", "40 Tides"), SORTING), LATER)
    assert rows(group) != before
    undo(later)

    assert rows(group) == before


def test_taking_back_leaves_figures_that_changed_since(applied, group):
    applied(listing(TIDES))
    later = applied(listing(TIDES.replace("12 Tides", "40 Tides")), LATER)
    applied(listing(TIDES.replace("12 Tides", "50 Tides")), date(2026, 1, 10))
    undo(later)

    assert group.papers.get().upvotes == 50
    assert "upvotes" in later.entries.get().kept


def test_a_title_corrected_at_the_look_does_not_hinder_taking_back(staged, group):
    kept = staged(listing(TIDES))
    kept.entries.update(edited=True)
    undo(apply(kept))

    assert not group.papers.exists()


def test_what_was_taken_back_can_be_looked_at_and_applied_again(applied, group):
    kept = applied(listing(TIDES, SORTING))
    before = rows(group)
    undo(kept)
    importing.restage_listing(listing=kept)
    assert [entry.plan for entry in kept.entries.all()] == [ListingEntry.Plan.CREATE] * 2
    apply(kept)

    assert rows(group) == before


def test_taking_back_in_many_batches(applied, group, monkeypatch):
    kept = applied(many(40))
    monkeypatch.setattr(taking_back, "BATCH_SIZE", 7)
    undo(kept)

    assert not group.papers.exists()


def test_a_listing_that_left_papers_cannot_be_deleted(applied, staged):
    assert not applied(listing(TIDES)).is_deletable
    assert staged(listing(TIDES)).is_deletable
    assert Listing.objects.count() == 2


def voted(paper, who):
    Vote.objects.create(paper=paper, user=who, stance="not")


def offered(paper, who):
    Offer.objects.create(paper=paper, user=who)


def commented(paper, who):
    make_comment(paper=paper, user=who, removed_at=timezone.now())


def pinned(paper, who):
    Paper.objects.filter(pk=paper.pk).update(pinned_at=timezone.now())


def met(paper, who):
    make_meeting(group=paper.group, papers=[paper])


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (voted, "Members voted on it."),
        (offered, "A member offered to present it."),
        (commented, "Members commented on it."),
        (pinned, "It is pinned."),
        (met, "It was on the agenda of a meeting."),
    ],
)
def test_taking_back_keeps_what_members_have_begun_with(applied, group, bob, begin, said):
    kept = applied(listing(TIDES, SORTING))
    paper = group.papers.get(title=TIDES_TITLE)
    begin(paper, bob)
    undo(kept)

    assert list(group.papers.all()) == [paper]
    assert [entry.kept for entry in kept.entries.all()] == [said, ""]
    assert Vote.objects.count() + Offer.objects.count() + paper.comments.count() == (
        begin in (voted, offered, commented)
    )


def test_that_somebody_has_looked_at_a_paper_keeps_it_not(applied, group, bob):
    kept = applied(listing(TIDES))
    Watch.objects.create(paper=group.papers.get(), user=bob, seen_at=timezone.now())
    undo(kept)

    assert not group.papers.exists()


def test_a_proposal_outlives_the_listing_that_had_it(applied, group, bob):
    paper = make_paper(
        group=group, title=TIDES_TITLE, abstract="Mine.", proposed_by=bob, published_on=None
    )
    Paper.objects.filter(pk=paper.pk).update(title_edited=True, abstract_edited=True)
    before = rows(group)
    kept = applied(listing(TIDES))
    assert outcomes(kept) == ["updated"]
    undo(kept)

    assert rows(group) == before


def test_taking_back_many_takes_as_many_queries_as_few(applied, group, bob):
    def queries(kept):
        for paper in group.papers.all()[:2]:
            voted(paper, bob)
        assert importing.start_work(listing=kept, state="taking-back", in_background=False)
        with CaptureQueriesContext(connection) as done:
            importing.run_batches(listing=kept)
        Vote.objects.all().delete()
        return len(done)

    few = queries(applied(many(3)))
    assert queries(applied(many(30, start=10))) == few
