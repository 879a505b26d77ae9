"""A month of discussions: each thing on the day that the reader has it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.discussions.calendar_month import Month
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper
from tests.pages import html_of, text_of

MONTH = "/curious-minds/discussions/month/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def meet(group, title, *moment, **fields):
    starts_at = datetime(*moment, tzinfo=UTC)
    return make_meeting(
        group=group, papers=[make_paper(group=group, title=title)], starts_at=starts_at, **fields
    )


def days_of(client, month):
    """What each day of the month has, as text, by its number."""
    response = client.get(f"{MONTH}?month={month}")
    assert response.status_code == 200
    return {
        day.date.day: [f"{one.hour} {one.discussion}".strip() for one in day.entries]
        for day in response.context["days"]
    }


def test_each_meeting_is_on_its_day_in_the_order_of_hours(member, group):
    meet(group, "Evening", 2026, 12, 3, 18)
    meet(group, "Noon", 2026, 12, 3, 12)
    meet(group, "First", 2026, 12, 1, 0)
    meet(group, "Last", 2026, 12, 31, 23, 59)
    meet(group, "Before", 2026, 11, 30, 23, 59)
    meet(group, "After", 2027, 1, 1, 0)
    assert days_of(member, "2026-12") == {
        1: ["00:00 First"],
        3: ["12:00 Noon", "18:00 Evening"],
        31: ["23:59 Last"],
    }


def test_days_are_those_of_the_reader_and_the_zone_is_said(member, group, bob):
    meet(group, "Late", 2026, 11, 30, 20)
    bob.time_zone = "Asia/Kathmandu"  # 5:45 ahead
    bob.save()
    assert days_of(member, "2026-12") == {1: ["01:45 Late"]}
    assert days_of(member, "2026-11") == {}
    assert "Times are in Asia/Kathmandu." in text_of(member.get(f"{MONTH}?month=2026-12"))


def test_one_in_writing_is_on_the_day_it_closes_by_the_groups_clock(member, group, bob):
    closes = datetime(2026, 12, 10, 23, 59, tzinfo=UTC)
    meet(group, "Written", 2026, 11, 20, 9, ends_at=closes, is_written=True)
    bob.time_zone = "Asia/Kathmandu"
    bob.save()
    assert days_of(member, "2026-12") == {10: ["Written"]}
    assert days_of(member, "2026-11") == {}
    assert "closes: Written" in text_of(member.get(f"{MONTH}?month=2026-12"))


def test_states_are_said_in_words(member, group):
    meet(group, "Off", 2026, 12, 3, 16, state="cancelled")
    meet(group, "Done", 2026, 12, 4, 16, state="held")
    poll = make_meeting(
        group=group, papers=[make_paper(group=group, title="Asked")], state="polling"
    )
    for day in (7, 8):
        starts_at = datetime(2026, 12, day, 15, 30, tzinfo=UTC)
        ends_at = starts_at + timedelta(hours=1)
        poll.options.create(position=day, starts_at=starts_at, ends_at=ends_at)
    page = member.get(f"{MONTH}?month=2026-12")
    assert "cancelled:<s>Off</s>" in html_of(page)
    text = text_of(page)
    assert "16:00 held: Done" in text
    assert text.count("15:30 date poll: Asked") == 4  # two days, as a table and as a list
    poll.state = "cancelled"
    poll.save()
    assert "date poll" not in text_of(member.get(f"{MONTH}?month=2026-12"))


def test_nothing_of_another_group_is_there(member, group):
    other = make_group("Secretive")
    meet(other, "Hidden", 2026, 12, 3, 16)
    poll = make_meeting(group=other, place="Hidden", state="polling")
    moment = datetime(2026, 12, 4, 15, tzinfo=UTC)
    poll.options.create(position=0, starts_at=moment, ends_at=moment + timedelta(hours=1))
    assert days_of(member, "2026-12") == {}


def test_the_months_beside_it_and_the_way_back(member, group):
    html = member.get(f"{MONTH}?month=2026-12").content.decode()
    assert 'href="?month=2026-11"' in html
    assert 'href="?month=2027-01"' in html
    today = timezone.now().date()
    page = member.get(MONTH)
    assert f"{today:%B} {today.year}" in text_of(page)
    assert page.content.decode().count('aria-current="date"') == 1
    assert "This month" not in text_of(page)
    assert "This month" in text_of(member.get(f"{MONTH}?month=1999-01"))


@pytest.mark.parametrize("month", ["9999-12", "1000-01", "2024-02"])
def test_the_ends_of_the_calendar(member, group, bob, month):
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"):
        bob.time_zone = zone
        bob.save()
        assert member.get(MONTH, {"month": month}).status_code == 200


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "0999-12", "10000-01", "2026", "x", "2026-1", "٢٠٢٦-12", " "]
)
def test_what_is_no_month_is_not_found(member, group, month):
    assert member.get(MONTH, {"month": month}).status_code == 404


def test_who_may_schedule_does_so_from_a_day_to_come(client, group, alice, bob):
    today = timezone.now().date()
    month, link = f"{MONTH}?month={today:%Y-%m}", f"?on={today}"
    client.force_login(bob)
    assert "?on=" not in client.get(month).content.decode()
    client.force_login(alice)
    page = client.get(month)
    assert link in page.content.decode()
    assert f"Schedule a meeting on {today.day} {today:%B}" in text_of(page)
    assert f"?on={today - timedelta(days=1)}" not in page.content.decode()
    for past_or_too_far in ("2020-01", f"{today.year + 3}-01"):
        assert "?on=" not in client.get(f"{MONTH}?month={past_or_too_far}").content.decode()
    form = client.get(f"/curious-minds/discussions/new/{link}").content.decode()
    assert f'value="{today}"' in form


def test_titles_are_escaped(member, group):
    meet(group, "<b>x</b> $x^2$", 2026, 12, 3, 16, state="cancelled")
    html = member.get(f"{MONTH}?month=2026-12").content.decode()
    assert "<b>x</b>" not in html
    assert "<msup>" in html


def test_the_queries_are_as_many_for_one_row_as_for_thirty(member, group):
    poll = make_meeting(group=group, papers=[make_paper(group=group)], state="polling")

    def add(first, last):
        for number in range(first, last):
            meet(group, f"Paper {number}", 2026, 12, number + 1, 16)
            moment = datetime(2026, 12, number + 1, 9, tzinfo=UTC)
            ends_at = moment + timedelta(hours=1)
            poll.options.create(position=number % 20, starts_at=moment, ends_at=ends_at)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            days_of(member, "2026-12")
        return len(captured)

    add(0, 1)
    days_of(member, "2026-12")
    one = queries()
    add(1, 20)
    assert queries() == one


def test_a_month_by_itself():
    february = Month.from_text("2024-02")
    days = [day for week in february.weeks() for day in week if day]
    assert days == [date(2024, 2, number) for number in range(1, 30)]
    assert february.weeks()[0][:4] == [None, None, None, date(2024, 2, 1)]  # a Thursday
    assert (str(february.previous), str(february.next)) == ("2024-01", "2024-03")
    assert str(Month.from_text("2024-01").previous) == "2023-12"
    assert Month.from_text("1000-01").previous is None
    assert Month.from_text("9999-12").next is None


def test_each_column_has_the_name_of_its_weekday(group, bob):
    heads = Browser(bob).open(MONTH).root.all("th")
    assert [head.text for head in heads] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
