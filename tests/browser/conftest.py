"""Browser fixtures. A page that requests anything outside the app fails its test."""

import os
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium():
    # Playwright runs an event loop in this thread, in which Django would refuse to query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """A function that opens a page of the app as ``user``. Errors of its scripts fail the test.

    ``by_password`` signs in through the sign-in page, which takes seconds.
    """
    contexts, complaints = [], []

    def open_page(
        user=None,
        path="/",
        *,
        javascript=True,
        width=1280,
        dark=False,
        touch=False,
        by_password=False,
    ):
        context = chromium.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(complaints, message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _stay(complaints, request, live_server.url))
        if user and by_password:
            page.goto("/accounts/login/")
            page.fill("[name=login]", user.email)
            page.fill("[name=password]", "correct horse battery")
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/accounts/login/" not in url)
        elif user:
            context.add_cookies([session_of(user) | {"url": live_server.url}])
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def session_of(user):
    """The session cookie of ``user``, signed in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def _note(complaints, message):
    """Note errors of scripts and of the content security policy.

    Error statuses and requests that fail are left to the test, which may cause them.
    """
    wanted = "status of" in message.text or "net::ERR_FAILED" in message.text
    if message.type == "error" and not wanted:
        complaints.append(message.text)


def _stay(complaints, request, url):
    if not request.url.startswith((url, "data:", "blob:")):
        complaints.append(f"asked {request.url}")


@pytest.fixture
def worker():
    """A function that runs the waiting tasks."""
    return lambda: call_command("db_worker", batch=True, interval=0, reload=False, verbosity=0)


@pytest.fixture
def axe():
    """A function that returns the violations that axe finds in a page."""
    return lambda page: [
        f"{v['id']}: {[node['html'][:120] for node in v['nodes']]}"
        for v in Axe().run(page).response["violations"]
    ]


def in_background(act):
    """Run ``act`` in a thread, and return the thread."""
    thread = threading.Thread(target=act)
    thread.start()
    return thread
