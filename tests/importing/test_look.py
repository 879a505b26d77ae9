"""The look page: corrections, applying, taking back, and who may."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from papers.admin.import_preview import entry_url
from papers.models import Listing, ListingEntry
from papers.services import importing
from papers.templatetags.rendering import cut_at_word
from tests.browsing import Browser
from tests.factories import make_group, make_paper, make_user
from tests.importing.texts import BROKEN, CAPTURED_ON, SORTING, TIDES, listing, many
from tests.pages import html_of, text_of


@pytest.fixture
def kept(group, alice):
    """A staged listing of three: a paper, a problem, a paper."""
    kept = importing.store_upload(
        raw=listing(TIDES, BROKEN, SORTING),
        group=group,
        name="page.txt",
        captured_on=CAPTURED_ON,
        by=alice,
    )
    importing.stage_listing(listing=kept)
    return kept


@pytest.fixture
def organiser(client, alice):
    client.force_login(alice)
    return client


def url(name, *args):
    return reverse(f"admin:papers_listing_{name}", args=args)


def act(client, name, kept, entry=None, **data):
    args = [kept.pk, entry.pk] if entry else [kept.pk]
    return client.post(url(name, *args), data, follow=True)


def look(client, kept, **query):
    return client.get(url("change", kept.pk), query)


def test_it_shows_what_was_understood(organiser, kept):
    page = look(organiser, kept)

    assert "New <b>2</b>" in page.text
    assert "Problems <b>1</b>" in page.text
    assert "line 2" in text_of(page)
    assert "3 authors" in page.text
    assert "4 Nov 2025 (year inferred)" in text_of(page)


def test_it_shows_changes_field_by_field(organiser, group, kept):
    make_paper(group=group, title="Sorting Networks That Forget", upvotes=77)
    importing.compare_entries(listing=kept)
    page = look(organiser, kept, show="changed")

    assert "<del>77</del>" in page.text
    assert "<ins>0</ins>" in page.text
    assert "Tides" not in page.text


def test_it_compares_anew_when_another_listing_was_applied(organiser, group, alice, kept):
    other = importing.store_upload(
        raw=listing(TIDES), group=group, name="o", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=other)
    importing.start_work(listing=other, state="applying", in_background=False)
    importing.run_batches(listing=other)

    assert "Already here <b>1</b>" in look(organiser, kept).text


def test_it_suggests_what_looks_alike_with_a_link(organiser, group, kept):
    like = make_paper(group=group, title="Tides Under the Ice of a Small Moon")
    importing.compare_entries(listing=kept)

    assert f'href="{like.get_absolute_url()}"' in look(organiser, kept, show="lookalike").text


def test_cut_moves_the_boundary_and_a_person_has_the_last_word(organiser, kept):
    entry = kept.entries.first()
    at = len("Tides Under the Ice ")
    act(organiser, "entry_cut", kept, entry, at=at)

    entry.refresh_from_db()
    assert entry.title == "Tides Under the Ice"
    assert entry.abstract.startswith("of Small Moons We show")
    assert entry.edited
    assert not entry.is_unsure


def buttons(page):
    """The titles to choose from: each with the offset that its button sends."""
    button = r'<button name="at" value="(\d+)"(?: aria-current="true")?>([^<]+ [^<]+)<'
    return dict(re.findall(button, html_of(page)))


def test_the_likeliest_titles_are_a_click_away(organiser, kept):
    entry = kept.entries.first()
    entry.title, rest = "Tides Under the Ice", "of Small Moons"
    entry.abstract = f"{rest} {entry.abstract}"
    entry.confidence = 0.3
    entry.save()
    page = look(organiser, kept)
    offered = buttons(page)
    assert "Tides Under the Ice of Small Moons" in offered.values()
    assert "starts a phrase" in page.text or "opens" in page.text  # it says why

    at = next(at for at, title in offered.items() if title.endswith("Small Moons"))
    act(organiser, "entry_cut", kept, entry, at=at)
    entry.refresh_from_db()
    assert entry.title == "Tides Under the Ice of Small Moons"
    assert entry.abstract.startswith("We show")
    assert entry.edited


def test_choosing_the_title_it_has_is_to_agree(organiser, kept):
    entry = kept.entries.first()
    ListingEntry.objects.update(confidence=0.3)
    at = len(entry.title) + 1
    assert buttons(look(organiser, kept))[str(at)] == entry.title
    act(organiser, "entry_cut", kept, entry, at=at)
    entry.refresh_from_db()
    assert entry.checked and not entry.edited


def test_every_word_to_click_is_a_place_to_cut(organiser, kept):
    entry = kept.entries.first()
    entry.title, entry.abstract = " ".join(["Antidisestablishmentarianism"] * 30), ""
    entry.confidence = 0.3
    entry.save()
    words = re.findall(r'<button name="at" value="(\d+)"[^>]*>([^<]*)<', look(organiser, kept).text)
    assert all(word for _, word in words)  # no empty one where an abstract is missing
    entry.title, entry.abstract = entry.title[:900].strip(), "Supercalifragilistic We " * 60
    entry.save()
    offered = re.findall(r'<button name="at" value="(\d+)"', html_of(look(organiser, kept)))
    assert 900 < max(map(int, offered)) <= 1000
    act(organiser, "entry_cut", kept, entry, at=max(map(int, offered)))
    entry.refresh_from_db()
    assert entry.checked and 900 < len(entry.title) <= 1000


def test_a_title_beyond_doubt_offers_no_others(organiser, kept):
    kept.entries.update(confidence=0.95, doubts="The abstract is very long.")
    page = look(organiser, kept)
    assert "Click the word" in page.text
    assert "Which of these" not in page.text


@pytest.mark.parametrize("at", ["0", "-3", "x", "", "99999"])
def test_cut_refuses_what_is_no_place(organiser, kept, at):
    entry = kept.entries.first()
    page = act(organiser, "entry_cut", kept, entry, at=at)

    assert page.status_code == 200
    assert "Click the word" in page.text
    entry.refresh_from_db()
    assert entry.title == "Tides Under the Ice of Small Moons"


def test_agreeing_ends_the_doubt(organiser, kept):
    entry = kept.entries.first()
    entry.confidence = 0.3
    entry.save()
    assert "Unsure title" in look(organiser, kept).text
    act(organiser, "entry_agree", kept, entry)

    assert "Unsure title" not in look(organiser, kept).text
    entry.refresh_from_db()
    assert not entry.edited


def test_leaving_out_can_be_undone(organiser, kept):
    entry = kept.entries.first()
    act(organiser, "entry_leave_out", kept, entry)
    assert "Apply: 1 new" in look(organiser, kept).text
    act(organiser, "entry_leave_out", kept, entry)
    assert "Apply: 2 new" in look(organiser, kept).text


def test_a_problem_corrected_becomes_an_entry(organiser, kept):
    problem = kept.entries.get(line=2)
    assert "Correct an entry" in organiser.get(url("entry_edit", kept.pk, problem.pk)).text
    fields = {
        "title": "A Paper of the Thirtieth of February",
        "abstract": "We show nothing at all.",
        "arxiv_id": "https://arxiv.org/abs/2402.00030v2",
        "doi": "",
        "published_on": "2024-02-29",
        "author_count": 2,
        "upvotes": 7,
        "comment_count": 0,
    }
    act(organiser, "entry_edit", kept, problem, **fields)

    problem.refresh_from_db()
    assert (problem.problem, problem.plan) == ("", "create")
    assert problem.arxiv_id == "2402.00030"


def test_a_correction_without_a_title_is_refused(organiser, kept):
    problem = kept.entries.get(line=2)
    page = act(organiser, "entry_edit", kept, problem, title=" ", upvotes=0, comment_count=0)

    assert page.status_code == 422
    problem.refresh_from_db()
    assert problem.problem


@pytest.mark.django_db(transaction=True)
def test_apply_goes_through_a_worker_and_says_what_came_of_it(organiser, kept, group):
    act(organiser, "apply", kept)
    kept.refresh_from_db()
    assert kept.state == "applying"
    call_command("db_worker", batch=True, interval=0, reload=False, verbosity=0)

    page = look(organiser, kept)
    assert "Created <b>2</b>" in page.text
    assert "Problem <b>1</b>" in page.text
    assert group.papers.count() == 2


def test_progress_moves_and_ends(organiser, kept):
    importing.start_work(listing=kept, state="applying", in_background=False)
    response = organiser.get(url("progress", kept.pk))
    assert "0 of 3 entries" in response.text
    assert "HX-Refresh" not in response.headers
    importing.run_batches(listing=kept)

    assert organiser.get(url("progress", kept.pk)).headers["HX-Refresh"] == "true"


def test_an_apply_nobody_works_on_can_be_gone_on_with(organiser, kept, group):
    importing.start_work(listing=kept, state="applying", in_background=False)
    assert ">Continue<" not in look(organiser, kept).text
    Listing.objects.update(worked_at="2025-01-01T00:00Z")
    assert ">Continue<" in look(organiser, kept).text

    act(organiser, "resume", kept)
    assert group.papers.count() == 2


def test_pressing_apply_twice_is_harmless(organiser, kept):
    act(organiser, "apply", kept)
    page = act(organiser, "apply", kept)

    assert "already been done" in page.text


def test_entries_of_an_applied_listing_are_not_changed(organiser, kept):
    importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    entry = kept.entries.first()
    act(organiser, "entry_cut", kept, entry, at=5)

    entry.refresh_from_db()
    assert entry.title == "Tides Under the Ice of Small Moons"


def test_back_leads_within_the_site_alone(organiser, kept):
    entry = kept.entries.first()
    response = organiser.post(
        url("entry_agree", kept.pk, entry.pk), {"back": "https://evil.example/"}
    )
    assert response.url.startswith("/admin/")


def test_the_page_costs_the_same_for_few_and_for_many(
    organiser, group, alice, kept, django_assert_num_queries
):
    large = importing.store_upload(
        raw=many(45), group=group, name="l", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=large)
    large.entries.filter(position__lt=40).update(doubts="The abstract is very long.")
    with django_assert_num_queries(12) as few:
        look(organiser, kept)
    with django_assert_num_queries(len(few)):
        look(organiser, large)


PAGES = ["change", "raw", "progress"]
ACTS = ["again", "apply", "take_back", "look_again", "resume"]
ENTRY_ACTS = ["entry_cut", "entry_agree", "entry_leave_out", "entry_edit"]


def statuses(client, kept):
    """The status of every page and act of a listing, for whoever is signed in."""
    entry = kept.entries.first()
    found = {client.get(url(name, kept.pk)).status_code for name in PAGES}
    found |= {client.post(url(name, kept.pk)).status_code for name in ACTS}
    found |= {client.post(url(name, kept.pk, entry.pk)).status_code for name in ENTRY_ACTS}
    return found | {client.get(url("entry_edit", kept.pk, entry.pk)).status_code}


def test_an_organiser_of_another_group_finds_nothing(client, kept, charlie):
    dana = make_user("dana")
    make_group("Dana's", organisers=[dana])
    client.force_login(dana)

    assert statuses(client, kept) == {404}
    assert "page.txt" not in client.get(url("changelist")).text


def test_a_member_does_not_enter_the_admin(client, kept, bob):
    client.force_login(bob)

    assert statuses(client, kept) == {302}
    assert "/admin/login/" in client.get(url("change", kept.pk)).url
    assert kept.entries.filter(left_out=True).count() == 0


def test_an_anonymous_visitor_is_asked_to_sign_in(client, kept):
    assert statuses(client, kept) == {302}
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200
    assert "password" in page.text


def test_a_superuser_sees_all_groups(client, kept):
    client.force_login(make_user("root", is_superuser=True))

    assert look(client, kept).status_code == 200
    assert "page.txt" in client.get(url("changelist")).text


@pytest.mark.parametrize("name", [*ACTS, *ENTRY_ACTS[:3]])
def test_acts_are_posts(organiser, kept, name):
    args = [kept.pk, kept.entries.first().pk] if name.startswith("entry") else [kept.pk]

    assert organiser.get(url(name, *args)).status_code == 405


def test_a_listing_that_left_papers_is_not_deleted(organiser, kept):
    delete = url("delete", kept.pk)
    assert organiser.get(delete).status_code == 200
    importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)

    assert organiser.post(delete, {"post": "yes"}).status_code == 403
    assert ListingEntry.objects.exists()


@pytest.mark.parametrize("pk", ["0", "99999999999999999999", "abc"])
def test_an_unknown_listing_is_not_an_error(organiser, kept, pk):
    assert organiser.get(f"/admin/papers/listing/{pk}/change/").status_code in (302, 404)


# What the page offers first.


def lines_of(page):
    """The lines of the entries, in the order of the page."""
    return [
        int(line) for line in re.findall(r"<span class=\"listing-line\">line (\d+)", html_of(page))
    ]


def test_entries_that_need_a_look_come_first(organiser, group, alice):
    kept = importing.store_upload(
        raw=many(120), group=group, name="l", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    kept.entries.update(confidence=0.99, doubts="")
    unsure, problem, alike, settled, out = kept.entries.filter(position__in=[60, 70, 115, 90, 91])
    kept.entries.filter(pk__in=[unsure.pk, settled.pk, out.pk]).update(confidence=0.1)
    kept.entries.filter(pk=problem.pk).update(problem="Not a paper.", plan="problem")
    kept.entries.filter(pk=settled.pk).update(checked=True)
    kept.entries.filter(pk=out.pk).update(left_out=True)
    Listing.objects.update(compared_version=group.papers_version)
    first, second, third = (look(organiser, kept, page=number) for number in (1, 2, 3))
    assert lines_of(first)[:3] == [unsure.line, problem.line, kept.entries.first().line]
    shown = lines_of(first) + lines_of(second) + lines_of(third)
    assert sorted(shown) == sorted(kept.entries.values_list("line", flat=True))
    assert "2 entries need a look first" in text_of(first)


def test_an_entry_is_found_again_wherever_it_is_listed(organiser, group, alice):
    kept = importing.store_upload(
        raw=many(120), group=group, name="l", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    kept.entries.update(confidence=0.99, doubts="")
    last = kept.entries.last()
    kept.entries.filter(pk=last.pk).update(confidence=0.1)
    for entry, page in ((last, 1), (kept.entries.all()[49], 2), (kept.entries.all()[48], 1)):
        assert entry_url(entry).endswith(f"?page={page}#e{entry.pk}")
        assert f'id="e{entry.pk}"' in organiser.get(entry_url(entry).partition("#")[0]).text


def test_one_that_looks_like_another_can_be_confirmed(alice, group, kept):
    make_paper(group=group, title="Tides Under the Ice of a Small Moon")
    importing.compare_entries(listing=kept)
    page = Browser(alice).open(url("change", kept.pk))
    assert "2 entries need a look first" in text_of(page.response)
    page = page.form("This is correct: Tides Under the Ice of Small Moons").submit()
    assert "1 entry needs a look first" in text_of(page.response)


def test_apply_does_not_invite_where_nothing_is_new(alice, group, kept):
    kept.entries.update(left_out=True)
    page = Browser(alice).open(url("change", kept.pk))
    assert "Nothing to apply." in text_of(page.response)
    assert "Apply: " not in page.response.text
    assert 'class="button default"' not in page.response.text
    page.form("Apply anyway").submit()
    kept.refresh_from_db()
    assert kept.state in ("applying", "applied")


def test_take_back_is_not_the_first_choice_and_the_group_is_a_click_away(organiser, kept, group):
    importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    shown = html_of(look(organiser, kept))
    assert 'class="listing-quiet">Take back</button>' in shown
    assert f'<a class="button default" href="/{group.slug}/papers/?listing={kept.pk}">' in shown
    assert shown.count(f'href="/{group.slug}/"') == 2
    assert "Removes new papers nobody has used yet" in shown


def test_hours_are_those_of_the_group(organiser, kept, group):
    group.time_zone = "Asia/Tokyo"
    group.save()
    Listing.objects.update(created_at="2025-11-26T20:30:00.123456Z")
    page = look(organiser, kept)
    assert "uploaded 27 Nov 2025, 05:30 (Asia/Tokyo)" in text_of(page)
    assert '<time datetime="2025-11-27T05:30:00+09:00">' in page.text
    assert "27 Nov 2025, 05:30 (Asia/Tokyo)" in text_of(organiser.get(url("changelist")))


@pytest.mark.parametrize(
    ("text", "length", "shown"),
    [
        ("Short enough", 20, "Short enough"),
        ("We show that the tides keep it warm", 22, "We show that the tides…"),
        ("We show that the tides keep it warm", 24, "We show that the tides…"),
        ("We show, that is", 9, "We show…"),
        ("x" * 30, 10, "x" * 10 + "…"),
        ("a " + "x" * 30, 10, "a " + "x" * 8 + "…"),
        ("", 10, ""),
        (77, 10, "77"),
    ],
)
def test_texts_are_cut_at_a_word(text, length, shown):
    assert cut_at_word(text, length) == shown


def test_abstracts_are_cut_at_a_word(organiser, kept):
    kept.entries.update(abstract="Undividable " * 40)
    page = text_of(look(organiser, kept))
    assert "Undividable…" in page
    assert not re.search(r"\bUndiv(?!idable)", page)


def test_the_page_says_what_becomes_of_problems(organiser, kept):
    page = look(organiser, kept)
    assert "Problems are left out unless you correct them." in text_of(page)
    kept.entries.filter(plan="problem").delete()
    assert "Problems are left out" not in text_of(look(organiser, kept))


def test_an_entry_of_several_lines_says_lines(organiser, kept):
    first = kept.entries.first()
    assert f"line {first.line} " in text_of(look(organiser, kept))
    kept.entries.filter(pk=first.pk).update(last_line=first.line + 3)
    assert f"lines {first.line}–{first.line + 3} " in text_of(look(organiser, kept))
