"""Two people apply listings that share a paper, at the same time."""

import pytest

from papers.models import Group, Listing
from papers.services import importing
from papers.services.importing import applying
from tests.concurrency.together import at_once, rendezvous
from tests.importing.texts import CAPTURED_ON, SORTING, TIDES, listing, many

# The same paper as TIDES, by another identity: no unique index can see that it is the same.
TIDES_ON_ARXIV = b"""[{"paper": {"id": "2511.01234", "title": "Tides Under the Ice of Small Moons",
  "summary": "We show that the shells of small moons bend enough to keep an ocean warm.",
  "upvotes": 3, "authors": [{}, {}, {}], "publishedAt": "2025-11-04T10:00:00.000Z"}}]"""


@pytest.fixture
def meet(monkeypatch):
    """Let two appliers wait for each other between looking a paper up and creating it."""
    wait = rendezvous(2)

    class SlowKnown(applying.KnownPapers):
        def __init__(self, *args):
            super().__init__(*args)
            wait()

    monkeypatch.setattr(applying, "KnownPapers", SlowKnown)


def stage(group, raw):
    kept = importing.store_upload(
        raw=raw, group=group, name="listing", captured_on=CAPTURED_ON, by=None
    )
    importing.stage_listing(listing=kept)
    assert importing.start_work(listing=kept, state="applying", in_background=False)
    return kept.pk


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_paper(group, meet):
    ids = stage(group, listing(TIDES)), stage(group, TIDES_ON_ARXIV)
    assert at_once(importing.apply_batch, *ids) == []

    paper = group.papers.get()
    assert paper.arxiv_id in ("2511.01234", "")
    assert paper.entries.count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_make_two(group, meet, monkeypatch):
    """The control: this is the race that the lock and the transaction keep out."""

    def no_lock(listing_id):
        kept = Listing.objects.get(pk=listing_id)
        return Group.objects.get(pk=kept.group_id), kept

    monkeypatch.setattr(applying, "lock_group_and_listing", no_lock)
    ids = stage(group, listing(TIDES)), stage(group, TIDES_ON_ARXIV)
    at_once(importing.apply_batch.__wrapped__, *ids)

    assert group.papers.count() == 2


@pytest.mark.django_db(transaction=True)
def test_large_listings_that_overlap_end_in_each_paper_once(group, monkeypatch):
    monkeypatch.setattr(applying, "BATCH_SIZE", 20)
    first, second = stage(group, many(120)), stage(group, many(120, start=60))
    raised = at_once(
        lambda pk: importing.run_batches(listing=Listing.objects.get(pk=pk)), first, second
    )

    assert raised == []
    assert group.papers.count() == 180
    assert set(Listing.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_listing_do_each_entry_once(group, monkeypatch):
    monkeypatch.setattr(applying, "BATCH_SIZE", 10)
    pk = stage(group, many(80))
    raised = at_once(lambda pk: importing.run_batches(listing=Listing.objects.get(pk=pk)), pk, pk)
    assert raised == []

    kept = Listing.objects.get()
    assert kept.state == "applied"
    assert group.papers.count() == kept.entries.filter(outcome="created").count() == 80


@pytest.mark.django_db(transaction=True)
def test_the_button_pressed_twice_starts_once(group):
    kept = importing.store_upload(
        raw=listing(TIDES, SORTING), group=group, name="l", captured_on=CAPTURED_ON, by=None
    )
    importing.stage_listing(listing=kept)
    started = []
    at_once(
        lambda _: started.append(importing.start_work(listing=kept, state="applying")), 1, 2, 3, 4
    )

    assert sorted(started) == [False, False, False, True]
