"""Mail: what arrives, what may not be in it, and that nobody gets it twice."""

import logging
import socket
import time
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.template import TemplateDoesNotExist
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from papers.models import Mail
from papers.notifications import messages, outbox
from tests.smtp import Server

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "dG9rZW4-b2Y_c2VjcmV0-_-_"
LINK = f"https://reading.example/join/{TOKEN}/"
TEXT = f"Open this:\n\n{LINK}\n"
INVITATION = {"to": "ada@example.org", "subject": "Come and read", "text": TEXT}


def work():
    """What a worker does with all that is due."""
    call_command("db_worker", batch=True, interval=0, reload=False, verbosity=0)


def let_time_pass():
    """Make what is enqueued for later due; how long that would have taken, in minutes."""
    ready = DBTaskResult.objects.filter(status="READY")
    waits = [round((task.run_after - task.enqueued_at).total_seconds() / 60) for task in ready]
    ready.update(run_after=timezone.now())
    return waits


@pytest.fixture
def server(settings):
    """A mail server that the app talks to."""
    server = Server()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def template(settings, tmp_path):
    """A function that adds a template of a mail."""
    (tmp_path / "emails").mkdir()
    first = settings.TEMPLATES[0]
    settings.TEMPLATES = [first | {"DIRS": [tmp_path, *first["DIRS"]]}, *settings.TEMPLATES[1:]]

    def add(name, subject, text):
        (tmp_path / "emails" / f"{name}.subject.txt").write_text(subject)
        (tmp_path / "emails" / f"{name}.txt").write_text(text)

    return add


class Seen(HTMLParser):
    """What a reader of the HTML has: tags, links, words."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.text, self.attributes = [], [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data


def html_of(message):
    (alternative,) = message.alternatives
    assert alternative.mimetype == "text/html"
    return Seen(alternative.content)


# What arrives


def test_it_arrives_once_as_text_and_as_html(mailoutbox):
    outbox.queue_mail(**INVITATION)
    assert mailoutbox == []  # a worker sends it, not the request
    work()
    work()

    (message,) = mailoutbox
    assert (message.to, message.subject) == (["ada@example.org"], "Come and read")
    assert message.body == f"Open this:\n\n{LINK}\n"
    html = html_of(message)
    assert html.links == [LINK]
    assert "Open this:" in html.text and LINK in html.text
    assert "style" not in html.tags + html.attributes
    assert 'lang="en-GB"' in message.alternatives[0].content
    kept = Mail.objects.get()
    assert (kept.state, bytes(kept.content), kept.problem) == ("sent", b"", "")
    assert kept.sent_at >= kept.handed_at >= kept.claimed_at


def test_machines_are_told_that_a_machine_wrote(mailoutbox):
    queued = outbox.queue_mail(
        **INVITATION, headers={"List-Unsubscribe": "<https://reading.example/no>"}
    )
    message_id = messages.message_for(queued).extra_headers["Message-ID"]
    work()

    sent = mailoutbox[0].message()
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["X-Auto-Response-Suppress"] == "All"
    assert sent["List-Unsubscribe"] == "<https://reading.example/no>"
    assert sent.get_all("Message-ID") == [message_id]
    assert message_id.startswith(f"<{queued.pk}.") and message_id.endswith("@localhost>")


def test_what_a_template_says_is_text_to_readers_of_both(template, mailoutbox):
    template("note", "On {{ title }}\n", "Dear {{ name }},\n\n{{ title }}\n\n{{ link }}\n")
    hard = {"title": "a < b & <script>alert('x')</script>", "name": 'O\'Neil "Q"', "link": LINK}
    outbox.queue_from_template("note", to="ada@example.org", context=hard)
    work()

    (message,) = mailoutbox
    assert message.subject == f"On {hard['title']}"
    assert message.body == f"Dear {hard['name']},\n\n{hard['title']}\n\n{LINK}\n"
    html = html_of(message)
    assert "script" not in html.tags
    assert hard["title"] in html.text and hard["name"] in html.text
    assert html.tags.count("p") == 3
    assert html.links == [LINK]


def test_a_missing_template_is_noticed_where_the_mail_is_queued():
    with pytest.raises(TemplateDoesNotExist):
        outbox.queue_from_template("nowhere", to="ada@example.org", context={})


@pytest.mark.parametrize(
    "link",
    [
        f"https://reading.example/join/{'aB-_' * 60}/",
        "http://localhost:8000/a/?next=%2Fg%2Fpapers%2F&token=x-_",
        "https://reading.example/j/YWJj--",
        "https://reading.example/j/YWJj__",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Open:\n\n{}\n\nThank you.", "\n{}\n"])
def test_a_link_is_whole_in_text_and_html(link, around, server):
    outbox.queue_mail(**INVITATION | {"text": around.format(link)})
    work()

    ((_, message),) = server.mails
    assert link in message.get_body(["plain"]).get_content()
    assert Seen(message.get_body(["html"]).get_content()).links == [link]


@pytest.mark.parametrize("typed", ["{}", "Look at {} now", "evil.example", "eve@evil.example"])
def test_what_people_typed_into_a_sentence_is_no_link(typed, mailoutbox):
    outbox.queue_mail(**INVITATION | {"text": f"They write: {typed.format(LINK)}\n\n{LINK}\n"})
    work()
    assert html_of(mailoutbox[0]).links == [LINK]


# What may not be in it


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@example.org, bob@example.org",
        "ada@example.org,bob@example.org",
        "Ada <ada@example.org>",
        "ada@example.org\nBcc: bob@example.org",
        "ada@example.org\r\n",
        '"a\x0bb"@example.org',
        f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org",
    ],
)
def test_only_one_address_is_mailed(to):
    with pytest.raises((ValidationError, ValueError)):
        outbox.queue_mail(**INVITATION | {"to": to})
    assert not Mail.objects.exists() and not DBTaskResult.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Note": "a\nBcc: bob@example.org"},
        {"X-Note": "a\rBcc: bob@example.org"},
        {"X-Note": "a\x0bb"},
        {"X-Note": "a\u2028b"},
        {"X-Note\nBcc": "bob@example.org"},
        {"X Note": "a"},
        {"X-Note:": "a"},
        {"": "a"},
        {"Bcc": "bob@example.org"},
        {"to": "bob@example.org"},
        {"MESSAGE-ID": "<1@example.org>"},
    ],
)
def test_a_header_that_says_more_than_one_thing_is_refused(headers):
    with pytest.raises(ValueError):
        outbox.queue_mail(**INVITATION, headers=headers)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("subject", "arrives"),
    [
        ("Two\nlines", "Two lines"),
        ("Hi\r\nBcc: bob@example.org\r\n\r\nBuy!", "Hi Bcc: bob@example.org Buy!"),
        (" much \t\x0b space \x85 here\u2028", "much space here"),
        ("nul\x00 and \x1b[31m", "nul and [31m"),
        ("Für Ada: 読書会 🎉", "Für Ada: 読書会 🎉"),
        ("long " * 100, ("long " * 40)[:199] + "…"),
    ],
)
def test_a_subject_is_one_line_and_not_too_long(subject, arrives, server):
    outbox.queue_mail(**INVITATION | {"subject": subject})
    work()

    ((recipient, message),) = server.mails
    assert message["Subject"].strip() == arrives  # a long one is folded before its first word
    assert (recipient, message["To"], message["Bcc"]) == (
        "ada@example.org",
        "ada@example.org",
        None,
    )
    assert LINK in message.get_body(["plain"]).get_content()


# When it is queued


def test_nothing_is_mailed_of_what_was_rolled_back(mailoutbox):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.queue_mail(**INVITATION)
        _ = 1 / 0
    with transaction.atomic():
        outbox.queue_mail(**INVITATION | {"to": "bob@example.org"})
        assert not DBTaskResult.objects.exists()
    work()

    assert [message.to for message in mailoutbox] == [["bob@example.org"]]


def test_a_key_is_mailed_once_and_the_callers_work_stands(alice, mailoutbox):
    assert outbox.queue_mail(**INVITATION, key="invitation:1")
    with transaction.atomic():
        alice.name = "Before"
        alice.save()
        assert (
            outbox.queue_mail(**INVITATION | {"to": "bob@example.org"}, key="invitation:1") is None
        )
        assert outbox.queue_mail(**INVITATION, key="invitation:2")
        alice.name = "After"
        alice.save()
    work()

    assert len(mailoutbox) == 2
    assert (
        outbox.queue_mail(**INVITATION, key="invitation:1") is None
    )  # sent, and still the only one
    alice.refresh_from_db()
    assert alice.name == "After"


def test_without_a_key_the_same_may_be_mailed_again(mailoutbox):
    assert outbox.queue_mail(**INVITATION) and outbox.queue_mail(**INVITATION)
    work()
    first, second = (message.extra_headers["Message-ID"] for message in mailoutbox)
    assert first != second


def test_a_key_of_what_was_rolled_back_is_free():
    with transaction.atomic():
        outbox.queue_mail(**INVITATION, key="reminder:1")
        transaction.set_rollback(True)
    assert outbox.queue_mail(**INVITATION, key="reminder:1")


def test_a_queue_that_fails_takes_nothing_with_it(monkeypatch, mailoutbox):
    def fail(mail_id):
        raise OSError("no queue")

    monkeypatch.setattr(outbox, "_enqueue_delivery", fail)
    with transaction.atomic():
        outbox.queue_mail(**INVITATION)
    assert outbox.queue_mail(**INVITATION | {"to": "bob@example.org"})
    monkeypatch.undo()

    assert outbox.requeue_lost() == 2
    work()
    assert len(mailoutbox) == 2


# What is kept, and what is told


def everything_kept():
    """All that the database has of mails and tasks, as text."""
    found = []
    with connection.cursor() as cursor:
        for model in (Mail, DBTaskResult):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608 - our own name
            found += [bytes(v) if isinstance(v, memoryview) else v for r in cursor for v in r]
    return " ".join(map(str, found))


def test_the_content_is_unreadable_while_it_waits_and_gone_when_sent(mailoutbox):
    queued = outbox.queue_mail(**INVITATION, headers={"X-Note": "marginalia"})
    kept = everything_kept()
    assert "ada@example.org" in kept
    assert not [word for word in (TOKEN, "Come and", "Open", "marginalia") if word in kept]
    assert len(bytes(queued.content)) > len(TOKEN)

    work()
    assert len(mailoutbox) == 1
    assert bytes(Mail.objects.get().content) == b""


def test_the_log_tells_ids_and_states_alone(server, caplog):
    caplog.set_level(logging.INFO)
    server.answers["RCPT"] = f"550 ada@example.org? No {TOKEN} here"
    queued = outbox.queue_mail(**INVITATION)
    work()
    server.answers.clear()
    let_time_pass()
    work()

    told = [
        record.getMessage()
        for record in caplog.records
        if record.name == "papers.notifications.outbox"
    ]
    assert [line.split(".")[0] for line in told] == [
        f"mail {queued.pk}: queued",
        f"mail {queued.pk}: waiting after try 1",
        f"mail {queued.pk}: sent",
    ]
    assert not [word for word in (TOKEN, "ada@", "Come and") if word in caplog.text]


# When it is refused, or nobody knows


@pytest.mark.parametrize(
    "answers",
    [
        {"EHLO": "502 no", "HELO": "502 no"},
        {"MAIL": "451 later"},
        {"RCPT": "550 unknown"},
        {"RCPT": "421 closing"},
        {"DATA": "451 later"},
        {".": "452 full"},
        {".": "554 looks like spam: " + TOKEN},
    ],
)
def test_what_was_refused_is_tried_again_and_arrives_once(answers, server):
    server.answers = answers
    outbox.queue_mail(**INVITATION)
    work()
    work()
    kept = Mail.objects.get()
    assert (kept.state, kept.tries, server.mails) == ("waiting", 1, [])
    assert kept.problem.startswith("The mail server refused it (SMTP")
    assert TOKEN not in kept.problem and TOKEN not in everything_kept()

    server.answers = {}
    assert let_time_pass() == [1]
    work()
    work()
    assert [recipient for recipient, _ in server.mails] == ["ada@example.org"]
    assert Mail.objects.get().state == "sent"


def test_a_server_that_is_away_is_asked_again_later_and_later(server, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        outbox.queue_mail(**INVITATION)
        waits = []
        for _ in range(5):
            work()
            assert Mail.objects.get().state == "waiting"
            waits += let_time_pass()
        assert waits == [1, 5, 30, 120, 360]
        assert "could not be reached" in Mail.objects.get().problem
        assert Mail.objects.get().content  # still to be sent
        work()

    kept = Mail.objects.get()
    assert (kept.state, kept.tries, bytes(kept.content)) == ("failed", 6, b"")
    assert let_time_pass() == []
    settings.EMAIL_PORT = server.port
    outbox.requeue_lost()
    work()
    assert server.mails == []


@pytest.mark.parametrize("slow", [False, True])
def test_a_mail_that_the_server_may_have_is_never_sent_again(slow, server, settings, caplog):
    """The server took it, and hung up or fell silent before it said so."""
    if slow:
        server.then, settings.EMAIL_TIMEOUT = lambda: time.sleep(1), 0.2
    else:
        server.drops = {"."}
    queued = outbox.queue_mail(**INVITATION)
    work()
    server.drops, server.then = set(), lambda: None
    for _ in range(3):
        outbox.requeue_lost()
        let_time_pass()
        work()

    assert len(server.mails) == 1
    kept = Mail.objects.get()
    assert (kept.state, kept.sent_at) == ("sending", None)
    assert "unknown whether" in kept.problem
    errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 1 and f"mail {queued.pk}" in errors[0]


@pytest.mark.parametrize("reply", ["299 odd", "nonsense"])
def test_a_reply_that_is_no_refusal_is_not_taken_for_one(reply, server):
    server.answers["."] = reply
    outbox.queue_mail(**INVITATION)
    work()
    assert Mail.objects.get().state == "sending"
    assert len(server.mails) == 1


@pytest.mark.parametrize("mood", [{"drops": {"QUIT"}}, {"answers": {"QUIT": "2" * 9000}}])
def test_a_bad_farewell_changes_nothing_of_what_was_sent(mood, server):
    vars(server).update(mood)
    outbox.queue_mail(**INVITATION)
    work()
    assert Mail.objects.get().state == "sent"
    assert len(server.mails) == 1


def test_a_mail_that_cannot_be_decrypted_waits_for_the_key(settings, mailoutbox):
    outbox.queue_mail(**INVITATION)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new one"
    work()
    assert mailoutbox == []
    assert "DecryptionError" in Mail.objects.get().problem

    settings.SECRET_KEY_FALLBACKS = [old]
    let_time_pass()
    work()
    assert len(mailoutbox) == 1


def test_a_mail_that_is_gone_is_nothing_to_deliver(mailoutbox):
    outbox.queue_mail(**INVITATION).delete()
    work()
    assert mailoutbox == []
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


# When a worker was killed


def test_the_sweep_finds_what_has_no_task_and_is_idempotent(mailoutbox):
    for name in ("lost", "begun", "queued"):
        outbox.queue_mail(**INVITATION | {"to": f"{name}@example.org"})
    lost, begun, _ = DBTaskResult.objects.order_by("enqueued_at")
    lost.delete()
    begun.claim("a worker that was killed then")

    assert outbox.requeue_lost() == 2
    assert outbox.requeue_lost() == 0
    work()
    assert sorted(message.to[0].split("@")[0] for message in mailoutbox) == [
        "begun",
        "lost",
        "queued",
    ]
    assert outbox.requeue_lost() == 0


def test_the_sweep_does_not_hurry_what_was_refused(server):
    server.answers["RCPT"] = "451 later"
    outbox.queue_mail(**INVITATION)
    work()
    assert outbox.requeue_lost() == 0
    work()
    assert Mail.objects.get().tries == 1


def test_an_interrupted_mail_is_told_of_once_and_never_sent(mailoutbox, caplog):
    now = timezone.now()
    old, new = (outbox.queue_mail(**INVITATION) for _ in range(2))
    for queued, minutes in ((old, 11), (new, 9)):
        claimed = now - timedelta(minutes=minutes)
        Mail.objects.filter(pk=queued.pk).update(
            state="sending", claimed_at=claimed, handed_at=claimed
        )

    assert list(outbox.interrupted_mails(now)) == [old]
    outbox.requeue_lost()
    outbox.requeue_lost()
    work()
    assert mailoutbox == []
    assert set(Mail.objects.values_list("state", flat=True)) == {"sending"}
    assert "unknown whether" in Mail.objects.get(pk=old.pk).problem
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert told == [f"mail {old.pk}: left alone, its worker stopped"]


def test_an_interruption_after_a_refusal_is_told_of_too(server, monkeypatch, caplog):
    server.answers["RCPT"] = "451 later"
    queued = outbox.queue_mail(**INVITATION)
    work()
    outbox._mark_handed_over(outbox._claim_mail(queued.pk))  # and then it was killed
    Mail.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    outbox.requeue_lost()
    assert f"mail {queued.pk}: left alone, its worker stopped" in caplog.text


def test_what_was_claimed_and_never_handed_over_is_sent_after_a_while(mailoutbox, caplog):
    queued = outbox.queue_mail(**INVITATION)
    outbox._claim_mail(queued.pk)  # and then it was killed
    outbox.requeue_lost()
    work()
    assert mailoutbox == []  # its worker may still be about to

    Mail.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    assert list(outbox.interrupted_mails(timezone.now())) == []
    outbox.requeue_lost()
    work()
    assert len(mailoutbox) == 1
    assert "left alone" not in caplog.text


def test_a_worker_that_wakes_up_too_late_leaves_the_mail_to_others(mailoutbox):
    """It was asleep between the claim and the handing over, and taken for dead."""
    queued = outbox.queue_mail(**INVITATION)
    asleep = outbox._claim_mail(queued.pk)
    long_ago = timezone.now() - timedelta(minutes=11)
    Mail.objects.update(claimed_at=long_ago)
    asleep.claimed_at = long_ago
    outbox.requeue_lost()
    for _ in range(2):  # while it waits again, and when it was sent
        with pytest.raises(outbox.ClaimLost):
            outbox._hand_over(asleep)
        work()
    assert len(mailoutbox) == 1
    assert Mail.objects.get().state == "sent"


def test_a_worker_begins_with_what_one_before_it_left(mailoutbox):
    """Its task is lost, as where a worker was killed that had just taken it up."""
    outbox.queue_mail(**INVITATION)
    DBTaskResult.objects.update(status="RUNNING")
    call_command("work", batch=True, interval=0)
    assert len(mailoutbox) == 1


def test_what_is_done_with_is_forgotten_after_a_while(mailoutbox):
    for _ in range(3):
        outbox.queue_mail(**INVITATION)
    work()
    old, waiting, new = Mail.objects.order_by("pk")
    long_ago = timezone.now() - outbox.RETENTION - timedelta(days=1)
    Mail.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)
    Mail.objects.filter(pk=waiting.pk).update(state="waiting")
    outbox.delete_old_mails()
    assert set(Mail.objects.all()) == {waiting, new}
