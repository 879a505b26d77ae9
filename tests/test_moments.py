"""Times of comments: how long ago, and exactly for whoever wants to know."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from papers.templatetags.moments import words_ago
from tests.factories import make_comment, make_paper
from tests.pages import html_of

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-90), "just now"),  # by a clock that is ahead
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1, minutes=59), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "7 days ago"),
        (timedelta(days=30), "30 days ago"),
        (timedelta(days=31), "28 Feb 2026"),
        (timedelta(days=800), "21 Jan 2024"),
    ],
)
def test_how_long_ago(ago, words):
    assert words_ago(NOW - ago, NOW).replace("\xa0", " ") == words


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_the_exact_time_is_there_in_the_zone_of_the_reader(zone):
    at = datetime(2086, 3, 1, 23, 30, 5, 123456, tzinfo=UTC)
    with timezone.override(ZoneInfo(zone)):
        html = Template("{% load moments %}{% time_ago at %}").render(Context({"at": at}))
    shown = re.fullmatch(r'<time datetime="(\S+)" title="([^"]+)">just now.*</time>', html)
    assert datetime.fromisoformat(shown[1]) == at.replace(microsecond=0)
    assert "." not in shown[1]
    local = at.astimezone(ZoneInfo(zone))
    assert shown[2] == f"{local.day} Mar 2086, {local:%H:%M} {local.tzname()}"


def test_comments_and_their_versions_say_how_long_ago(client, group, alice, bob):
    at = timezone.now() - timedelta(days=3, hours=2)
    paper = make_paper(group=group)
    made = make_comment(paper=paper, user=bob, created_at=at)
    client.force_login(bob)
    for url in (paper.get_absolute_url(), f"/{group.slug}/comments/{made.pk}/history/"):
        html = html_of(client.get(url))
        found = re.search(r'<time datetime="([^"]+)" title="[^"]+">([^<]+)<', html)
        assert datetime.fromisoformat(found[1]) == at.replace(microsecond=0)
        assert found[2].replace("\xa0", " ") == "3 days ago"


def test_no_page_has_a_time_with_microseconds(client, group, bob):
    paper = make_paper(group=group)
    make_comment(paper=paper, user=bob)
    client.force_login(bob)
    for url in (paper.get_absolute_url(), group.get_absolute_url()):
        assert not re.search(r'datetime="[^"]*\.\d', html_of(client.get(url)))
