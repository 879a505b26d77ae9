"""Signing in through another site, which is one of our own here: the settings are all it takes."""

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.concurrency.served import serve_at, wait_until_served

pytestmark = pytest.mark.browser

MAKE_PEOPLE = """
from tests.factories import make_group, make_user
from papers.services import joining
asked = make_group("Asked")
asked.anyone_may_ask = True
asked.save()
group = make_group(organisers=[make_user("alice")], members=[make_user("bob")])
alice = group.memberships.get(role="organiser").user
_, token = joining.create_invitation(group=group, by=alice, role="member", days=7)
print(token)
"""


class Provider(BaseHTTPRequestHandler):
    """Signs everybody in at once, as whoever ``server.person`` is."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            names = ("authorization", "token", "userinfo")
            places = {f"{name}_endpoint": f"{here}/{name}" for name in names}
            self.answer(places | {"issuer": here, "jwks_uri": f"{here}/keys"})
        elif address.path == "/authorization":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            assert asked["code_challenge_method"] == "S256"
            back = urlencode({"code": "x", "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.answer(self.server.person)

    def do_POST(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        claims = self.server.person | {"iss": here, "aud": "reading", "exp": 2**32, "iat": 0}
        token = jwt.encode(claims, "s" * 32, algorithm="HS256")
        self.answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def answer(self, data):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """(a database with people, the token of an invitation): what each app has a copy of."""
    file = tmp_path_factory.mktemp("installed") / "app.sqlite3"

    def manage(*command):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=environment(file, "https://id.example.org"),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    manage("migrate", "-v0")
    return file, manage("shell", "-v0", "-c", MAKE_PEOPLE)


def environment(file, provider):
    return os.environ | {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{file}",
        "OIDC_NAME": "Our university",
        "OIDC_SERVER_URL": provider,
        "OIDC_CLIENT_ID": "reading",
        "OIDC_SECRET": "x",
    }


@pytest.fixture
def app(installed, provider, tmp_path):
    """The app with a provider in its settings, on a database of its own; (address, token)."""
    made, token = installed
    file = shutil.copy(made, tmp_path)
    variables = environment(file, f"http://127.0.0.1:{provider.server_port}")
    process, port = serve_at(1, variables, tmp_path)
    wait_until_served(port)
    yield f"http://127.0.0.1:{port}", token
    process.terminate()
    process.wait()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def person(name, **claims):
    return {"sub": name, "name": name.capitalize(), "email": f"{name}@example.org"} | claims


def sign_in(page, address, path="/accounts/login/"):
    page.goto(address + path)
    page.get_by_role("button", name="Continue with Our university").click()
    page.wait_for_load_state()


def test_who_has_an_account_with_the_address_is_in(page, app, provider):
    provider.person = person("bob", email_verified=True)
    sign_in(page, app[0])
    expect(page.get_by_role("heading", name="Up next")).to_be_visible()


@pytest.mark.parametrize("word", [False, "false", None])
def test_an_address_that_is_not_verified_there_opens_no_account_here(page, app, provider, word):
    provider.person = person("bob", email_verified=word)
    sign_in(page, app[0])
    expect(page.get_by_text("You need an invitation")).to_be_visible()
    page.goto(f"{app[0]}/curious-minds/papers/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_newcomer_needs_an_invitation_and_with_it_is_in(page, app, provider):
    address, token = app
    provider.person = person("nora", email_verified=True)
    sign_in(page, address)
    expect(page.get_by_text("You need an invitation")).to_be_visible()
    sign_in(page, address, f"/join/{token}/")
    if page.get_by_role("button", name="Create an account").count():
        page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_text("Welcome to Curious minds!")).to_be_visible()


def test_a_newcomer_may_ask_a_group_that_lets_people_ask(page, app, provider):
    provider.person = person("nora", email_verified=True)
    page.goto(f"{app[0]}/asked/ask/")
    page.get_by_role("link", name="Create an account and ask").click()
    page.get_by_role("button", name="Continue with Our university").click()
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="Ask to join")).to_be_visible()
