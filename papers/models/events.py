"""The events that members are notified of: one row of a table each, with all that is known of it.

A new kind of mail is a new member of `Event`. The choices and constraints of `Notice`, the members'
mail choices, the recipients and the words of the mail follow from its `EventSpec`.
"""

from datetime import timedelta

from django.db import models

from papers.models.event_specs import About, Audience, Condition, Detail, EventSpec, Reminder, Topic
from papers.models.mail_kinds import MailKind


class Event(models.TextChoices):
    """Something that happens to a discussion, comment, listing or paper, or is due by the clock."""

    spec: EventSpec

    def __new__(cls, spec: EventSpec) -> "Event":
        event = str.__new__(cls, spec.value)
        event._value_, event.spec = spec.value, spec
        return event

    POLL_OPENED = EventSpec(
        "poll-opened",
        kind=MailKind.POLL,
        subject="{group}: when can you come?",
        lead="“{group}” is looking for a date to meet. When can you come?",
        action="Answer the date poll:",
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=(),
    )
    # One mail for each set of dates that is added, and only to those who have to answer them.
    DATES_ADDED = EventSpec(
        "dates-added",
        kind=MailKind.POLL,
        subject="{group}: new dates to choose from",
        lead="A date poll of “{group}” has new dates. Your other answers are saved.",
        action="Answer the new dates:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("sequence",),
        topic=Topic.ADDED_DATES,
    )
    POLL_REMINDED = EventSpec(
        "poll-reminded",
        kind=MailKind.POLL,
        subject="{group}: when can you come? Your answer is missing",
        lead="“{group}” is looking for a date to meet, and your answer is missing.",
        action="Answer the date poll:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("asked_on",),
    )
    POLL_CLOSES = EventSpec(
        "poll-closes",
        kind=MailKind.UNANSWERED,
        subject="{group}: when can you come? The date poll closes soon",
        lead="“{group}” is looking for a date to meet. The date poll closes soon, and your "
        "answer is missing.",
        action="Answer the date poll:",
        audience=Audience.UNANSWERED,
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("due_at",),
        reminder=Reminder(
            timedelta(days=2),
            unless_told=("poll-opened", "dates-added", "poll-reminded", "reopened"),
        ),
    )
    FIXED = EventSpec(
        "fixed",
        kind=MailKind.DATE,
        subject="{group}: meeting on {day}: {what}",
        written_subject="{group}: discussion in writing {day}: {what}",
        lead="{group}: a meeting is scheduled.",
        written_lead="{group}: a written discussion is open.",
        condition=Condition.SCHEDULED,
        details=(Detail.RSVP, Detail.LATER),
        once_per=("sequence",),  # a poll that is reopened has its date chosen again
        topic=Topic.DATE,
    )
    REOPENED = EventSpec(
        "reopened",
        kind=MailKind.DATE,
        subject="{group}: the date is open again: {what}",
        lead="The date of a meeting of “{group}” is withdrawn, and its date poll is open again. "
        "All answers are kept; you can add or change yours.",
        action="Say when you can come:",
        condition=Condition.POLL_OPEN,
        details=(Detail.WITHDRAWN, Detail.DATES),
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    MOVED = EventSpec(
        "moved",
        kind=MailKind.DATE,
        subject="Changed, now {day}: {what}",
        lead="A meeting of “{group}” has changed. These are its new details.",
        written_lead="A written discussion of “{group}” has changed. These are its new details.",
        condition=Condition.SCHEDULED,
        details=(Detail.RSVP,),
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    CANCELLED = EventSpec(
        "cancelled",
        kind=MailKind.DATE,
        subject="Cancelled, {day}: {what}",
        lead="This meeting of “{group}” is cancelled.",
        written_lead="This written discussion of “{group}” is cancelled.",
        audience=Audience.NOT_DECLINED,
        condition=Condition.CANCELLED,
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    REINSTATED = EventSpec(
        "reinstated",
        kind=MailKind.DATE,
        subject="On again, {day}: {what}",
        lead="This meeting of “{group}” was cancelled, but will take place after all.",
        written_lead="This written discussion of “{group}” was cancelled, and takes place after "
        "all.",
        condition=Condition.UPCOMING,
        details=(Detail.RSVP,),
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    # The group has another time zone: one mail about its next meeting, with those after it.
    ZONE = EventSpec(
        "zone",
        kind=MailKind.DATE,
        subject="New time zone, {day}: {what}",
        lead="The time zone of “{group}” has changed. These are its upcoming meetings now.",
        action="The next meeting:",
        condition=Condition.SCHEDULED,
        details=(Detail.LATER,),
        once_per=("sequence",),
        topic=Topic.DATE,
    )
    POLL_ZONE = EventSpec(
        "poll-zone",
        kind=MailKind.POLL,
        subject="{group}: the date poll has a new time zone",
        lead="The time zone of “{group}” has changed. These are the dates of the poll now.",
        action="Answer, or check your answers:",
        condition=Condition.POLL_OPEN,
        details=(Detail.DATES,),
        once_per=("sequence",),
    )
    # Seats may come and go again and again: the lock of the discussion sees to it that each change
    # of the queue is recorded once.
    SEAT = EventSpec(
        "seat",
        kind=MailKind.MINE,
        subject="A seat for you, {day}: {what}",
        lead="A seat at this meeting of “{group}” has become free, and it is yours.",
        audience=Audience.ONE,
        condition=Condition.SEATED,
        details=(Detail.RSVP,),
        once_per=None,
        topic=Topic.SEAT,
        never_waits=True,
    )
    SEAT_LOST = EventSpec(
        "seat-lost",
        kind=MailKind.MINE,
        subject="You are on the waiting list, {day}: {what}",
        lead="This meeting of “{group}” has fewer seats now, and you no longer have one.",
        audience=Audience.ONE,
        condition=Condition.WAITING,
        details=(Detail.RSVP,),
        once_per=None,
        topic=Topic.SEAT,
        never_waits=True,
    )
    WAITING_MOVED = EventSpec(
        "waiting-moved",
        kind=MailKind.WAITING,
        subject="Waiting list, {day}: {what}",
        lead="Your place on the waiting list for this meeting of “{group}” has changed.",
        audience=Audience.ONE,
        condition=Condition.WAITING,
        details=(Detail.RSVP,),
        once_per=None,
        topic=Topic.SEAT,
    )
    PRESENT = EventSpec(
        "present",
        kind=MailKind.MINE,
        subject="Can you present? {day}: {what}",
        lead="“{group}” would like you to present. Please say whether you will.",
        action="Say yes, or decline:",
        audience=Audience.ONE,
        condition=Condition.ASKED,
        once_per=("user", "sequence"),
        topic=Topic.PRESENTING,
        never_waits=True,
    )
    # A presenter offers an item for one that another presents, who is asked once.
    SWAP = EventSpec(
        "swap",
        kind=MailKind.MINE,
        subject="Can you present? {day}: {what}",
        lead="“{group}” would like you to present. Please say whether you will.",
        action="Say yes, or decline:",
        audience=Audience.ONE,
        condition=Condition.ASKED,
        once_per=("user", "item", "swap_for"),
        topic=Topic.PRESENTING,
        never_waits=True,
    )
    DAY = EventSpec(
        "day",
        kind=MailKind.DAY,
        subject="Reminder, {day}: {what}",
        lead="A meeting of “{group}” takes place soon.",
        written_lead="This written discussion of “{group}” closes soon.",
        waiting_subject="Waiting list, {day}: {what}",
        waiting_lead="A meeting of “{group}” takes place soon, and you have no seat yet.",
        audience=Audience.ATTENDING,
        condition=Condition.DUE,
        details=(Detail.RSVP, Detail.QUESTIONS),
        once_per=("due_at",),
        reminder=Reminder(timedelta(days=1), unless_told=("fixed", "moved", "reinstated", "zone")),
    )
    HOUR = EventSpec(
        "hour",
        kind=MailKind.HOUR,
        subject="Soon, {day}: {what}",
        lead="A meeting of “{group}” begins within the hour.",
        waiting_subject="Waiting list, {day}: {what}",
        waiting_lead="A meeting of “{group}” begins within the hour, and you have no seat yet.",
        audience=Audience.ATTENDING,
        condition=Condition.DUE,
        details=(Detail.RSVP, Detail.QUESTIONS),
        once_per=("due_at",),
        reminder=Reminder(timedelta(hours=1), unless_told=("fixed", "moved", "reinstated", "zone")),
    )
    OUTCOMES = EventSpec(
        "outcomes",
        kind=MailKind.OUTCOMES,
        subject="Outcome, {day}: {what}",
        lead="“{group}” has met. This is the outcome.",
        written_lead="“{group}” has finished a written discussion. This is the outcome.",
        action="The outcome, with the notes:",
        condition=Condition.HELD,
        details=(Detail.OUTCOMES,),
        once_per=("sequence",),
    )
    MENTIONED = EventSpec(
        "mentioned",
        kind=MailKind.MENTION,
        about=About.COMMENT,
        subject="{who} mentioned you: {what}",
        lead="{who} mentioned you in a comment on “{what}” in “{group}”.",
        action="Read the comment, and reply:",
        audience=Audience.ONE,
        condition=Condition.MENTIONED,
        once_per=("user",),
    )
    REPLIED = EventSpec(
        "replied",
        kind=MailKind.REPLY,
        about=About.COMMENT,
        subject="{who} replied to you: {what}",
        lead="{who} replied to your comment on “{what}” in “{group}”.",
        action="Read the comment, and reply:",
        audience=Audience.ONE,
        condition=Condition.REPLIED,
        once_per=("user",),
    )
    # At the end of applying it, however many batches that takes.
    LISTING_APPLIED = EventSpec(
        "listed",
        kind=MailKind.PAPERS,
        about=About.LISTING,
        subject="{group}: {papers}",
        lead="A listing has added {papers} to “{group}”.",
        action="See the papers, and vote:",
        condition=Condition.LISTED,
        once_per=(),
    )
    PAPER_PROPOSED = EventSpec(
        "proposed",
        kind=MailKind.PAPERS,
        about=About.PAPER,
        subject="{group}: {who} proposed “{what}”",
        lead="{who} proposed a paper to “{group}”.",
        action="See the paper, and vote:",
        condition=Condition.PROPOSED,
        once_per=(),
    )


EVENT_SPECS: dict[str, EventSpec] = {event.value: event.spec for event in Event}
