"""Groups, their members and their topics."""

from __future__ import annotations

import unicodedata
from itertools import count
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from papers.models.people import User
from papers.models.time_zones import validate_time_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from papers.viewer import Viewer

# First parts of the app's own addresses.
RESERVED_SLUGS: tuple[str, ...] = ("accounts", "admin", "demo", "feeds", "groups", "healthz")
RESERVED_SLUGS += ("join", "mail", "me", "readyz", "static")


class GroupQuerySet(models.QuerySet["Group"]):
    def with_member(self, user: User) -> Self:
        """The groups that ``user`` is a member of."""
        return self.filter(memberships__user=user)

    def organised_by(self, user: User) -> Self:
        """The groups that ``user`` may manage: as organiser, or all of them as a superuser."""
        if user.is_superuser:
            return self
        return self.filter(memberships__user=user, memberships__role=Membership.Role.ORGANISER)


class Group(models.Model):
    """A reading group. Its pages are under ``/<slug>/``."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

        __empty__ = "No usual day"

    name = models.CharField(max_length=100)
    slug = models.SlugField(
        max_length=50,
        unique=True,
        help_text="The first part of the address of the group's pages.",
        validators=[
            RegexValidator(
                rf"^({'|'.join(RESERVED_SLUGS)})$",
                "The app uses this word for its own pages. Choose another address.",
                inverse_match=True,
            )
        ],
    )
    time_zone = models.CharField(
        max_length=50,
        default="UTC",
        help_text="Meetings are at this zone's hours. Members see times in their own zone if they "
        "have chosen one.",
        validators=[validate_time_zone],
    )
    weekday = models.PositiveSmallIntegerField(
        "usual weekday", choices=Weekday.choices, null=True, blank=True
    )
    meets_at = models.TimeField("usual hour", null=True, blank=True)
    place = models.CharField("usual place", max_length=200, blank=True)
    link = models.URLField(
        "usual video link",
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
    )
    meets_for = models.PositiveSmallIntegerField(
        "length of a meeting, in minutes",
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 60)],
    )
    anyone_may_schedule = models.BooleanField(
        "members may schedule meetings",
        default=False,
        help_text="Members create meetings and date polls, and manage those they created. "
        "Otherwise only organisers do.",
    )
    anyone_may_ask = models.BooleanField(
        "anyone may ask to join",
        default=False,
        help_text="Anyone who has the link can ask, and organisers accept or decline. Otherwise "
        "people join by invitation only.",
    )
    votes_are_named = models.BooleanField(
        "show who voted",
        default=True,
        help_text="Members see who wants to discuss a paper. Otherwise they see only how many do.",
    )
    fairness_weight = models.PositiveSmallIntegerField(
        "extra points for fairness",
        default=1,
        validators=[MaxValueValidator(10)],
        help_text="Added to a paper in the ranking for each member who wants to discuss it, and "
        "none of whose choices came up recently. 0 turns this off.",
    )
    fairness_meetings = models.PositiveSmallIntegerField(
        "how many recent meetings count",
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="A choice came up recently if it was on the agenda of one of these meetings.",
    )
    # Incremented on every change to the group's papers: counts cached under an older number are
    # stale.
    papers_version = models.PositiveBigIntegerField(default=0, editable=False)
    # When its papers last changed, also those that are gone since; and when its address did, which
    # is in every link. News feeds show both; neither ever goes back.
    papers_changed_at = models.DateTimeField(auto_now_add=True)
    address_changed_at = models.DateTimeField(auto_now_add=True)
    # When an organiser first saved name, time zone and usual hour; NULL: nobody has looked at them.
    set_up_at = models.DateTimeField(null=True, editable=False)
    # When an organiser dismissed the card with the steps of the set-up.
    set_up_dismissed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GroupQuerySet.as_manager()

    # The signed-in user in this group. Set by papers.access on the groups that it returns.
    viewer: Viewer

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.slug])

    def clean(self) -> None:
        """Report an address that was another group's: links to that one still lead there."""
        if FormerSlug.objects.filter(slug=self.slug).exclude(group=self.pk).exists():
            raise ValidationError({"slug": "Another group had this address. Choose another one."})

    def active_user_ids(self) -> QuerySet[Membership, Mapping[str, object]]:
        """The ids of the present members with active accounts, as a subquery."""
        return self.memberships.filter(user__is_active=True).values("user")

    def unused_slug(self, name: str) -> str:
        """An address for ``name`` that no other group has; the present one if it has no letters."""
        stem = slugify(name)[:40] or self.slug
        if stem in RESERVED_SLUGS:
            stem = f"{stem}-group"
        others = Group.objects.exclude(pk=self.pk).filter(slug__startswith=stem)
        taken = set(others.values_list("slug", flat=True))
        numbered = (f"{stem}-{number}" for number in count(2))
        return stem if stem not in taken else next(each for each in numbered if each not in taken)

    def bump_papers_version(self) -> None:
        """Make cached counts stale: the group's papers, or their topics or listings, change.

        Call it in the transaction of the change; the tests fail if a change forgets to.
        """
        Group.objects.filter(pk=self.pk).update(
            papers_version=models.F("papers_version") + 1,
            papers_changed_at=Greatest("papers_changed_at", models.Value(timezone.now())),
        )


class FormerSlug(models.Model):
    """An address that a group had before: links that others keep still lead to the group."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="former_slugs")
    slug = models.SlugField(max_length=50, unique=True)

    def __str__(self) -> str:
        return self.slug


class MembershipQuerySet(models.QuerySet["Membership"]):
    def organisers(self) -> Self:
        """The memberships of organisers."""
        return self.filter(role=Membership.Role.ORGANISER)


class Membership(models.Model):
    """A user in a group."""

    class Role(models.TextChoices):
        MEMBER = "member"
        ORGANISER = "organiser"

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    # When the member last marked all comments as read; NULL: never, ``created_at`` counts instead.
    read_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField("joined", auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["group", "user"]
        constraints = [
            models.UniqueConstraint(
                "group", "user", name="one_membership", violation_error_message="Already a member."
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["member", "organiser"]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"

    @property
    def is_organiser(self) -> bool:
        return self.role == self.Role.ORGANISER


class Topic(models.Model):
    """A label for papers of one group. Case and spaces do not tell two topics apart."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="topics")
    name = models.CharField(max_length=50)
    # The name as it is compared. Not left to the database: SQLite's LOWER knows only ASCII.
    key = models.CharField(max_length=200, editable=False)
    slug = models.SlugField(max_length=60, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint("group", "key", name="one_topic_of_a_name"),
            models.UniqueConstraint("group", "slug", name="one_topic_of_a_slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Report a duplicate name: forms skip constraints on fields that they do not show.

        Raises ValidationError as well if the name contains a comma.
        """
        if "," in self.name:
            raise ValidationError({"name": "Commas separate topics. Leave the comma out."})
        twins = Topic.objects.filter(group=self.group_id, key=self.key_for(self.name))
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError({"name": "The group has this topic already."})

    @staticmethod
    def key_for(name: str) -> str:
        """``name`` as it is compared: NFC, case folded, each run of spaces as one."""
        return " ".join(unicodedata.normalize("NFC", name).casefold().split())

    @classmethod
    def get_or_create(cls, group: Group, name: str) -> Topic:
        """The topic ``name`` of ``group``, created if it is new. Whitespace is collapsed."""
        name = " ".join(name.split())
        topic = cls.objects.filter(group=group, key=cls.key_for(name)).first()
        return topic or cls.objects.create(
            group=group, name=name, key=cls.key_for(name), slug=cls.unused_slug(group, name)
        )

    @classmethod
    def unused_slug(cls, group: Group, name: str) -> str:
        """A slug for ``name`` that no topic of ``group`` has: "c", then "c-2" ..."""
        slug = stem = slugify(name)[:50] or "topic"
        taken = set(
            cls.objects.filter(group=group, slug__startswith=stem).values_list("slug", flat=True)
        )
        number = 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        return slug
