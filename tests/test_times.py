"""When a meeting is, in words; and the dates that are proposed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from papers.discussions import times
from tests.factories import make_meeting

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def berlin(group):
    group.time_zone, group.weekday, group.meets_at = "Europe/Berlin", 3, time(16)
    group.save(update_fields=["time_zone", "weekday", "meets_at"])
    return group


def test_a_reader_has_their_hours_and_the_groups_beside_them(berlin, alice, bob):
    at = datetime(2026, 12, 3, 15, tzinfo=UTC)
    meeting = make_meeting(group=berlin, starts_at=at, minutes=90)
    assert (
        str(times.meeting_time(meeting, berlin, alice))
        == "Thu 3 Dec 2026, 16:00–17:30 (Europe/Berlin)"
    )
    bob.time_zone = "Asia/Kathmandu"  # 5 hours and 45 minutes before UTC
    assert str(times.meeting_time(meeting, berlin, bob)) == (
        "Thu 3 Dec 2026, 20:45–22:15 (Asia/Kathmandu); 16:00–17:30 Europe/Berlin"
    )
    bob.time_zone = "Pacific/Auckland"  # where it is the next day
    assert str(times.meeting_time(meeting, berlin, bob)) == (
        "Fri 4 Dec 2026, 04:00–05:30 (Pacific/Auckland); Thu 3 Dec 2026, 16:00–17:30 Europe/Berlin"
    )
    bob.time_zone = "Europe/Paris"  # other name, same clock: nothing beside it
    assert times.meeting_time(meeting, berlin, bob).group_time == ""


def test_zones_may_agree_in_one_season_and_not_in_another(berlin, bob):
    bob.time_zone = "Africa/Lagos"  # UTC+1 all the year
    winter = make_meeting(group=berlin, starts_at=datetime(2026, 12, 3, 15, tzinfo=UTC))
    summer = make_meeting(group=berlin, starts_at=datetime(2026, 7, 2, 14, tzinfo=UTC))
    assert times.meeting_time(winter, berlin, bob).group_time == ""
    assert times.meeting_time(summer, berlin, bob).group_time == "16:00–17:00 Europe/Berlin"


def test_one_in_writing_has_a_day_and_a_poll_has_none(berlin, bob):
    closes = times.end_of_day(date(2026, 12, 4), ZoneInfo("Europe/Berlin"))
    written = make_meeting(group=berlin, is_written=True, starts_at=AT, ends_at=closes)
    bob.time_zone = "Pacific/Auckland"
    assert str(times.meeting_time(written, berlin, bob)) == "until Fri 4 Dec 2026"
    assert times.meeting_time(make_meeting(group=berlin, state="polling"), berlin, bob) is None


def test_a_meeting_may_end_on_another_day(berlin):
    night = make_meeting(group=berlin, starts_at=datetime(2026, 12, 3, 21, tzinfo=UTC), minutes=180)
    assert times.meeting_time(night, berlin).hours == "22:00–01:00 (+1)"


def test_the_usual_hour_stays_the_same_across_a_change_of_clocks(berlin):
    dates = times.usual_dates(berlin, AT, 3)  # clocks change on 29 March
    assert [f"{one:%Y-%m-%d %H:%M %z}" for one in dates] == [
        "2026-03-19 16:00 +0100",
        "2026-03-26 16:00 +0100",
        "2026-04-02 16:00 +0200",
    ]


def test_the_hour_of_today_that_is_past_is_next_weeks(berlin):
    before = datetime(2026, 3, 19, 14, 59, tzinfo=UTC)
    assert times.usual_dates(berlin, before, 1)[0].day == 19
    assert times.usual_dates(berlin, before + timedelta(minutes=1), 1)[0].day == 26


def test_without_a_usual_weekday_it_is_a_week_ahead(group):
    assert times.usual_dates(group, AT, 1) == [datetime(2026, 3, 25, 16, tzinfo=UTC)]


def test_dates_on_which_the_group_meets_are_not_proposed(berlin):
    make_meeting(group=berlin, starts_at=datetime(2026, 3, 19, 9, tzinfo=UTC))
    make_meeting(group=berlin, starts_at=datetime(2026, 3, 26, 15, tzinfo=UTC), state="cancelled")
    days = [one.day for one in times.free_dates(berlin, AT, 2)]
    assert days == [26, 2]


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), "03:30 +0200"),  # left out: the clock before it counts
        (date(2026, 10, 25), time(2, 30), "02:30 +0200"),  # twice: the first
    ],
)
def test_hours_of_a_change_of_clocks(day, hour, expected):
    assert f"{times.local_moment(day, hour, ZoneInfo('Europe/Berlin')):%H:%M %z}" == expected
