"""The time zone of a group changes: meetings keep their local times or their moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from papers.discussions import calendar_export, times
from papers.models import DateOption, Discussion, Event, Group, Notice
from papers.notifications import fan_out
from papers.services import date_polls, group_settings, scheduling
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_user
from tests.pages import text_of

OLD, NEW = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
SETTINGS, STEP = "/curious-minds/settings/", "/curious-minds/settings/time-zone/"
YEAR = timezone.now().year + 1
WINTER, SUMMER = date(YEAR, 1, 14), date(YEAR, 7, 14)


def at(day, hour, zone=OLD):
    return datetime.combine(day, time(hour), tzinfo=zone)


@pytest.fixture
def winter(group):
    return make_meeting(group=group, starts_at=at(WINTER, 16))


@pytest.fixture
def summer(group):
    return make_meeting(group=group, starts_at=at(SUMMER, 16))


def change_zone(user, keep, zone="Europe/Berlin"):
    """Through the pages, as an organiser does."""
    form = Browser(user).open(SETTINGS).form("Save")
    form.choose("time_zone", zone)
    page = form.submit()
    assert page.address.startswith(STEP)
    form = page.form("Change the time zone")
    form.choose("keep", keep)
    page = form.submit()
    assert page.errors() == []
    return page


def change_zone_in_admin(user, keep, zone="Europe/Berlin"):
    form = (
        Browser(user)
        .open(f"/admin/papers/group/{Group.objects.get(slug='curious-minds').pk}/change/")
        .form("Save")
    )
    form.choose("time_zone", zone)
    form.choose("keep", keep)
    page = form.submit()
    assert page.errors() == []
    return page


WAYS = pytest.mark.parametrize("change", [change_zone, change_zone_in_admin])


@WAYS
def test_the_local_times_stay_on_both_sides_of_the_change_of_clocks(alice, winter, summer, change):
    change(alice, "local")
    for meeting, day in ((winter, WINTER), (summer, SUMMER)):
        meeting.refresh_from_db()
        assert meeting.starts_at == at(day, 16, NEW)
        assert meeting.ends_at == at(day, 17, NEW)
        assert meeting.sequence == 1
    assert Group.objects.get(slug="curious-minds").time_zone == "Europe/Berlin"


@WAYS
def test_the_moments_stay(alice, winter, summer, change):
    change(alice, "moments")
    for meeting, day in ((winter, WINTER), (summer, SUMMER)):
        meeting.refresh_from_db()
        assert meeting.starts_at == at(day, 16)
        assert meeting.sequence == 1  # its hour in the calendar is given in the new zone
    assert Group.objects.get(slug="curious-minds").time_zone == "Europe/Berlin"


def test_nothing_changes_before_it_is_confirmed(client, alice, group, winter):
    form = Browser(alice).open(SETTINGS).form("Save")
    form.choose("time_zone", "Europe/Berlin")
    form.fill("name", "Idle minds")
    page = form.submit()
    group.refresh_from_db()
    assert (group.name, group.time_zone) == ("Idle minds", "UTC")
    shown = page.root.text
    assert "affects 1 upcoming meeting." in shown
    day = f"{WINTER:%a} {WINTER.day} {WINTER:%b} {WINTER.year}"
    was = f"{day}, 16:00–17:00 (UTC)"
    assert f"{was} becomes {day}, 16:00–17:00 (Europe/Berlin)." in shown
    assert f"{was} becomes {day}, 17:00–18:00 (Europe/Berlin)." in shown
    client.force_login(alice)
    response = client.post(STEP, {"to": "Europe/Berlin"})
    assert response.status_code == 422
    assert "This field is required." in response.text
    group.refresh_from_db()
    assert group.time_zone == "UTC"


def test_the_step_counts_meetings_and_polls(client, alice, group, winter, summer):
    poll = make_meeting(group=group, state="polling")
    DateOption.objects.create(
        discussion=poll, position=0, starts_at=at(WINTER, 9), ends_at=at(WINTER, 10)
    )
    make_meeting(group=group, state="cancelled")
    make_meeting(group=group, state="held", starts_at=timezone.now() - timedelta(days=3))
    make_meeting(group=make_group("Others"))
    client.force_login(alice)
    page = text_of(client.get(STEP, {"to": "Europe/Berlin"}))
    assert "2 upcoming meetings and 1 open date poll" in page


def test_without_anything_planned_it_is_changed_at_once(alice, group):
    form = Browser(alice).open(SETTINGS).form("Save")
    form.choose("time_zone", "Europe/Berlin")
    assert form.submit().address == SETTINGS
    group.refresh_from_db()
    assert group.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "UTC", "../etc/passwd"])
def test_the_step_needs_another_zone(client, alice, group, winter, zone):
    client.force_login(alice)
    assert client.get(STEP, {"to": zone}).url == SETTINGS
    assert client.post(STEP, {"to": zone, "keep": "local"}).url == SETTINGS
    group.refresh_from_db()
    assert group.time_zone == "UTC"


def test_the_admin_asks_too(alice, group, winter):
    form = Browser(alice).open(f"/admin/papers/group/{group.pk}/change/").form("Save")
    form.choose("time_zone", "Europe/Berlin")
    page = form.submit()
    assert any("affects 1 upcoming meeting." in error for error in page.errors())
    group.refresh_from_db()
    assert group.time_zone == "UTC"


@pytest.mark.parametrize("keep", ["local", "moments"])
def test_what_is_in_writing_keeps_its_day(alice, group, winter, keep):
    """Also in the past: calendars go back a year."""
    made = {}
    for day in (SUMMER, WINTER, (timezone.now() - timedelta(days=30)).date()):
        ends_at = times.end_of_day(day, OLD)
        made[day] = make_meeting(
            group=group,
            starts_at=ends_at - timedelta(days=5),
            ends_at=ends_at,
            is_written=True,
            state="held" if ends_at < timezone.now() else "scheduled",
        )
    change_zone(alice, keep)
    for day, written in made.items():
        found = Discussion.objects.select_related("group").get(pk=written.pk)
        assert calendar_export.event_span(found)[0] == day
        assert found.ends_at == times.end_of_day(day, NEW)
        assert found.starts_at == written.starts_at


def test_one_that_closes_today_can_close_earlier_than_it_began(alice, group, winter):
    now = timezone.now()
    ends_at = times.end_of_day(now.date(), OLD)
    make_meeting(group=group, starts_at=now, ends_at=ends_at, is_written=True)
    change_zone(alice, "local", "Pacific/Kiritimati")
    written = Discussion.objects.get(is_written=True)
    assert written.starts_at < written.ends_at


@pytest.mark.parametrize("keep", ["local", "moments"])
def test_dates_of_a_poll(alice, group, keep):
    """One moves to where another one was; the deadline keeps its day."""
    deadline = WINTER - timedelta(days=3)
    poll = make_meeting(group=group, state="polling", answer_by=times.end_of_day(deadline, OLD))
    for position, hour in enumerate((15, 16, 17)):
        DateOption.objects.create(
            discussion=poll,
            position=position,
            starts_at=at(WINTER, hour),
            ends_at=at(WINTER, hour + 1),
        )
    past = timezone.now().replace(microsecond=0) - timedelta(days=1)
    DateOption.objects.create(
        discussion=poll, position=3, starts_at=past, ends_at=past + timedelta(hours=1)
    )
    change_zone(alice, keep)
    found = list(poll.options.order_by("position").values_list("starts_at", "ends_at"))
    zone = NEW if keep == "local" else OLD
    hours = [(at(WINTER, hour, zone), at(WINTER, hour + 1, zone)) for hour in (15, 16, 17)]
    assert found == [*hours, (past, past + timedelta(hours=1))]
    poll.refresh_from_db()
    assert poll.answer_by == times.end_of_day(deadline, NEW)
    assert poll.sequence == 1


def test_two_dates_of_a_poll_stay_two_where_an_hour_is_skipped(alice, group):
    last_sunday = max(
        day for day in (date(YEAR, 3, number) for number in range(25, 32)) if day.weekday() == 6
    )
    poll = make_meeting(group=group, state="polling")
    for position, hour in enumerate((2, 3)):
        DateOption.objects.create(
            discussion=poll,
            position=position,
            starts_at=at(last_sunday, hour),
            ends_at=at(last_sunday, hour + 1),
        )
    change_zone(alice, "local")
    assert poll.options.values("starts_at").distinct().count() == 2


def test_what_has_begun_and_what_was_held_stay(alice, group, winter):
    now = timezone.now()
    running = make_meeting(group=group, starts_at=now - timedelta(minutes=10))
    held = make_meeting(group=group, state="held", starts_at=now - timedelta(days=9))
    off = make_meeting(group=group, state="cancelled", starts_at=at(SUMMER, 9))
    change_zone(alice, "local")
    for meeting in (running, held):
        assert Discussion.objects.get(pk=meeting.pk).starts_at == meeting.starts_at
    off.refresh_from_db()
    assert off.starts_at == at(SUMMER, 9, NEW)  # it may be on again


@pytest.mark.parametrize("keep", ["local", "moments"])
def test_members_are_told_once_of_all_meetings(
    alice, bob, group, winter, summer, mailoutbox, send_mails, keep
):
    change_zone(alice, keep)
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    send_mails()
    (mail,) = mailoutbox
    assert mail.to == [bob.email]
    assert mail.subject.startswith("New time zone")
    begins, ends = ("16:00", "17:00") if keep == "local" else ("17:00", "18:00")
    assert f"{begins}–{ends} (Europe/Berlin)" in mail.body
    late = ("16:00", "17:00") if keep == "local" else ("18:00", "19:00")
    assert f"{late[0]}–{late[1]} (Europe/Berlin)" in mail.body
    (part,) = [one for one in mail.message().walk() if one.get_content_type() == "text/calendar"]
    assert part.get_payload(decode=True).count(b"BEGIN:VEVENT") == 2


def test_members_are_told_of_an_open_poll(alice, group, bob, mailoutbox, send_mails):
    poll = make_meeting(group=group, state="polling")
    DateOption.objects.create(
        discussion=poll, position=0, starts_at=at(WINTER, 16), ends_at=at(WINTER, 17)
    )
    change_zone(alice, "moments")
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    send_mails()
    (mail,) = mailoutbox
    assert mail.to == [bob.email]
    assert "17:00–18:00 (Europe/Berlin)" in mail.body


def test_who_would_come_at_the_old_hour_is_told_at_once(alice, group):
    """Not in a digest after it."""
    soon = timezone.now() + timedelta(hours=3)
    make_meeting(group=group, starts_at=soon)
    change_zone(alice, "local", "America/New_York")
    assert Notice.objects.get(event=Event.ZONE).moved_from == soon


def test_other_settings_ask_nothing_and_tell_nobody(alice, group, winter):
    form = Browser(alice).open(SETTINGS).form("Save")
    form.fill("meets_for", "90")
    form.fill("place", "Elsewhere")
    form.fill("meets_at", "09:00")
    assert form.submit().address == SETTINGS
    before = winter.starts_at
    winter.refresh_from_db()
    assert (winter.starts_at, winter.sequence, winter.place) == (before, 0, "")
    assert not Notice.objects.exists()


def test_a_rename_is_published_and_not_mailed(alice, group, winter):
    form = Browser(alice).open(SETTINGS).form("Save")
    form.fill("name", "Idle minds")
    form.submit()
    winter.refresh_from_db()
    assert winter.sequence == 1
    assert not Notice.objects.exists()


def test_the_cost_does_not_grow_with_written_discussions_of_others(alice, group, winter):
    """Nothing of another group is touched."""
    others = make_group("Others", organisers=[make_user("dana")])
    meeting = make_meeting(group=others, starts_at=at(WINTER, 16))
    change_zone(alice, "local")
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.sequence) == (at(WINTER, 16), 0)


def test_there_and_back_again(alice, group, winter, summer):
    change_zone(alice, "local", "America/New_York")
    change_zone(alice, "moments", "Asia/Tokyo")
    change_zone(alice, "local", "America/New_York")
    change_zone(alice, "local", "Europe/Berlin")
    for meeting, day, hour in ((winter, WINTER, 6), (summer, SUMMER, 5)):
        meeting.refresh_from_db()
        there = meeting.starts_at.astimezone(NEW)
        # 16:00 in New York is the next day in Tokyo, at the hour that stays from then on.
        assert (there.date(), there.hour) == (day + timedelta(days=1), hour)
        assert meeting.sequence == 4


def make_poll(group, by, **fields):
    """A poll of two days at 16:00 in the old zone."""
    days = WINTER, WINTER + timedelta(days=1)
    options = [(at(day, 16), at(day, 17)) for day in days]
    return date_polls.open_poll(group=group, by=by, options=options, **fields)


def poll_hours(poll):
    """The hours of its dates, and of its deadline, in the new zone."""
    poll.refresh_from_db()
    moments = [*poll.options.values_list("starts_at", flat=True), poll.answer_by]
    return [f"{moment.astimezone(NEW):%H:%M}" for moment in moments if moment]


@WAYS
@pytest.mark.parametrize(("keep", "hours"), [("local", "16:00"), ("moments", "17:00")])
def test_a_reopened_poll_asks_for_the_hours_of_its_meeting(alice, bob, group, change, keep, hours):
    poll = make_poll(group, alice)
    first, last = poll.options.all()
    answers = {first.pk: "yes", last.pk: "no"}
    date_polls.save_answers(discussion=poll, user=bob, answers=answers)
    date_polls.fix_date(option=first, by=alice)
    change(alice, keep)
    form = Browser(bob).open(poll.get_absolute_url()).form("Can't go")
    form.submit()
    browser = Browser(alice)
    reopen = reverse("discussion-poll-reopen", args=[group.slug, poll.pk])
    browser.open(reopen).form("Reopen the date poll").submit()
    assert poll_hours(poll) == [hours, hours]
    # What Bob said of the meeting is his answer to the date that it had.
    assert first.answers.get(user=bob).answer == last.answers.get(user=bob).answer == "no"


@pytest.mark.parametrize(("keep", "hours"), [("local", "16:00"), ("moments", "17:00")])
def test_a_cancelled_poll_comes_back_at_the_hours_that_were_kept(alice, group, winter, keep, hours):
    poll = make_poll(group, alice, answer_by=times.end_of_day(WINTER - timedelta(days=3), OLD))
    scheduling.cancel_discussion(discussion=poll, by=alice)
    change_zone(alice, keep)
    Browser(alice).open(poll.get_absolute_url()).form("Reinstate the date poll").submit()
    assert poll_hours(poll) == [hours, hours, "23:59"]


def test_an_unsaved_error_changes_nothing(alice, group, winter, monkeypatch):
    """A rate limit on mails, say: the page tells why."""
    monkeypatch.setattr(fan_out, "MAX_EVENTS", 0)
    form = Browser(alice).open(SETTINGS).form("Save")
    form.choose("time_zone", "Europe/Berlin")
    form = form.submit().form("Change the time zone")
    form.choose("keep", "local")
    page = form.submit()
    assert page.status == 422
    assert fan_out.TOO_MANY in page.errors()
    group.refresh_from_db()
    winter.refresh_from_db()
    assert (group.time_zone, winter.starts_at) == ("UTC", at(WINTER, 16, UTC))


def test_the_act_alone_keeps_local_times(alice, group, winter):
    group.time_zone = "Europe/Berlin"
    group_settings.change_group(group=group, by=alice, fields=["time_zone"])
    winter.refresh_from_db()
    assert winter.starts_at == at(WINTER, 16, NEW)


def test_the_step_names_the_new_zone_and_the_present_one(group, alice, winter):
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    page = Browser(alice).open(f"{STEP}?to=Europe/Berlin")
    assert [head.text for head in page.root.all("h1")] == ["Change the time zone to Europe/Berlin"]
    assert "The time zone of the group is UTC until you confirm." in page.root.text
