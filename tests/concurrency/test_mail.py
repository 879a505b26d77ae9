"""However many workers there are, and wherever they are killed, nobody gets a mail twice."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from papers.models import Mail
from papers.notifications import outbox
from tests.concurrency.together import at_once, kill_when

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(manage):
    """A function that starts a worker as a process of its own; it ends when nothing is due."""
    return lambda: manage("db_worker", "--batch", "--interval", "0", "-v", "0")


def queue(number, **fields):
    fields = {"to": f"member-{number}@example.org", "subject": "Hi", "text": "Read."} | fields
    return outbox.queue_mail(**fields)


def arrived(server):
    """How many mails each address has."""
    return Counter(recipient for recipient, _ in server.mails)


def deliver_at_once(mails, threads, monkeypatch):
    """Each of ``mails`` by so many threads, which meet where they are about to claim it."""
    barrier, claim = threading.Barrier(threads), outbox._claim_mail

    def meet(mail_id):
        barrier.wait(timeout=10)
        return claim(mail_id)

    monkeypatch.setattr(outbox, "_claim_mail", meet)
    for queued in mails:
        assert at_once(outbox.deliver_mail.call, *[queued.pk] * threads) == []


def test_workers_that_meet_at_a_mail_send_it_once(monkeypatch, mailoutbox):
    deliver_at_once([queue(number) for number in range(10)], 4, monkeypatch)

    assert sorted(message.to[0] for message in mailoutbox) == [
        f"member-{number}@example.org" for number in range(10)
    ]
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_without_the_claim_each_of_them_sends_it(monkeypatch, mailoutbox):
    """The control: this is what the claim keeps out."""
    monkeypatch.setattr(outbox, "_claim_mail", lambda mail_id: Mail.objects.get(pk=mail_id))
    monkeypatch.setattr(outbox, "_mark_handed_over", lambda queued: None)
    deliver_at_once([queue(1)], 2, monkeypatch)

    assert len(mailoutbox) == 2


@pytest.mark.parametrize(("key", "mails"), [("reminder:7", 1), ("", 8)])
def test_many_who_queue_the_same_at_once_queue_it_once(key, mails):
    """With a key, that is. Whatever else each of them did is done."""
    queued = []

    def remind(number):
        with transaction.atomic():
            queued.append(queue("all", key=key))
            queue(number)

    assert at_once(remind, *range(8)) == []
    assert sum(1 for one in queued if one) == mails
    assert Mail.objects.filter(to="member-all@example.org").count() == mails
    assert Mail.objects.count() == DBTaskResult.objects.count() == mails + 8


def test_two_workers_and_two_tasks_for_each_mail_send_each_once(server, worker):
    for number in range(40):
        outbox.deliver_mail.enqueue(queue(number).pk)
    for process in [worker(), worker()]:
        assert process.wait() == 0

    assert arrived(server) == {f"member-{number}@example.org": 1 for number in range(40)}


def test_workers_killed_again_and_again_send_no_mail_twice(server, worker):
    for number in range(80):
        queue(number)
    for task in DBTaskResult.objects.all()[:5]:
        task.claim("a worker that was killed before it came to the mail")

    # In the worst moment: the server has the mail, and the worker has not heard of it.
    for number in (10, 20):
        process = worker()
        server.then = lambda number=number, process=process: _kill_at(number, server, process)
        process.wait()
        assert len(server.mails) == number
    # And wherever it happens to be.
    server.then = lambda: time.sleep(0.01)
    for number in (30, 50):
        assert kill_when(worker(), lambda number=number: len(server.mails) > number)

    Mail.objects.filter(state="sending").update(claimed_at=timezone.now() - timedelta(hours=1))
    outbox.requeue_lost()  # what was claimed and not handed over waits again
    assert worker().wait() == 0
    counts, members = arrived(server), set(Mail.objects.values_list("to", flat=True))
    assert len(members) == 80 and max(counts.values()) == 1
    unknown = Mail.objects.filter(state="sending")
    assert 2 <= unknown.count() <= 4  # one of each that was killed, at most
    assert set(outbox.interrupted_mails(timezone.now())) == set(unknown)
    sent = set(Mail.objects.filter(state="sent").values_list("to", flat=True))
    assert sent == members - {one.to for one in unknown}  # nothing is left waiting
    assert sent <= set(counts)


def _kill_at(number, server, process):
    if len(server.mails) == number:
        process.kill()
        process.wait()
