"""What holds of every page: the policy, no other host, a way to sign in, pages for errors."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from papers.models import Group
from tests.browsing import Browser
from tests.factories import make_group, make_listing, make_paper, make_user
from tests.pages import html_of, text_of

PAGES = ["/", "/curious-minds/papers/", "/curious-minds/papers/?year_min=x", "/nowhere/", "PAPER"]
ADMIN_PAGES = ["/admin/", "/admin/papers/listing/add/", "/admin/papers/paper/", "/admin/nowhere/"]


@pytest.fixture
def pages(client, group, alice):
    """Every page an organiser meets, and the login page."""
    paper = make_paper(group=group, title="$x$", arxiv_id="2405.01234", topics=["Vision"])
    make_listing(group=group, papers=[paper])
    make_group("Second", organisers=[alice])
    found = {"/accounts/login/": client.get("/accounts/login/")}
    client.force_login(alice)
    for page in PAGES:
        address = paper.get_absolute_url() if page == "PAPER" else page
        found[page] = client.get(address)
    return found


def test_the_policy_allows_nothing_but_what_is_ours(pages):
    for response in pages.values():
        policy = response["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_the_icon_is_where_browsers_look_for_it(client, db):
    response = client.get("/favicon.ico")
    assert (response.status_code, response.url) == (302, "/static/papers/favicon.svg")
    assert finders.find("papers/favicon.svg")


def test_no_page_has_a_script_or_a_style_of_its_own(pages):
    for page, response in pages.items():
        body = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", body), page
        scripts = re.findall(r"<script.*?</script>", body, re.DOTALL)
        # Data for a script runs no more than text does.
        for script in (one for one in scripts if ' type="application/json">' not in one):
            assert re.fullmatch(r'<script[^>]* src="/static/[^>]*></script>', script), page


def test_no_page_asks_another_host(pages):
    for page, response in pages.items():
        body = response.content.decode()
        loaded = re.findall(r'(?:src|srcset|data|action|poster)="([^"]*)"', body)
        loaded += re.findall(r'<(?:link|use)[^>]*href="([^"]*)"', body)
        assert loaded, page
        assert [one for one in loaded if not one.startswith("/") or one.startswith("//")] == []


def test_no_stylesheet_asks_another_host():
    for name in ("tokens", "base", "layout", "papers"):
        with open(finders.find(f"papers/css/{name}.css")) as file:
            assert not re.search(r"@import|url\(|https?:", file.read())


def test_every_page_has_its_frame(pages):
    for page, response in pages.items():
        body = html_of(response)
        assert '<html lang="en-GB"' in body, page
        assert 'class="skip" href="#main"' in body, page
        assert body.count("<h1") == 1, page
        ids = re.findall(r'\sid="([^"]+)"', body)
        assert len(ids) == len(set(ids)), page


def test_every_page_has_a_description_which_tells_strangers_nothing(client, pages):
    for page, response in pages.items():
        found = re.findall(r'<meta name="description" content="([^"]*)">', html_of(response))
        assert len(found) == 1 and len(found[0]) > 30, page
        assert "Curious" not in found[0], page
    for page in ADMIN_PAGES:
        found = re.findall(r'<meta name="description" content="([^"]*)"', html_of(client.get(page)))
        assert len(found) == 1 and "Curious" not in found[0], page
    public, private = (
        re.search(r'name="description" content="([^"]*)"', html_of(pages[page]))[1]
        for page in ("/accounts/login/", "PAPER")
    )
    assert "choose papers" in public
    assert private == "A page for the members of a reading group."


def test_a_form_sent_after_signing_out_leads_back_to_its_page(group, bob):
    address = make_paper(group=group, title="Tides").get_absolute_url()
    browser = Browser(bob)
    browser.open(address)
    browser.client.logout()
    token = browser.client.get("/accounts/login/").context["csrf_token"]
    sent = {"body": "Hello", "csrfmiddlewaretoken": str(token)}
    comments = f"{address}comments/"
    for referer, there in ((f"http://testserver{address}?a=b", f"{address}?a=b"), ("", "/")):
        asked = browser.client.post(comments, sent, headers={"referer": referer})
        assert parse_qs(urlsplit(asked.url).query)["next"] == [there]
    for foreign in ("http://example.org/a", "http://testserver//example.org"):
        asked = browser.client.post(comments, sent, headers={"referer": foreign})
        assert parse_qs(urlsplit(asked.url).query)["next"] == ["/"]


def test_an_address_for_forms_says_so(client, group, bob):
    address = f"{make_paper(group=group).get_absolute_url()}vote/"
    client.force_login(bob)
    page = client.get(address)
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "This address only receives forms" in text_of(page)
    assert html_of(page).count('<meta name="description"') == 1


def test_signing_in_and_out(client, group, bob):
    page = client.get("/curious-minds/papers/", follow=True)
    assert "Sign in" in text_of(page)
    form = {"login": "bob@example.org", "next": "/curious-minds/papers/?sort=date"}
    wrong = client.post("/accounts/login/", form | {"password": "wrong"})
    assert "The e-mail address or the password is wrong." in text_of(wrong)
    right = client.post("/accounts/login/", form | {"password": "correct horse battery"})
    assert right.url == "/curious-minds/papers/?sort=date"
    assert client.post("/accounts/logout/").url == "/accounts/login/"
    assert client.get("/curious-minds/papers/").status_code == 302


def test_the_login_form_is_labelled(client, db):
    body = client.get("/accounts/login/").content.decode()
    for name, hint in (("login", "email"), ("password", "current-password")):
        assert f'<label for="id_{name}">' in body
        assert re.search(rf'<input[^>]*name="{name}"[^>]*autocomplete="{hint}"', body)


def test_the_login_leads_to_no_other_site(client, bob):
    form = {"login": "bob@example.org", "password": "correct horse battery"}
    for site in ("https://evil.example", "//evil.example", "javascript:alert(1)"):
        assert client.post("/accounts/login/", form | {"next": site}).url == "/"
        client.logout()


def test_home_leads_a_member_of_one_group_there(client, group, bob):
    client.force_login(bob)
    assert client.get("/").url == "/curious-minds/"


def test_home_lists_ones_groups_and_no_other(client, group, bob):
    make_group("Second", members=[bob])
    make_group("Strangers")
    client.force_login(bob)
    shown = text_of(client.get("/"))
    assert "Curious minds" in shown
    assert "Second" in shown
    assert "Strangers" not in shown


def test_home_without_a_group(client, db):
    client.force_login(make_user("dora"))
    shown = text_of(client.get("/"))
    assert "You are not a member of any group yet" in shown
    assert "Make a group" not in shown


def test_a_superuser_makes_the_first_group(client, db):
    Group.objects.all().delete()
    client.force_login(make_user("root", is_superuser=True))
    assert 'href="/admin/papers/group/add/"' in client.get("/").content.decode()


def test_organisers_find_the_administration_and_members_do_not(client, group, alice, bob):
    for user, there in ((alice, True), (bob, False)):
        client.force_login(user)
        assert ("/admin/" in client.get("/curious-minds/papers/").content.decode()) is there


def test_a_page_that_is_not_there_leads_back(client, group, bob):
    client.force_login(bob)
    response = client.get("/curious-minds/papers/0/")
    assert response.status_code == 404
    assert "Page not found Go to your groups" in re.sub(
        r"The page does not exist.*?of\. ", "", text_of(response)
    )


def test_what_organisers_do_is_explained_to_a_member(client, group, bob):
    client.force_login(bob)
    paper = make_paper(group=group)
    response = client.post(f"{paper.get_absolute_url()}topics/", {"topics": "x"})
    assert response.status_code == 403
    assert "This is for organisers" in text_of(response)


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_errors_have_pages_that_need_no_database(name):
    assert "<h1>" in render_to_string(name)
