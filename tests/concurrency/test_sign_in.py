"""Wrong passwords against four processes at once."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection

from tests.concurrency.served import send_request, serve_at, wait_until_served
from tests.concurrency.test_kill import _url
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, TRIES, THREADS = 4, 40, 8
LOGIN = "/accounts/login/"


@pytest.fixture
def serve(tmp_path):
    """A function that serves the app on the test's database by four processes; its port."""
    started = []

    def serve(**environment):
        database = {"DATABASE_URL": _url(connection.settings_dict), "DEBUG": "1"}
        process, port = serve_at(WORKERS, os.environ | database | environment, tmp_path)
        started.append(process)
        wait_until_served(port)
        return port

    yield serve
    for process in started:
        process.terminate()
        process.wait()


def try_passwords(port, email, path=LOGIN):
    """What forty wrong passwords, and then the right one, are answered."""
    _, headers, page = send_request(port, "GET", LOGIN)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    cookie = headers["Set-Cookie"].partition(";")[0]

    def try_one(password):
        form = {"csrfmiddlewaretoken": token, "login": email, "username": email}
        sent = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return send_request(port, "POST", path, urlencode(form | {"password": password}), sent)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(try_one, [f"wrong {number}" for number in range(TRIES)]))
    return answers, try_one(PASSWORD)


def number_tried(answers):
    return sum("The e-mail address or the password is wrong." in page for _, _, page in answers)


def test_forty_wrong_passwords_get_five_tries(serve):
    call_command("createcachetable")
    make_user("alice", is_superuser=True)
    port = serve()
    answers, right = try_passwords(port, "alice@example.org")
    assert 1 <= number_tried(answers) <= 5
    assert right[0] == 429 or "Too many attempts." in right[2]
    assert "sessionid" not in str(right[1])
    # The door of the admin is the same one: it takes no password of its own.
    answers, right = try_passwords(port, "alice@example.org", "/admin/login/")
    assert {status for status, _, _ in answers} == {302}
    assert {headers["Location"] for _, headers, _ in answers} == {"/accounts/login/?next=/admin/"}
    assert "sessionid" not in str(right[1])


def test_counted_in_each_process_they_get_more(serve):
    """The control: with a cache for each process the limits do not hold."""
    make_user("alice")
    answers, _ = try_passwords(serve(CACHE_URL="locmemcache://"), "alice@example.org")
    assert number_tried(answers) > 5
