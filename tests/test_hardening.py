"""What holds for every request: headers, cookies, limits, the second factor, the time zone."""

import re
import shutil
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from papers import middleware
from papers.models import Listing
from tests.factories import PASSWORD, make_listing, make_paper, make_user
from tests.importing.texts import TIDES, listing
from tests.test_settings import start

ADD = "admin:papers_listing_add"
PAGES = ["/", "/accounts/login/", "/curious-minds/papers/", "/admin/papers/paper/", "/join/"]
CONTROL = ["%00", "%01", "%0A", "%1F", "%7F"]


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


# Headers and cookies


@pytest.mark.parametrize("page", [*PAGES, "/me/", "/healthz", "/nowhere/", "/admin/jsi18n/"])
def test_every_page_says_what_browsers_may_do_with_it(organiser, page):
    response = organiser.get(page)

    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    permissions = response.headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(permissions)
    assert {name for name in permissions if name.endswith("=(self)")} == {
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    }


def test_what_a_view_says_of_caching_stands(rf):
    def view(request):
        return SimpleNamespace(headers={"Cache-Control": "private"})

    assert middleware.security_headers(view)(rf.get("/")).headers["Cache-Control"] == "private"


def test_an_answer_has_an_id_of_its_own(client, db):
    asked = [client.get("/healthz", headers={"X-Request-ID": "mine"}) for _ in range(2)]
    first, second = (response.headers["X-Request-ID"] for response in asked)

    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second


def test_with_https_cookies_are_bound_to_the_host(tmp_path, django_db_setup, fresh_database):
    code = f"""
import django; django.setup()
from django.test import Client
from tests.factories import make_user
make_user("alice")
client = Client()
client.get("/accounts/login/", secure=True)
data = {{"login": "alice@example.org", "password": {PASSWORD!r}}}
response = client.post("/accounts/login/", data, secure=True)
for name, cookie in client.cookies.items():
    told = [name, cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]]
    print(*told, cookie["httponly"], sep="|")
print(response.headers["Strict-Transport-Security"])
"""
    url = f"sqlite:///{shutil.copy(fresh_database, tmp_path)}"
    variables = {"HTTPS": "1", "DEBUG": "1", "DATABASE_URL": url}
    done = start("-c", code, **variables, DJANGO_SETTINGS_MODULE="readinggroup.settings")

    *cookies, transport = done.stdout.splitlines()
    assert sorted(cookies) == [
        "__Host-csrftoken|True|/||Lax|True",
        "__Host-sessionid|True|/||Lax|True",
    ], done.stderr
    assert transport == "max-age=31536000; includeSubDomains"


# Characters


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("character", CONTROL)
def test_control_characters_in_an_address_are_refused(organiser, page, character):
    for address in (f"{page}{character}", f"{page}?q={character}", f"{page}?{character}=1"):
        response = organiser.get(address)
        assert response.status_code == 400
        assert "could not be read" in response.text


@pytest.mark.parametrize("page", PAGES)
def test_control_characters_in_cookies_and_headers_are_refused(client, db, page):
    for cookie in ('sessionid="a\\000b"', 'x="\\012"', "csrftoken=\x7f", '"\\001"=1; a="\\001"'):
        assert client.get(page, headers={"cookie": cookie}).status_code == 400
    assert client.get(page, headers={"user-agent": "a\x00b"}).status_code == 400


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\x7f"])
def test_control_characters_in_a_form_are_refused(organiser, group, character):
    paper = make_paper(group=group)
    forms = {
        reverse("account_login"): {"login": f"a{character}@example.org", "password": "x"},
        reverse("account_reset_password"): {"email": f"a{character}@example.org"},
        reverse("paper-topics", args=[group.slug, paper.pk]): {"topics": f"a{character}"},
        reverse("me"): {"name": f"a{character}"},
        reverse("admin:papers_paper_change", args=[paper.pk]): {"title": f"a{character}"},
        reverse("admin:papers_paper_changelist"): {f"a{character}": "x"},
    }
    for address, data in forms.items():
        for kind in ("multipart", "urlencoded"):
            assert _post(organiser, address, data, kind).status_code == 400


def _post(client, address, data, kind):
    if kind == "multipart":
        return client.post(address, data)
    fields = "&".join(f"{name}={value}" for name, value in data.items())
    return client.post(address, fields, content_type="application/x-www-form-urlencoded")


def test_lines_and_tabs_in_a_form_are_fine(organiser):
    response = organiser.post(reverse("me"), {"name": "Alice\tof\r\nthe group", "theme": ""})

    assert response.status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_what_is_no_utf8_breaks_no_page(organiser, page):
    for address in (f"{page}%FF%FE/", f"{page}?q=%FF", f"{page}?q=%", f"{page}?q=%ED%A0%80"):
        assert organiser.get(address).status_code < 500
    urlencoded = "application/x-www-form-urlencoded"
    assert organiser.post(page, b"q=%FF&x=%", content_type=urlencoded).status_code < 500


@pytest.mark.parametrize("charset", ["hex", "utf-7", "unicode_escape", "utf-16"])
def test_other_encodings_are_refused(organiser, charset):
    """They hide what a value is, and some make a server stumble."""
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    body = b'--x\r\nContent-Disposition: form-data; name="q"\r\n\r\n+2AA-\r\n--x--\r\n'

    for method in ("POST", "GET"):
        assert organiser.generic(method, reverse("me"), body, kind).status_code == 400
    utf8 = kind.replace(charset, "UTF8")
    assert organiser.generic("POST", reverse("me"), body, utf8).status_code == 422


def test_a_form_that_is_no_form_is_refused(organiser):
    kind = "multipart/form-data; boundary=x"
    for body in (b"--x\r\nContent-Disposition: form-data; name=", b"\x00" * 99, b""):
        assert organiser.post(reverse("me"), body, content_type=kind).status_code < 500
    assert organiser.post(reverse("me"), {f"x{n}": 1 for n in range(2000)}).status_code == 400


def test_a_form_of_another_site_is_refused_as_before(group, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    assert client.post(reverse("me"), {"name": "Mallory"}).status_code == 403
    assert client.post(reverse(ADD), {"text": "x"}).status_code == 403


# Sizes


def test_a_form_that_is_too_large_is_refused(organiser, settings):
    settings.FORM_MAX_BYTES = 1000
    response = organiser.post(reverse("me"), {"name": "x" * 1001})

    assert response.status_code == 413
    assert "This is too large" in response.text
    assert organiser.post(reverse("me"), {"name": "x"}).status_code != 413


def test_a_listing_may_be_large_but_not_endless(organiser, group, settings):
    settings.FORM_MAX_BYTES = 1000
    data = {"group": group.pk, "captured_on": "2025-11-26", "text": "x" * 2000}
    assert organiser.post(reverse(ADD), data).status_code == 302

    settings.LISTING_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500, 1000
    assert organiser.post(reverse(ADD), data).status_code == 413


def test_a_length_that_is_none_is_none(client, db):
    for length in ("many", "-1", ""):
        assert client.get("/healthz", CONTENT_LENGTH=length).status_code == 200


def test_a_listing_with_nul_characters_is_kept(organiser, group):
    raw = listing(TIDES).replace(b"shells", b"she\x00lls")
    data = {"group": group.pk, "captured_on": "2025-11-26", "text": raw.decode()}
    file = SimpleUploadedFile("page\x00.txt", raw)

    assert organiser.post(reverse(ADD), data | {"file": file}).status_code == 302
    assert [kept.raw_bytes for kept in Listing.objects.all()] == [raw, raw]


# Lookups in the admin


@pytest.mark.parametrize(
    "query",
    ["published_on__year=0", "published_on__year=99999", "upvotes=99999999999999999999"]
    + ["upvotes__in=99999999999999999999", "title__regex=(", "title__range=1", "p=-1", "p=x"]
    + ["group__id__exact=99999999999999999999", "published_on__gte=0000-00-00", "nothing=1"],
)
def test_a_list_is_narrowed_by_its_filters_alone(organiser, group, query):
    make_listing(group=group, papers=[make_paper(group=group, title="Ours")])
    response = organiser.get(f"{reverse('admin:papers_paper_changelist')}?{query}", follow=True)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [("status__exact=open", True), ("status__exact=discussed", False), ("q=ours&o=1&p=1", True)]
    + [("published_on__gte=2024-01-01&published_on__lt=2025-01-01", True)]
    + [("published_on__isnull=True", False), ("_facets=True&all=", True)],
)
def test_filters_of_a_list_narrow_it(organiser, group, query, found):
    make_paper(group=group, title="Ours")
    response = organiser.get(f"{reverse('admin:papers_paper_changelist')}?{query}")

    assert response.status_code == 200
    assert ("Ours" in response.text) is found


# The second factor


@pytest.fixture
def required(settings):
    settings.REQUIRE_MFA = True


def test_an_organiser_without_a_second_factor_is_led_to_it(organiser, required):
    for page in ("/", "/curious-minds/papers/", "/admin/", "/me/data/"):
        response = organiser.get(page)
        assert response.headers["Location"] == reverse("mfa_index")

    page = organiser.get(reverse("mfa_index"))
    assert page.text.count(middleware.SECOND_FACTOR_MESSAGE) == 1
    assert middleware.SECOND_FACTOR_MESSAGE not in organiser.get(reverse("mfa_index")).text


def test_htmx_is_led_there_too(organiser, required):
    response = organiser.get("/curious-minds/papers/", headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == reverse("mfa_index")


def test_what_is_needed_on_the_way_stays_open(organiser, required):
    for page in ("/accounts/email/", "/accounts/reauthenticate/", "/healthz", "/readyz"):
        assert organiser.get(page).status_code == 200
    assert organiser.get("/no/such/page/").status_code == 404
    assert organiser.post(reverse("account_logout")).headers["Location"] == "/accounts/login/"


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_with_a_second_factor_everything_is_open(organiser, required, alice, kind):
    Authenticator.objects.create(user=alice, type="recovery_codes", data={})
    assert organiser.get("/curious-minds/papers/").status_code == 302
    factor = Authenticator.objects.create(user=alice, type=kind, data={})
    assert organiser.get("/curious-minds/papers/").status_code == 200

    factor.delete()
    assert organiser.get("/curious-minds/papers/").status_code == 302


def test_who_organises_nothing_needs_none(client, group, bob, required):
    client.force_login(bob)
    assert client.get("/curious-minds/papers/").status_code == 200
    client.force_login(make_user("root", is_superuser=True))
    assert client.get("/curious-minds/papers/").status_code == 302


def test_it_costs_nothing_where_it_is_not_required(group, alice, django_assert_num_queries):
    page = SimpleNamespace(route="x/", url_name="papers")
    request = SimpleNamespace(user=alice, resolver_match=page)
    with django_assert_num_queries(0):
        assert middleware.require_second_factor(None).process_view(request, None, (), {}) is None


# The time zone


@pytest.mark.parametrize(
    ("zone", "active"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("", "UTC"), ("Mars/Olympus", "UTC"), ("Europe", "UTC")]
    + [("../../etc/passwd", "UTC"), ("x\x00", "UTC")],
)
def test_hours_are_in_the_zone_of_who_is_signed_in(rf, zone, active):
    request = rf.get("/")
    request.user = SimpleNamespace(time_zone=zone)
    before = timezone.get_current_timezone_name()

    assert middleware.user_time_zone(_zone_now)(request) == active
    assert timezone.get_current_timezone_name() == before


def _zone_now(request):
    return timezone.get_current_timezone_name()


def test_who_is_not_signed_in_has_the_default_zone(rf):
    request = rf.get("/")
    request.user = AnonymousUser()

    assert middleware.user_time_zone(_zone_now)(request) == "UTC"


@pytest.mark.parametrize("target", ["http://[::1", "http://[evil]/", "//[", "https://a]b/"])
@pytest.mark.parametrize("path", ["login", "logout", "signup", "login/code", "reauthenticate"])
def test_an_address_that_cannot_be_read_is_no_error_of_ours(client, group, bob, target, path):
    for person in (None, bob):
        if person:
            client.force_login(person)
        address = f"/accounts/{path}/"
        assert client.get(address, {"next": target}).status_code == 400
        assert client.post(address, {"next": target, "login": "x"}).status_code == 400


@pytest.mark.parametrize("credential", ["[" * 5000, "{", "null,"])
def test_a_passkey_that_cannot_be_read_is_no_error_of_ours(client, group, bob, credential):
    client.force_login(bob)
    for path in ("webauthn/login", "authenticate", "webauthn/add"):
        response = client.post(f"/accounts/2fa/{path}/", {"credential": credential})
        assert response.status_code == 400
