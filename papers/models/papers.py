"""Papers and the queries for lists of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypedDict, TypeVar

from django.core.validators import URLValidator
from django.db import connections, models
from django.db.models.functions import Coalesce
from django.urls import reverse

from papers.models.groups import Group, Topic
from papers.models.people import User, former_member

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import WithAnnotations

_Paper = TypeVar("_Paper", bound="Paper", covariant=True)


# Columns that follow from the texts of a paper: save them with any of its columns.
SAVED_WITH_TEXTS = [
    "identity",
    "title_key",
    "body_key",
    "link_key",
    "title_edited",
    "abstract_edited",
    "updated_at",
]


class LastMeeting(TypedDict):
    """The annotation of `PaperQuerySet.recently_discussed`."""

    met_at: datetime | None


class PaperQuerySet(models.QuerySet[_Paper]):
    def in_group(self, group: Group) -> Self:
        return self.filter(group=group)

    def few_in_group(self, group: Group) -> Self:
        """The papers of ``group``, for use with another condition that few papers meet.

        A sum is not a column, so the database finds the papers by the other condition, and not by
        an index that begins with the group, which has all of its papers.
        """
        return self.alias(of_group=models.F("group") + 0).filter(of_group=group.pk)

    def among(self, ids: Any) -> Self:
        """The papers whose id is in ``ids``, a subquery: a queryset or raw SQL.

        Only the first of several such conditions is on a bare column. SQLite would take two for
        columns of an index that begins with the group, and go through each pair of their ids; for
        a sum it only looks up what the first condition has found.
        """
        if connections[self.db].vendor != "sqlite":
            return self.filter(pk__in=ids)
        if "plain_id" not in self.query.annotations:
            return self.alias(plain_id=models.F("pk")).filter(plain_id__in=ids)
        return self.alias(summed_id=models.F("pk") + 0).filter(summed_id__in=ids)

    def recently_discussed(self) -> PaperQuerySet[WithAnnotations[_Paper, LastMeeting]]:
        """The discussed papers, latest first, annotated with `LastMeeting`.

        ``met_at`` is NULL if an organiser set the status without a meeting: then the time of that
        change counts for the order.
        """
        held = models.Q(agenda_items__discussion__state="held")
        met_at = models.Max("agenda_items__discussion__starts_at", filter=held)
        papers = self.filter(status=Paper.Status.DISCUSSED).annotate(met_at=met_at)
        return papers.order_by(Coalesce("met_at", "updated_at").desc(), "-pk")


class Paper(models.Model):
    """A paper of one group: its text, and the figures of a listing captured on ``captured_on``.

    ``upvotes`` and ``comment_count`` come from elsewhere (the page that was listed); they never
    count what this group does.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        SCHEDULED = "scheduled"
        DISCUSSED = "discussed"
        SET_ASIDE = "set-aside", "Set aside"

    group = models.ForeignKey(Group, models.PROTECT, related_name="papers", db_index=False)
    identity = models.CharField(max_length=255, editable=False)
    title_key = models.CharField(max_length=255, editable=False)
    body_key = models.CharField(max_length=32, editable=False)
    # The beginning of the citation key. Others cite the paper by it: no edit changes it.
    citation_stem = models.CharField(max_length=30, editable=False)

    title = models.CharField(max_length=1000)
    abstract = models.TextField(blank=True)
    arxiv_id = models.CharField("arXiv id", max_length=40, blank=True)
    doi = models.CharField("DOI", max_length=255, blank=True)
    link = models.URLField(
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text="Where it can be read, if neither arXiv nor a DOI leads there.",
    )
    link_key = models.CharField(max_length=255, blank=True, editable=False)
    author_count = models.PositiveIntegerField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    # For sorting lists: PostgreSQL and SQLite do not agree where NULL belongs.
    dated_on = models.GeneratedField(
        expression=Coalesce("published_on", models.Value(date(1, 1, 1))),
        output_field=models.DateField(),
        db_persist=True,
    )
    upvotes = models.PositiveIntegerField("upvotes on the source page", default=0)
    comment_count = models.PositiveIntegerField("comments on the source page", default=0)
    captured_on = models.DateField("figures as of", null=True, blank=True)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    # When an organiser pinned the paper to the top of the ranking.
    pinned_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The member who added the paper by hand.
    proposed_by = models.ForeignKey(
        User, models.SET(former_member), null=True, blank=True, editable=False, related_name="+"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="papers")
    # A listing never overwrites a text that was corrected by hand.
    title_edited = models.BooleanField(default=False, editable=False)
    abstract_edited = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField("added", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "group",
                "identity",
                name="one_paper_of_an_identity",
                violation_error_message="The group has this paper already.",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "scheduled", "discussed", "set-aside"]),
                name="paper_status",
            ),
        ]
        # Every index for a group's page begins with the group.
        indexes = [
            models.Index(fields=["group", "-id"], name="paper_new"),
            models.Index(fields=["group", "-dated_on", "-id"], name="paper_date"),
            models.Index(fields=["group", "-upvotes", "-id"], name="paper_upvotes"),
            models.Index(fields=["group", "-comment_count", "-id"], name="paper_comments"),
            models.Index(fields=["group", "status", "-id"], name="paper_status_new"),
            # Also for counts by status and by year without reading a row.
            models.Index(fields=["group", "status", "-dated_on", "-id"], name="paper_status_date"),
            models.Index(
                fields=["group"], name="paper_pinned", condition=~models.Q(pinned_at=None)
            ),
            models.Index(fields=["group", "title_key"], name="paper_title_key"),
            models.Index(fields=["group", "body_key"], name="paper_body_key"),
            models.Index(
                fields=["group", "link_key"],
                name="paper_link_key",
                condition=~models.Q(link_key=""),
            ),
            models.Index(
                fields=["group", "arxiv_id"], name="paper_arxiv", condition=~models.Q(arxiv_id="")
            ),
            models.Index(fields=["group", "doi"], name="paper_doi", condition=~models.Q(doi="")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("paper", args=[self.group.slug, self.pk])

    @property
    def citation_key(self) -> str:
        """The key of the paper in BibTeX, which no other paper has, and no edit changes."""
        return f"{self.citation_stem}p{self.pk}"

    @property
    def is_pinned(self) -> bool:
        return self.pinned_at is not None and self.status == self.Status.OPEN

    @property
    def is_open_for_votes(self) -> bool:
        return self.status in (self.Status.OPEN, self.Status.SCHEDULED)

    def last_discussed_at(self) -> datetime | None:
        """The start of the last meeting held on this paper; None if there was none."""
        held = self.agenda_items.filter(discussion__state="held").order_by("-discussion__starts_at")
        return held.values_list("discussion__starts_at", flat=True).first()

    @property
    def arxiv_url(self) -> str:
        return f"https://arxiv.org/abs/{self.arxiv_id}" if self.arxiv_id else ""

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self.arxiv_id}" if self.arxiv_id else ""

    @property
    def doi_url(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def best_link(self) -> str:
        """Where the paper can be read: on arXiv, by its DOI, or else at its link; "" if unknown."""
        return self.arxiv_url or self.doi_url or self.link
