"""Acts in odd orders, and entries whose keys cross: nothing doubles, nothing gets stuck."""

import pytest

from papers.models import Listing, ListingEntry
from papers.models.keys import set_keys
from papers.services import importing
from papers.services.importing import background
from tests.factories import make_paper
from tests.importing.texts import CAPTURED_ON, LATER, SORTING, TIDES, listing

TITLE = "Tides Under the Ice of Small Moons"


@pytest.fixture
def stage(group, alice):
    def stage(raw, captured_on=CAPTURED_ON):
        kept = importing.store_upload(
            raw=raw, group=group, name="l", captured_on=captured_on, by=alice
        )
        importing.stage_listing(listing=kept)
        return kept

    return stage


def apply(kept):
    assert importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()
    assert kept.state == "applied"


def undo(kept):
    assert importing.start_work(listing=kept, state="taking-back", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()


def daily(*papers):
    """The JSON of a daily page: (arXiv id, title) each."""
    one = '{{"paper": {{"id": "{}", "title": "{}", "summary": "We show it.", "upvotes": 1}}}}'
    return f"[{', '.join(one.format(*paper) for paper in papers)}]".encode()


def test_two_entries_of_one_id_that_match_two_papers_by_title(stage, group):
    make_paper(group=group, title="Snow on Slopes")
    make_paper(group=group, title="Snow on Slopes, Revised")
    apply(stage(daily(("2501.00001", "Snow on Slopes"), ("2501.00001", "Snow on Slopes, Revised"))))

    assert sorted(group.papers.values_list("arxiv_id", flat=True)) == ["", "2501.00001"]


def test_a_doi_that_is_an_arxiv_id_finds_the_paper_of_that_id(stage, group):
    make_paper(group=group, title="Quite Another Title", arxiv_id="2501.00001")
    kept = stage(listing(TIDES))
    entry = kept.entries.get()
    entry.doi = "10.48550/arxiv.2501.00001"
    set_keys(entry)
    entry.save()
    apply(kept)

    assert group.papers.count() == 1


def test_long_titles_that_begin_alike_are_two_papers(stage, group):
    long = " ".join(["Very"] * 60)
    apply(stage(daily(("", f"{long} Cold"), ("", f"{long} Warm"))))

    assert group.papers.count() == 2


def test_an_error_in_the_work_is_a_sentence_and_not_the_end(stage, group, monkeypatch):
    kept = stage(listing(TIDES))
    importing.start_work(listing=kept, state="applying", in_background=False)

    def fail(pk):
        raise ValueError("the disk is full")

    monkeypatch.setitem(background.BATCH_FUNCTIONS, "applying", fail)
    importing.resume_work(listing=kept, seconds=1)
    kept.refresh_from_db()
    assert "the disk is full" in kept.problem
    assert importing.progress_of(kept).is_stopped

    monkeypatch.undo()
    importing.resume_work(listing=kept, seconds=1)
    kept.refresh_from_db()
    assert kept.state == "applied"


def test_reading_again_never_undoes_an_apply(stage, group):
    kept = stage(listing(TIDES))
    late = Listing.objects.get(pk=kept.pk)  # opened in another window before
    apply(kept)

    assert not importing.stage_listing(listing=late)
    kept.refresh_from_db()
    assert kept.state == "applied"
    assert kept.entries.get().paper == group.papers.get()


def test_comparing_never_touches_what_is_being_applied(stage, group):
    kept = stage(listing(TIDES))
    late = Listing.objects.get(pk=kept.pk)
    apply(kept)
    importing.compare_entries(listing=late)

    assert kept.entries.get().paper == group.papers.get()


def test_an_entry_left_out_is_no_origin_of_the_paper(stage, group, client, alice):
    paper = make_paper(group=group, title=TITLE)
    kept = stage(listing(TIDES, SORTING))
    kept.entries.filter(line=1).update(left_out=True)
    apply(kept)

    client.force_login(alice)
    assert "From listing" not in client.get(paper.get_absolute_url()).text
    page = client.get(f"/{group.slug}/papers/", {"listing": kept.pk})
    assert "1 paper" in page.text
    assert TITLE not in page.text


def test_an_entry_left_out_elsewhere_does_not_keep_a_paper(stage, group):
    first = stage(listing(TIDES))
    apply(first)
    second = stage(listing(TIDES), LATER)
    second.entries.update(left_out=True)
    apply(second)
    undo(first)

    assert not group.papers.exists()


def test_taking_back_keeps_what_was_given_an_id(stage, group):
    kept = stage(listing(TIDES))
    apply(kept)
    group.papers.update(arxiv_id="2511.00001")
    undo(kept)

    assert group.papers.count() == 1
    assert kept.entries.get().kept == "It was changed since."
    assert not kept.is_deletable


def test_a_listing_applied_once_is_deletable_only_when_nothing_is_left(stage, group):
    kept = stage(listing(TIDES))
    assert kept.is_deletable
    apply(kept)
    assert not kept.is_deletable
    undo(kept)
    assert kept.is_deletable
    importing.restage_listing(listing=kept)
    kept.refresh_from_db()
    assert not kept.is_deletable


def test_the_second_of_two_is_new_when_the_first_is_left_out(stage, group, client, alice):
    kept = stage(listing(TIDES, TIDES))
    client.force_login(alice)
    first, second = kept.entries.all()
    assert second.plan == ListingEntry.Plan.REPEATED
    client.post(f"/admin/papers/listing/{kept.pk}/entries/{first.pk}/leave-out/")

    second.refresh_from_db()
    assert second.plan == ListingEntry.Plan.CREATE
    apply(kept)
    assert group.papers.count() == 1


def test_an_entry_corrected_to_the_id_of_another_is_a_repetition(stage, group, client, alice):
    kept = stage(daily(("2501.00001", "Snow on Slopes"), ("2501.00002", "Ice on Lakes")))
    client.force_login(alice)
    entry = kept.entries.last()
    fields = {"title": "Ice on Lakes", "arxiv_id": "2501.00001", "upvotes": 1, "comment_count": 0}
    client.post(f"/admin/papers/listing/{kept.pk}/entries/{entry.pk}/edit/", fields)

    entry.refresh_from_db()
    assert entry.plan == ListingEntry.Plan.REPEATED


def test_a_paper_deleted_in_the_admin_is_new_on_the_look_page(stage, group, client, alice):
    paper = make_paper(group=group, title=TITLE)
    kept = stage(listing(TIDES))
    client.force_login(alice)
    client.post(f"/admin/papers/paper/{paper.pk}/delete/", {"post": "yes"})

    assert "Apply: 1 new" in client.get(f"/admin/papers/listing/{kept.pk}/change/").text


def test_a_future_date_on_reading_again_costs_nothing(stage, client, alice):
    kept = stage(listing(TIDES))
    client.force_login(alice)
    url = f"/admin/papers/listing/{kept.pk}/again/"
    page = client.post(url, {"captured_on": "2999-01-01"}, follow=True)

    assert "is in the future" in page.text
    assert "Apply: 1 new" in page.text


def test_nothing_given_with_a_date_that_is_none_is_said(group, client, alice):
    client.force_login(alice)
    data = {"group": group.pk, "captured_on": "abc", "text": ""}
    page = client.post("/admin/papers/listing/add/", data)

    assert page.status_code == 422
    assert "Choose a file, or paste the text." in page.text


def test_a_figure_changed_by_a_listing_outlives_an_edit_opened_before(stage, group, client, alice):
    paper = make_paper(group=group, title=TITLE, upvotes=1)
    client.force_login(alice)
    apply(stage(listing(TIDES)))
    fields = {"title": TITLE, "abstract": "My words.", "upvotes": 12, "comment_count": 2}
    fields |= {"author_count": 3, "status": "open", "published_on": "2025-11-04"}
    client.post(f"/admin/papers/paper/{paper.pk}/change/", fields)

    paper.refresh_from_db()
    assert (paper.upvotes, paper.abstract, paper.abstract_edited) == (12, "My words.", True)
    assert not paper.title_edited


def fields(title, abstract):
    """A listing of one, a line per field: the title is what stands on its line."""
    return "\n".join(["3", title, abstract, "2 authors", "·", "Jun 12, 2023"]).encode()


def test_taking_back_a_title_that_another_paper_has_by_now(stage, group):
    apply(stage(fields("On Foo", "Bar is what we do. More of it.")))
    renamed = stage(fields("On Foo Bar", "is what we do. More of it."), LATER)
    apply(renamed)
    assert group.papers.get().title == "On Foo Bar"
    apply(stage(fields("On Foo", "A wholly different abstract. Yes."), LATER))
    undo(renamed)

    assert renamed.state == "taken-back"
    assert sorted(group.papers.values_list("title", flat=True)) == ["On Foo", "On Foo Bar"]
    assert "another paper has the title" in renamed.entries.get().kept


def test_two_retitled_alike_end_in_no_collision(stage, group):
    apply(stage(fields("Alpha", "Beta gamma do. More of it.")))
    apply(stage(fields("Alpha Beta", "theta do. More of it.")))
    first = fields("Alpha Beta", "gamma do. More of it.")
    apply(stage(first + b"\n" + fields("Alpha Beta", "theta do. More of it."), LATER))

    assert group.papers.count() == 2


def test_an_admin_form_opened_before_does_not_turn_figures_back(stage, group, client, alice):
    paper = make_paper(group=group, title=TITLE, upvotes=10, captured_on=CAPTURED_ON)
    client.force_login(alice)
    url = f"/admin/papers/paper/{paper.pk}/change/"
    form = client.get(url).context["adminform"].form
    posted = {f"initial-{name}": form[name].initial for name in form.fields if name != "topics"}
    posted |= {name: form[name].initial for name in form.fields} | {"topics": []}
    posted = {name: "" if value is None else value for name, value in posted.items()}
    apply(stage(listing(TIDES.replace("12 Tides", "30 Tides")), LATER))
    response = client.post(url, posted | {"abstract": "A correction."})

    assert response.status_code == 302
    paper.refresh_from_db()
    assert (paper.abstract, paper.upvotes, paper.captured_on) == ("A correction.", 30, LATER)


def test_a_nul_in_an_id_never_gets_in(group, client, alice):
    paper = make_paper(group=group, title=TITLE)
    client.force_login(alice)
    data = {"title": TITLE, "doi": "10.1234/a%00b", "upvotes": 0, "comment_count": 0}
    client.post(f"/admin/papers/paper/{paper.pk}/change/", data | {"status": "open"})

    paper.refresh_from_db()
    assert "\x00" not in paper.doi


@pytest.mark.parametrize("back", ["foo", "?page=2", "//evil.example", "javascript:alert(1)"])
def test_odd_ways_back_are_no_error(stage, client, alice, back):
    kept = stage(listing(TIDES))
    client.force_login(alice)
    url = f"/admin/papers/listing/{kept.pk}/entries/{kept.entries.get().pk}/agree/"
    response = client.post(url, {"back": back})

    assert response.status_code == 302
    assert "evil" not in response.url
