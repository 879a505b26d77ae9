"""One form that is sent twice at the same time."""

import pytest

from papers.models import Discussion, Notice
from papers.services import scheduling
from tests.browsing import Browser
from tests.concurrency.together import at_once, rendezvous

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/curious-minds/discussions/new/"


@pytest.fixture
def meet(monkeypatch):
    """Let two requests wait for each other before they schedule anything."""
    wait, schedule = rendezvous(2), scheduling.schedule_discussion

    def slow(**given):
        wait()
        return schedule(**given)

    monkeypatch.setattr(scheduling, "schedule_discussion", slow)


def send_twice(browser, form):
    """Send ``form`` from two threads; return the addresses of the pages that follow."""
    arrived = []

    def send(_):
        twin = Browser()
        twin.client.cookies = browser.client.cookies
        address, pairs = form.page.address, form.pairs()
        arrived.append(twin.send(address, pairs, "post").address)

    assert at_once(send, 1, 2) == []
    return arrived


def test_a_double_click_schedules_one_meeting(group, alice, meet):
    browser = Browser(alice)
    arrived = send_twice(browser, browser.open(NEW).form("Schedule the meeting"))
    discussion = Discussion.objects.get()
    assert {address.partition("?")[0] for address in arrived} == {discussion.get_absolute_url()}
    assert Notice.objects.count() == 1


def test_without_the_key_it_schedules_two(group, alice, meet):
    """The control: the requests do overlap, and only the key keeps them apart."""
    browser = Browser(alice)
    form = browser.open(NEW).form("Schedule the meeting")
    for field in form.page.root.all("input"):
        if field.get("name") == "once":
            field.attrs["name"] = "never"
    send_twice(browser, form)
    assert Discussion.objects.count() == 2
