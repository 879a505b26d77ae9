"""That the tests' own way through pages sends what a browser sends, and nothing one cannot do."""

from io import BytesIO

import pytest
from django.http import HttpResponse

from papers.models import Listing
from tests.browsing import Browser, Page
from tests.factories import PASSWORD, make_paper
from tests.filling import CannotDo

ALL_KINDS = """
<input name="before" value="1" form="f">
<form id="f" method="post" action="../do/?x=1" enctype="multipart/form-data">
  <input type="hidden" name="token" value="t">
  <label>Title <input name="title" value="Old" maxlength="9"></label>
  <label for="n">Notes:</label><textarea id="n" name="notes">\na\nb</textarea>
  <input name="off" value="2" disabled><fieldset disabled><input name="off" value="3"></fieldset>
  <input value="without a name"><input name="fixed" value="4" readonly>
  <label><input type="checkbox" name="on" checked> On</label>
  <label><input type="checkbox" name="off" value="5"> Off</label>
  <label><input type="radio" name="pick" value="a"> A</label>
  <label><input type="radio" name="pick" value="b" checked> B</label>
  <select name="one"><option value="" disabled>-<option>First<option value="2">Second</select>
  <select name="many" multiple><option selected>x</option><option selected>y</option></select>
  <input type="date" name="day" value="17/05/2024">
  <label>Secret <input name="unseen" hidden value="6"></label>
  <label>File <input type="file" name="file"></label>
  <template><input name="later" value="7"></template>
  <button name="act" value="go">Go <span class="visually-hidden">there</span></button>
  <button name="act" value="stay" formaction="/stay/" formmethod="get">Stay</button>
  <input type="submit" value="Wait" disabled><button type="button">Open</button>
</form>
<form><input name="other" value="8"></form><input name="after" value="9" form="f">
"""
ALWAYS = [("before", "1"), ("token", "t"), ("title", "Old"), ("notes", "a\r\nb"), ("fixed", "4")]
ALWAYS += [("on", "on"), ("pick", "b"), ("one", "First"), ("many", "x"), ("many", "y")]
ALWAYS += [("day", ""), ("unseen", "6")]


class Recorder:
    """In place of a browser: keeps what would be sent."""

    def send(self, *sent, **how):
        self.sent = (*sent, how)


@pytest.fixture
def page():
    return Page(Recorder(), "http://testserver/a/b/?c=d", HttpResponse(ALL_KINDS))


def sent(page, button="Go"):
    page.form(button).submit()
    return page.browser.sent


def test_it_sends_all_of_the_form_in_order_and_the_button_that_was_pressed(page):
    address, pairs, method, how = sent(page, "Go there")
    assert (address, method) == ("http://testserver/a/do/?x=1", "post")
    assert how == {"with_files": True}
    assert pairs == [*ALWAYS, ("act", "go"), ("after", "9")]


def test_the_button_may_send_the_form_elsewhere_and_otherwise(page):
    address, pairs, method, _ = sent(page, "Stay")
    assert (address, method) == ("http://testserver/stay/", "get")
    assert pairs == [*ALWAYS, ("act", "stay"), ("after", "9")]


def test_what_is_filled_in_is_sent_in_place_of_what_was_there(page):
    form, file = page.form("Go"), BytesIO(b"x")
    file.name = "x.txt"
    form.fill("Title", "New")
    form.fill("Notes", "c\nd")
    form.fill("day", "2024-05-17")
    form.tick("On", False)
    form.tick("Off")
    form.choose("pick", "A")
    form.choose("one", "Second")
    form.choose("many", "y")
    form.attach("File", file)
    assert form.value("pick") == ["a"] and form.value("many") == ["y"]
    form.submit()
    assert page.browser.sent[1] == [
        *[("before", "1"), ("token", "t"), ("title", "New"), ("notes", "c\r\nd"), ("fixed", "4")],
        *[("off", "5"), ("pick", "a"), ("one", "2"), ("many", "y"), ("day", "2024-05-17")],
        *[("unseen", "6"), ("file", file), ("act", "go"), ("after", "9")],
    ]


@pytest.mark.parametrize(
    ("act", "field", "value", "why"),
    [
        ("fill", "nowhere", "x", "no field"),
        ("fill", "other", "x", "no field"),
        ("fill", "later", "x", "no field"),
        ("fill", "token", "x", "hidden"),
        ("fill", "Secret", "x", "hidden"),
        ("fill", "fixed", "x", "readonly"),
        ("fill", "title", "x" * 10, "takes 9"),
        ("fill", "day", "17/05/2024", "cannot be typed"),
        ("fill", "on", "x", "checkbox"),
        ("fill", "off", "x", "3 are called"),
        ("choose", "one", "Third", "0 are called"),
        ("choose", "one", "-", "disabled"),
        ("choose", "pick", "c", "0 are called"),
        ("choose", "title", "Old", "is a text"),
        ("tick", "pick", True, "are called"),
        ("attach", "title", None, "is a text"),
    ],
)
def test_what_one_cannot_do_fails(page, act, field, value, why):
    with pytest.raises(CannotDo, match=why):
        getattr(page.form("Go"), act)(field, value)


@pytest.mark.parametrize(
    ("button", "why"),
    [("Nowhere", "0 buttons"), ("Wait", "disabled"), ("Open", "sends nothing"), ("G", "0 buttons")],
)
def test_a_button_that_cannot_be_pressed_fails(page, button, why):
    with pytest.raises(CannotDo, match=why):
        page.form(button)


def seen(markup):
    return Page(Recorder(), "/", HttpResponse(markup))


def test_of_two_buttons_alike_none_is_pressed():
    page = seen('<form><button>Go</button><button aria-label="Go">x</button></form>')
    with pytest.raises(CannotDo, match="2 buttons"):
        page.form("Go")


@pytest.mark.parametrize(
    "field",
    ["<input name=a required>", "<input type=radio name=a required><input type=radio name=a>"],
)
def test_what_is_required_and_empty_is_not_sent(field):
    page = seen(f"<form>{field}<button>Go</button><button formnovalidate>Draft</button></form>")
    with pytest.raises(CannotDo, match="required"):
        sent(page)
    sent(page, "Draft")


def test_the_errors_of_a_page_are_those_one_can_see():
    page = seen(
        '<ul class="errorlist"><li class="error">One</li></ul><p role="alert">Two</p>'
        '<p class="error" hidden>Three</p><div hidden><p role="alert">Four</p></div>'
        '<p class="js-only error">Five</p><p role="alert"></p><p class="note bad">Six</p>'
        '<label>Day <input name="day" aria-invalid="true"></label><p class="hint">Seven</p>'
    )
    assert page.errors() == ["One", "Two", "Six", "marked as wrong: Day"]
    assert seen('<p class="hint">Seven</p><input name="a">').errors() == []


# On pages of the app


def test_one_signs_in_and_is_told_what_is_wrong(bob, group):
    browser = Browser()
    page = browser.open("/curious-minds/papers/")
    assert page.address == "/accounts/login/?next=/curious-minds/papers/"
    assert page.errors() == []
    form = page.form("Sign in")
    form.fill("Email", "bob@example.org")
    form.fill("Password", "wrong")
    page = form.submit()
    assert page.errors()
    form = page.form("Sign in")
    assert form.value("Email") == "bob@example.org"
    form.fill("Password", PASSWORD)
    assert form.submit().address == "/curious-minds/papers/"


def test_a_form_without_its_token_is_refused(bob, group):
    paper = make_paper(group=group)
    form = Browser(bob).open(paper.get_absolute_url()).form("Follow")
    token = next(one for one in form.element.all("input") if "csrf" in one.get("name"))
    assert "Stop following" in form.submit().root.text
    token.attrs["value"] = "x" * 64
    assert form.submit().status == 403


def test_a_file_arrives_with_its_name(alice, group):
    file = BytesIO(b"Tides of the moon We show that they come twice a day. 2 authors")
    file.name = "tides.txt"
    form = Browser(alice).open("/admin/papers/listing/add/").form("Read the listing")
    form.fill("Captured on", "2025-11-26")
    form.attach("File", file)
    assert form.submit().status == 200
    assert bytes(Listing.objects.get(name="tides.txt").raw_bytes) == file.getvalue()
