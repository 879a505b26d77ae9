"""The kinds of mail that members choose about, and how each of them can come."""

from django.db import models


class Delivery(models.TextChoices):
    """How a member gets the mails of one kind."""

    NOW = "now", "Immediately"
    DIGEST = "digest", "Daily digest"
    OFF = "off", "Never"


class MailKind(models.TextChoices):
    """A kind of mail, which members choose a delivery for: its default delivery and its label.

    Quiet by default: what one acts on comes at once, what one reads once a day.
    """

    default: Delivery

    def __new__(cls, value: str, default: Delivery) -> "MailKind":
        kind = str.__new__(cls, value)
        kind._value_, kind.default = value, default
        return kind

    POLL = "poll", Delivery.NOW, "A date poll is opened"
    UNANSWERED = "unanswered", Delivery.NOW, "Reminder to answer a date poll"
    DATE = "date", Delivery.NOW, "A meeting is scheduled, changed or cancelled"
    MINE = "mine", Delivery.NOW, "I get or lose a seat, or am asked to present"
    WAITING = "waiting", Delivery.DIGEST, "My place on the waiting list changes"
    DAY = "day", Delivery.NOW, "Reminder, 24 hours before"
    HOUR = "hour", Delivery.OFF, "Reminder, 1 hour before"
    OUTCOMES = "outcomes", Delivery.DIGEST, "The outcome of a meeting"
    MENTION = "mention", Delivery.NOW, "Somebody mentions me in a comment"
    REPLY = "reply", Delivery.DIGEST, "Somebody replies to my comment"
    PAPERS = "papers", Delivery.DIGEST, "New papers, from a listing or proposed by a member"

    @property
    def deliveries(self) -> list[Delivery]:
        """The deliveries that a member can choose."""
        # A digest would arrive after the hour that it reminds of.
        return [one for one in Delivery if self is not MailKind.HOUR or one is not Delivery.DIGEST]


DEFAULT_DELIVERIES: dict[str, Delivery] = {kind.value: kind.default for kind in MailKind}
