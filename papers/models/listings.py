"""Uploaded listings, and their entries until these become papers."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.groups import Group
from papers.models.papers import Paper
from papers.models.people import former_member

UNSURE_BELOW = 0.9  # a person checks each entry whose title was cut with less confidence


class Listing(models.Model):
    """One upload and the progress of its import."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"  # stored, not read yet, or not readable: ``problem`` says why
        STAGED = "staged"  # read; an organiser checks the entries
        APPLYING = "applying"
        APPLIED = "applied"
        TAKING_BACK = "taking-back"
        TAKEN_BACK = "taken-back"

    group = models.ForeignKey(Group, models.PROTECT, related_name="listings")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    captured_on = models.DateField(null=True)
    encoding = models.CharField(max_length=20, blank=True)
    format = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UPLOADED)
    problem = models.TextField(blank=True)
    entry_count = models.PositiveIntegerField(default=0)
    # The ``papers_version`` of the group when the entries were compared; stale if it differs.
    compared_version = models.PositiveBigIntegerField(null=True)
    # When the work last made progress: a long silence means that its worker is gone.
    worked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), null=True, related_name="+"
    )
    created_at = models.DateTimeField("uploaded", auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["group", "-id"], name="listing_new")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="uploaded") | Q(captured_on__isnull=False),
                name="listing_read_with_a_capture_date",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "uploaded",
                        "staged",
                        "applying",
                        "applied",
                        "taking-back",
                        "taken-back",
                    ]
                ),
                name="listing_state",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def raw_bytes(self) -> bytes:
        """The bytes as they were uploaded."""
        return bytes(self.upload.content)

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.APPLYING, self.State.TAKING_BACK)

    @property
    def is_deletable(self) -> bool:
        """Whether nothing in the papers comes from this listing: else its raw text must stay."""
        if self.applied_at is None:
            return not self.is_busy
        taken_back = self.state == self.State.TAKEN_BACK
        return taken_back and not self.entries.exclude(kept="").exists()


class Upload(models.Model):
    """The bytes of a listing as they were uploaded. A table of its own: they may be megabytes."""

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="upload")
    content = models.BinaryField()


IS_UNSURE = Q(problem="", checked=False, left_out=False) & (
    Q(confidence__lt=UNSURE_BELOW) | ~Q(doubts="")
)
NEEDS_A_LOOK = IS_UNSURE | Q(plan__in=["problem", "lookalike"], checked=False, left_out=False)


class EntryQuerySet(models.QuerySet["ListingEntry"]):
    def unsure(self) -> Self:
        """The entries for which `ListingEntry.is_unsure` is true."""
        return self.filter(IS_UNSURE)

    def needing_a_look(self) -> Self:
        """The entries of a staged listing that a person should check before it is applied."""
        return self.filter(NEEDS_A_LOOK)

    def needing_none(self) -> Self:
        """The entries of a staged listing that are not `needing_a_look`."""
        return self.exclude(NEEDS_A_LOOK)

    def applied_to_papers(self) -> Self:
        """The applied entries: their ``paper`` is what they became, not what they would become."""
        outcome = ListingEntry.Outcome
        return self.filter(outcome__in=[outcome.CREATED, outcome.UPDATED, outcome.UNCHANGED])

    def not_yet_applied(self) -> Self:
        """The entries that are yet to be applied."""
        return self.filter(outcome="")


class ListingEntry(models.Model):
    """One entry of a listing, or (with a ``problem``) a part of the text that is none."""

    class Plan(models.TextChoices):
        """The effect that applying would have now."""

        CREATE = "create", "New"
        LOOKALIKE = "lookalike", "Looks like another"
        UPDATE = "update", "Changed"
        UNCHANGED = "unchanged", "Already here"
        REPEATED = "repeated", "Twice in this listing"
        PROBLEM = "problem", "Problem"

    class Outcome(models.TextChoices):
        """The effect that applying had."""

        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        LEFT_OUT = "left-out", "Left out"
        PROBLEM = "problem"

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="entries", db_index=False)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    problem = models.TextField(blank=True)
    excerpt = models.TextField(blank=True)

    title = models.CharField(max_length=1000, blank=True)
    abstract = models.TextField(blank=True)
    arxiv_id = models.CharField("arXiv id", max_length=40, blank=True)
    doi = models.CharField("DOI", max_length=255, blank=True)
    upvotes = models.PositiveIntegerField(default=0)
    author_count = models.PositiveIntegerField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    year_inferred = models.BooleanField(default=False)
    comment_count = models.PositiveIntegerField(default=0)
    confidence = models.FloatField(default=1.0)
    doubts = models.TextField(blank=True)  # one sentence per line
    identity = models.CharField(max_length=255, blank=True)
    title_key = models.CharField(max_length=255, blank=True)
    body_key = models.CharField(max_length=32, blank=True)
    citation_stem = models.CharField(max_length=30, blank=True)

    checked = models.BooleanField(default=False)  # a person confirmed or corrected it
    edited = models.BooleanField(default=False)  # a person corrected title or abstract
    left_out = models.BooleanField(default=False)
    plan = models.CharField(max_length=10, choices=Plan.choices, default=Plan.CREATE)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    paper = models.ForeignKey(
        Paper, models.SET_NULL, null=True, related_name="entries", verbose_name="became"
    )
    looks_like = models.ForeignKey(Paper, models.SET_NULL, null=True, related_name="+")
    # The values that an update replaced, by field, for taking it back.
    replaced = models.JSONField(null=True)
    # Why taking back kept something from this entry.
    kept = models.CharField(max_length=200, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "listing entries"
        constraints = [
            models.UniqueConstraint("listing", "position", name="one_entry_at_a_position"),
        ]
        indexes = [
            models.Index(fields=["listing", "outcome", "position"], name="entry_outcome"),
            models.Index(fields=["listing", "plan", "position"], name="entry_plan"),
        ]

    def __str__(self) -> str:
        return self.title or self.problem

    @property
    def title_and_abstract(self) -> str:
        """Title and abstract as one text, to which the offsets of a cut refer."""
        return f"{self.title} {self.abstract}".rstrip()

    @property
    def is_unsure(self) -> bool:
        is_settled = bool(self.problem) or self.checked or self.left_out
        return not is_settled and (self.has_unsure_title or bool(self.doubts))

    @property
    def has_unsure_title(self) -> bool:
        return self.confidence < UNSURE_BELOW
