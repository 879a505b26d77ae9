"""Meetings recorded after they took place: agenda, presenter and outcome, and no mail."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from papers.clock import run_due_jobs
from papers.models import DigestItem, Discussion, Mail, Membership, Notice, Paper
from papers.services import scheduling
from tests.browsing import Browser
from tests.factories import make_paper, make_user

pytestmark = pytest.mark.django_db

DISCUSSIONS = "/curious-minds/discussions/"
RECORD = f"{DISCUSSIONS}record/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


def record(user, paper, day="2019-05-17"):
    """The page that follows when ``user`` records a meeting on ``paper``."""
    page = Browser(user).open(f"{RECORD}?paper={paper.pk}")
    form = page.form("Record the meeting")
    form.fill("Day", day)
    form.fill("Begins at", "16:00")
    return form.submit()


def nobody_was_mailed():
    return not (Mail.objects.exists() or DigestItem.objects.exists() or Notice.objects.exists())


@pytest.mark.parametrize("days", [1, 40, 365 * 5])
def test_a_meeting_is_recorded_with_its_presenter_and_outcome(group, alice, bob, paper, days):
    page = record(alice, paper, f"{timezone.now() - days * DAY:%Y-%m-%d}")
    assert "The meeting is recorded, and nobody is notified." in page.root.text
    assert page.errors() == []
    form = page.form("Save the outcome")
    form.choose("Presented by", "Bob")
    form.fill("Take-aways", "The moon pulls.")
    page = form.submit()
    assert "Bob presented it." in page.root.text
    assert "The moon pulls." in page.root.text
    meeting = Discussion.objects.get()
    assert meeting.is_held
    assert meeting.recorded_afterwards
    item = meeting.agenda.get()
    assert (item.paper, item.presenter, item.is_confirmed) == (paper, bob, True)
    assert Paper.objects.get().status == "discussed"
    run_due_jobs(timezone.now())
    assert nobody_was_mailed()
    assert "The moon pulls." in Browser(bob).open(meeting.get_absolute_url()).root.text


def test_it_waits_for_its_outcome_until_it_has_one(group, alice, paper):
    record(alice, paper)
    page = Browser(alice).open(DISCUSSIONS)
    assert "Waiting for an outcome" in page.root.text
    meeting = Discussion.objects.get()
    page = page.browser.open(f"{meeting.get_absolute_url()}cancel/")
    assert "Nobody will be notified." in page.root.text
    page.form("Cancel the meeting").submit()
    run_due_jobs(timezone.now())
    meeting.refresh_from_db()
    assert meeting.is_cancelled
    assert not Mail.objects.exists()


def test_members_are_told_of_the_outcome_only_if_asked(group, alice, paper):
    page = record(alice, paper)
    form = page.form("Save the outcome")
    assert form.value("Tell the members now") == []
    form.tick("Tell the members now")
    form.fill("Take-aways", "The moon pulls.")
    form.submit()
    assert Notice.objects.get().event == "outcomes"


def test_one_that_is_not_over_is_refused(group, alice, paper):
    soon = timezone.now() + DAY
    page = record(alice, paper, f"{soon:%Y-%m-%d}")
    assert page.status == 422
    assert not Discussion.objects.exists()
    with pytest.raises(ValidationError, match="not over yet"):
        scheduling.record_past_meeting(
            group=group, by=alice, starts_at=soon - DAY, ends_at=soon, papers=[paper]
        )


def test_the_form_for_a_new_meeting_leads_to_it(group, alice, paper):
    browser = Browser(alice)
    form = browser.open(f"{DISCUSSIONS}new/?paper={paper.pk}").form("Schedule the meeting")
    form.fill("Day", f"{timezone.now() - 3 * DAY:%Y-%m-%d}")
    page = form.submit()
    assert "You can also record a past meeting." in page.root.text
    links = {link.text: link.get("href") for link in page.root.all("a")}
    assert links["Record a past meeting"] == f"{RECORD}?paper={paper.pk}"


def test_who_presented_is_said_of_any_meeting_that_is_over(group, alice, bob, paper):
    """Bob was asked, and Carol presented; Dan, who has left since, stays where he presented."""
    carol, dan = make_user("carol"), make_user("dan")
    Membership.objects.create(group=group, user=carol)
    begins = timezone.now() - DAY
    meeting = scheduling.schedule_discussion(
        group=group, by=alice, starts_at=begins, ends_at=begins + HOUR, papers=[paper]
    )
    meeting.agenda.update(presenter=bob)
    page = Browser(alice).open(f"{meeting.get_absolute_url()}conclude/")
    form = page.form("Save the outcome")
    form.choose("Presented by", "Carol")
    page = form.submit()
    assert "Carol presented it." in page.root.text
    meeting.agenda.update(presenter=dan)
    page = page.browser.open(f"{meeting.get_absolute_url()}conclude/")
    page.form("Save the outcome").submit()
    assert meeting.agenda.get().presenter == dan
