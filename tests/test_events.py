"""The table of events: a row of it is all that a kind of mail needs."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from papers.models import Event, MailChoice, MailKind, Notice
from papers.models.event_specs import About, Audience, Condition, Detail
from papers.notifications import fan_out, letters, recipients, unsubscribe
from tests.factories import make_comment, make_listing, make_meeting, make_paper
from tests.test_fan_out import make_poll

NOT_IN_WRITING = (Condition.POLL_OPEN, Condition.SEATED, Condition.WAITING)
WRITTEN = [
    event
    for event in Event
    if event.spec.about is About.DISCUSSION and event.spec.condition not in NOT_IN_WRITING
]
# The least that makes a discussion meet a condition.
STATES = {
    Condition.CANCELLED: {"state": "cancelled"},
    Condition.HELD: {"state": "held"},
    Condition.WAITING: {"seats": 1},
}


@pytest.fixture
def record(group, alice, bob):
    """A function that records an event of a row that it applies to, for Bob to be told."""

    def record(event, **fields):
        row = make_row(event, group, alice, bob, **fields)
        MailChoice.objects.create(user=bob, kind=event.spec.kind, way="now")
        return fan_out.record_event(event, row, **facts_of(event, row, bob))

    return record


def make_row(event, group, alice, bob, **fields):
    """What the event may happen to."""
    about, condition = event.spec.about, event.spec.condition
    if about is About.DISCUSSION and condition is Condition.POLL_OPEN:
        return make_poll(group, answer_by=timezone.now() + timedelta(days=1))
    paper = make_paper(group=group, proposed_by=alice)
    if about is About.PAPER:
        return paper
    if about is About.LISTING:
        return make_listing(group=group, papers=[paper])
    if about is About.COMMENT:
        parent = make_comment(paper=paper, user=bob)
        comment = make_comment(paper=paper, user=alice, parent=parent)
        comment.mentions.set([bob])
        return comment
    fields |= {"papers": [paper]} | STATES.get(condition, {})
    discussion = make_meeting(group=group, **fields)
    discussion.agenda.update(presenter=bob)
    if condition is Condition.WAITING:
        discussion.rsvps.create(user=alice, answer="coming", turn=1)
    discussion.rsvps.create(user=bob, answer="coming", turn=2)
    return discussion


def facts_of(event, row, bob):
    """What a caller knows of the event."""
    facts = {"user": bob} if event.spec.audience is Audience.ONE else {}
    if event.spec.condition is Condition.DUE:
        facts["due_at"] = recipients.starts_or_closes_at(row)
    if event is Event.POLL_CLOSES:
        facts["due_at"] = row.answer_by
    if event is Event.POLL_REMINDED:
        facts["asked_on"] = timezone.now().date()
    if event is Event.SWAP:
        other = make_meeting(group=row.group, papers=[make_paper(group=row.group)])
        facts |= {"item": row.agenda.get(), "swap_for": other.agenda.get()}
    return facts


@pytest.mark.django_db
@pytest.mark.parametrize("event", Event)
def test_every_event_becomes_a_mail_of_its_kind_with_its_words(
    event, record, bob, send_mails, mailoutbox
):
    notice = record(event)
    fan_out.send_notifications.call(notice.pk)
    send_mails()
    (message,) = [one for one in mailoutbox if one.to == [bob.email]]
    words = {"group": "Curious minds", "who": "Alice", "papers": "1 new paper"}
    words["what"] = str(notice.discussion or (notice.comment or notice).paper)
    fixed = event.spec.subject.partition("{day}")[0].format(**words)
    assert message.subject.startswith(fixed)
    assert " ".join(event.spec.lead.format(**words).split()) in message.body
    action, address = event.spec.action, f"http://127.0.0.1:8000{path_of(notice)}"
    if Detail.RSVP in event.spec.details:
        action, address = "Change your answer:", f"{address}#rsvp"
    assert f"\n\n{action}\n\n{address}\n\n" in message.body
    stop = reverse("mail-stop", args=[unsubscribe.token_for(bob, event.spec.kind)])
    assert stop in message.extra_headers["List-Unsubscribe"]


def path_of(notice):
    """The page that the mail leads to."""
    if comment := notice.comment:
        return f"{comment.paper.get_absolute_url()}#c{comment.pk}"
    if listing := notice.listing:
        return f"{reverse('papers', args=[listing.group.slug])}?listing={listing.pk}"
    return (notice.discussion or notice.paper).get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize("event", WRITTEN)
def test_every_event_of_a_discussion_in_writing_has_a_letter(event, record, bob):
    notice = record(event, is_written=True)
    subject, text = letters.letter_for(fan_out.fetch_notice(notice.pk))(bob)
    assert subject and "{" not in subject + text
    assert (event.spec.written_lead or event.spec.lead).format(group="Curious minds") in text
    assert "The discussion:" in text


@pytest.mark.django_db
@pytest.mark.parametrize("event", [event for event in Event if event.spec.once_per is not None])
def test_the_database_keeps_an_occurrence_from_being_recorded_twice(event, record, alice):
    notice = record(event)
    names = ["user", "due_at", "asked_on", "item", "swap_for"]
    facts = {name: getattr(notice, name) for name in names if getattr(notice, name) is not None}
    about = event.spec.about.value
    row = getattr(notice, about)
    assert fan_out.record_event(event, row, **facts) is None
    fields = {about: row, "event": event, "sequence": notice.sequence}
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(**fields, **facts)
    if event.spec.once_per:  # another occurrence
        other = {
            "user": alice,
            "sequence": 1,
            "due_at": timezone.now(),
            "asked_on": date(2020, 1, 1),
            "item": notice.swap_for,
        }
        changed = {name: value for name, value in other.items() if name in event.spec.once_per}
        Notice.objects.create(**fields | facts | changed)


@pytest.mark.django_db
@pytest.mark.parametrize("event", Event)
def test_the_database_refuses_a_notice_without_what_makes_it_unique(event, record):
    """A NULL is like no other: with one of them the notice could be recorded again and again."""
    notice = record(event)
    for column in (*About, "user", "due_at", "asked_on"):
        if event.spec.needs(column):
            with pytest.raises(IntegrityError), transaction.atomic():
                Notice.objects.filter(pk=notice.pk).update(**{column: None})


@pytest.mark.django_db
def test_a_seat_may_become_free_again_and_again(record, bob):
    notice = record(Event.SEAT)
    assert fan_out.record_event(Event.SEAT, notice.discussion, user=bob) is not None


def test_the_table_names_only_what_there_is():
    assert set(recipients.AUDIENCES) == set(Audience)
    assert set(recipients.CONDITIONS) == set(Condition)
    columns = {field.name for field in Notice._meta.get_fields()}
    longest = Notice._meta.get_field("event").max_length
    for event in Event:
        assert len(event.value) <= longest
        assert set(event.spec.once_per or ()) <= columns
        if reminder := event.spec.reminder:
            assert set(reminder.unless_told) <= set(Event.values)
    assert {event.spec.kind for event in Event} == set(MailKind)
    assert all(kind.default in kind.deliveries for kind in MailKind)
