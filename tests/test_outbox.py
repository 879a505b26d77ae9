"""What /demo/outbox/ shows of the mails that went to a folder."""

import os

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import include, path

from papers.notifications import outbox
from papers.views.outbox import SHOWN_MAILS, outbox_page
from tests.pages import text_of
from tests.test_mail import LINK, work

urlpatterns = [
    path("demo/outbox/", outbox_page, name="outbox"),
    path("", include("readinggroup.urls")),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    return settings.OUTBOX_DIR


def write(folder, *subjects, at, text="Read it."):
    """Mails in one file, written at the second ``at``."""
    backend = get_connection()
    backend._fname = folder / f"{at}.log"  # its own are by the clock, and not always two
    backend.send_messages([EmailMessage(s, text, to=["ada@example.org"]) for s in subjects])
    os.utime(backend._fname, (at, at))


def subjects_of(response):
    return [mail["subject"] for mail in response.context["mails"]]


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_was_queued_is_shown_when_the_worker_was_there(client, folder):
    outbox.queue_mail(
        to="ada@example.org", subject="Tides & moons", text=f"Hi <b>Ada</b>,\n\n{LINK}\n"
    )
    assert "No mail yet" in text_of(client.get("/demo/outbox/"))
    work()

    response = client.get("/demo/outbox/")
    page = text_of(response)
    assert "Tides & moons" in page
    assert "To ada@example.org" in page
    assert "Reading Group <reading-group@localhost>" in page
    assert f"Hi <b>Ada</b>, {LINK}" in page
    assert f'href="{LINK}"' in response.content.decode()
    assert "<b>" not in response.content.decode()


def test_the_latest_is_first_in_and_across_files(client, folder):
    write(folder, "third", "fourth", at=2000)
    write(folder, "first", "second", at=1000)
    write(folder, "fifth", at=3000)

    response = client.get("/demo/outbox/")
    assert subjects_of(response) == ["fifth", "fourth", "third", "second", "first"]


def test_only_the_latest_are_shown(client, folder):
    write(folder, *(str(number) for number in range(SHOWN_MAILS + 5)), at=1000)
    shown = subjects_of(client.get("/demo/outbox/"))
    assert (len(shown), shown[0], shown[-1]) == (SHOWN_MAILS, "54", "5")


def test_a_line_of_dashes_ends_no_mail(client, folder):
    text = f"above\n{'-' * 79}\nbelow\n{'-' * 79}\n"
    write(folder, "one", "two", at=1000, text=text)
    shown = client.get("/demo/outbox/").context["mails"]
    assert [mail["subject"] for mail in shown] == ["two", "one"]
    assert all(mail["text"].strip() == text.strip() for mail in shown)


def test_markup_in_a_mail_stays_text(client, folder):
    write(
        folder,
        "<script>alert(1)</script>",
        at=1000,
        text='"><script>alert(2)</script> javascript:a',
    )
    body = client.get("/demo/outbox/").content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(2)" in body
    assert 'href="javascript:' not in body


def test_without_a_folder_it_says_what_will_appear(client, folder):
    assert not folder.exists()
    assert "appear here instead of being sent" in text_of(client.get("/demo/outbox/"))


def test_it_is_read_only(client, folder):
    assert client.post("/demo/outbox/").status_code == 405


def test_outside_development_it_is_not_there(client, folder, settings):
    write(folder, "secret", at=1000)
    settings.DEBUG = False
    response = client.get("/demo/outbox/")
    assert response.status_code == 404
    assert b"secret" not in response.content
