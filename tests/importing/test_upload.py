"""The upload page: whatever comes, a sentence a person can act on, and nothing lost."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from papers.models import Listing
from tests.browsing import Browser
from tests.factories import make_group
from tests.importing.texts import BROKEN, SORTING, TIDES, listing

ADD = "admin:papers_listing_add"


@pytest.fixture
def upload(client, group, alice):
    client.force_login(alice)

    def upload(raw=None, *, text="", captured_on="2025-11-26", group=group, name="page.txt"):
        data = {"group": group.pk, "captured_on": captured_on, "text": text}
        if raw is not None:
            data["file"] = SimpleUploadedFile(name, raw)
        return client.post(reverse(ADD), data, follow=True)

    return upload


def test_a_file_is_read_and_looked_at(upload):
    page = upload(listing(TIDES, SORTING))

    assert page.redirect_chain
    assert "Tides Under the Ice of Small Moons" in page.text
    assert "Apply: 2 new" in page.text


def test_a_pasted_text_is_read(upload):
    page = upload(text=listing(TIDES).decode())

    assert "Apply: 1 new" in page.text
    assert Listing.objects.get().name.startswith("Pasted on ")


def test_a_file_and_a_text_are_both_kept(upload):
    page = upload(listing(TIDES), text=listing(SORTING).decode())

    assert "Tides Under the Ice" in page.text
    assert "The text is kept too" in page.text
    assert Listing.objects.count() == 2


def test_nothing_given_is_said(upload):
    page = upload()

    assert page.status_code == 422
    assert "Choose a file, or paste the text." in page.text
    assert not Listing.objects.exists()


def test_an_empty_file_is_said_and_the_text_stays(upload):
    page = upload(b"", text="12 What I pasted")

    assert page.status_code == 422
    assert "The file is empty" in page.text
    assert "12 What I pasted" in page.text


def test_over_the_limit_is_said_and_a_pasted_text_stays(upload, settings):
    settings.LISTING_MAX_BYTES = 1000
    assert "is the limit" in upload(b"x" * 1001).text
    page = upload(text="y" * 1001)

    assert page.status_code == 422
    assert "is the limit" in page.text
    assert "y" * 1001 in page.text


@pytest.mark.parametrize(
    ("captured_on", "sentence"),
    [
        ("", "date of capture is missing"),
        ("soon", "date of capture is missing"),
        (f"{timezone.localdate() + timedelta(days=3)}", "is in the future"),
    ],
)
def test_a_wrong_date_does_not_cost_the_upload(upload, client, captured_on, sentence):
    page = upload(listing(TIDES), captured_on=captured_on)
    assert sentence in page.text
    kept = Listing.objects.get()
    assert kept.raw_bytes == listing(TIDES)

    page = client.post(
        reverse("admin:papers_listing_again", args=[kept.pk]),
        {"captured_on": "2025-11-26"},
        follow=True,
    )
    assert "Apply: 1 new" in page.text


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "a picture"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title>", "HTML"),
        (b"Just a letter, with no papers in it.", "No paper was found"),
        (b"\x00" * 5000, "This is not text"),
    ],
)
def test_what_is_no_listing_is_kept_with_a_sentence(upload, raw, sentence):
    page = upload(raw)

    assert page.status_code == 200
    assert "This could not be read yet" in page.text
    assert sentence in page.text
    assert Listing.objects.get().raw_bytes == raw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_are_read_and_shown(upload, encoding):
    page = upload(
        f"{TIDES}\n{SORTING}".replace("small moons bend", "moons – café – bend").encode(encoding)
    )

    assert "moons – café – bend" in page.text
    assert f"read as {Listing.objects.get().encoding}" in page.text


def test_nul_characters_among_good_text_do_no_harm(upload):
    page = upload(listing(TIDES.replace("shells", "she\x00lls"), SORTING))
    assert "Apply: 2 new" in page.text
    page = upload(text=listing(TIDES.replace("shells", "she\x00lls")).decode())
    assert "Apply: 1 new" in page.text


def test_a_very_long_line_is_read_or_refused_with_a_sentence(upload):
    page = upload(b"word " * 2_000_000)

    assert page.status_code == 200
    assert "This could not be read yet" in page.text


def test_a_thousand_broken_entries_stand_among_good_ones(upload, client):
    page = upload(listing(*[BROKEN] * 1000, TIDES))

    assert "Problems <b>1000</b>" in page.text
    assert "New <b>1</b>" in page.text


def test_markup_in_a_listing_is_text(upload):
    evil = TIDES.replace("Tides", "<script>alert(1)</script> Tides")
    page = upload(listing(evil), name='"><img src=x onerror=alert(1)>.txt')

    assert "<script>alert(1)" not in page.text
    assert "<img src=x" not in page.text


def test_the_text_can_be_had_back(upload, client):
    upload(listing(TIDES, BROKEN))
    kept = Listing.objects.get()

    response = client.get(reverse("admin:papers_listing_raw", args=[kept.pk]))
    assert response.content == listing(TIDES, BROKEN)
    assert "attachment" in response.headers["Content-Disposition"]


def test_only_the_groups_one_runs_can_be_chosen(upload, client, bob):
    others = make_group("Others", organisers=[bob])
    assert "Others" not in client.get(reverse(ADD)).text

    page = upload(listing(TIDES), group=others)
    assert page.status_code == 422
    assert not Listing.objects.exists()


def test_it_opens_for_today_and_for_the_group_that_it_was_opened_from(alice, group):
    """And with nothing marked: nobody has done anything wrong yet."""
    second = make_group("Second", organisers=[alice])
    browser = Browser(alice)
    for ours in (group, second):
        page = browser.open(f"{reverse(ADD)}?group={ours.pk}")
        form = page.form("Read the listing")
        assert page.errors() == []
        assert form.value("Captured on") == f"{timezone.localdate():%Y-%m-%d}"
        assert form.value("Group") == str(ours.pk)
    page = form.submit()
    assert page.status == 422
    assert "Choose a file, or paste the text." in page.errors()
