"""Forms for discussions: date, place and papers."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from papers.discussions import times
from papers.forms.links import LinkField
from papers.models import Discussion, Group, Paper
from papers.services.agenda import MAX_AGENDA_ITEMS
from papers.services.scheduling import MAX_REPEATS

LINK_FIELD = Discussion._meta.get_field("link")
LONGEST_MEETING = 24 * 60  # minutes
TOO_FAR = timedelta(days=2 * 366)
DAY_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
HOUR_INPUT = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
ONCE = ""
EARLIEST_RECORDED = date(1970, 1, 1)
OTHER_PAPERS = "This is the top of the ranking. For any other paper, begin at that paper's page."
IS_PAST = "That time is in the past. Choose a later one."


def validate_near(day: date) -> None:
    """Raise ValidationError if ``day`` is over two years away: the year is a slip.

    Some far years cannot even be converted to every time zone.
    """
    ahead = day - timezone.now().date()
    if abs(ahead) > TOO_FAR:
        away = "ahead" if ahead > TOO_FAR else "ago"
        raise ValidationError(f"This date is more than two years {away}. Check the year.")


def validate_remembered(day: date) -> None:
    """Raise ValidationError if ``day`` is longer ago than any meeting that is worth recording."""
    if day < EARLIEST_RECORDED or day > timezone.now().date() + timedelta(days=1):
        earliest = f"{EARLIEST_RECORDED:%Y}"
        raise ValidationError(f"Choose a day in the past, from {earliest} on. Check the year.")


def times_are_in(zone: ZoneInfo) -> str:
    """The sentence that says in which zone a form reads times."""
    return f"Times are in {zone.key}."


class PlaceForm(forms.Form):
    """The place of a meeting and its number of seats."""

    place = forms.CharField(required=False, max_length=200)
    link = LinkField(max_length=LINK_FIELD.max_length, label="Video link")
    seats = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000,
        help_text="In the room. When all seats are taken, people join a waiting list. "
        "Leave empty for no limit.",
    )

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.group = group
        self.zone = times.group_zone(group)

    @property
    def place_values(self) -> dict[str, Any]:
        """The fields of the place; for a valid form only."""
        return {name: self.cleaned_data[name] for name in ("place", "link", "seats")}


class MeetingForm(PlaceForm):
    """The time of a meeting in the group's time zone, and its place."""

    day = forms.DateField(widget=DAY_INPUT, validators=[validate_near])
    hour = forms.TimeField(label="Begins at", widget=HOUR_INPUT)
    minutes = forms.IntegerField(min_value=5, max_value=LONGEST_MEETING, label="Length in minutes")
    field_order = ["day", "hour", "minutes", "place", "link", "seats"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hour"].help_text = times_are_in(self.zone)

    @property
    def discussion_values(self) -> dict[str, Any]:
        """The changes to an existing meeting; for a valid form only."""
        span = {name: self.cleaned_data[name] for name in ("starts_at", "ends_at")}
        return span | self.place_values

    @classmethod
    def initial_of(cls, discussion: Discussion) -> dict[str, Any]:
        """The initial values for an existing meeting."""
        starts_at = discussion.starts_at.astimezone(times.group_zone(discussion.group))
        minutes = (discussion.ends_at - discussion.starts_at).total_seconds() // 60
        return {
            "day": starts_at.date(),
            "hour": starts_at.time(),
            "minutes": int(minutes),
            "place": discussion.place,
            "link": discussion.link,
            "seats": discussion.seats,
        }

    def clean(self):
        """Add ``starts_at`` and ``ends_at`` to the cleaned data."""
        data = super().clean()
        if data.get("day") and data.get("hour") is not None:
            data["starts_at"] = times.local_moment(data["day"], data["hour"], self.zone)
            data["ends_at"] = data["starts_at"] + timedelta(minutes=data.get("minutes") or 0)
        return data


class PapersField(forms.ModelMultipleChoiceField):
    """Papers of a group to tick. It shows some of them, and accepts any other of the group."""

    def __init__(self, **kwargs):
        super().__init__(
            queryset=Paper.objects.none(),
            required=False,
            label="Papers",
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def limit_to_group(self, group: Group, shown: Iterable[Paper]) -> None:
        """Accept any paper of ``group``, show a checkbox for each of ``shown``, and say so."""
        self.queryset = Paper.objects.in_group(group)
        self.choices = [(paper.pk, paper.title) for paper in shown]
        self.help_text = OTHER_PAPERS

    def clean(self, value):
        papers = super().clean(value)
        if len(papers) > MAX_AGENDA_ITEMS:
            raise ValidationError(f"An agenda has at most {MAX_AGENDA_ITEMS} papers.")
        return papers


class ScheduleForm(MeetingForm):
    """A new meeting, or a series of meetings at the same hour."""

    papers = PapersField()
    every = forms.TypedChoiceField(
        coerce=int,
        empty_value=0,
        required=False,
        label="Repeat",
        choices=[(ONCE, "Only once"), (1, "Every week"), (2, "Every two weeks")],
    )
    times = forms.IntegerField(
        required=False,
        min_value=2,
        max_value=MAX_REPEATS,
        label="How many meetings",
        help_text="For repeated meetings. The papers above are for the first one.",
    )
    field_order = ["papers", "day", "hour", "minutes", "place", "link", "seats", "every", "times"]

    def __init__(self, *args, shown, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["papers"].limit_to_group(self.group, shown)

    def clean(self):
        data = super().clean()
        if data.get("starts_at") and data["starts_at"] < timezone.now():
            self.add_error("day", f"{IS_PAST} You can also record a past meeting.")
        if data.get("every") and not data.get("times") and "times" not in self.errors:
            self.add_error("times", "Enter the number of meetings.")
        return data


class PastMeetingForm(MeetingForm):
    """A meeting that has taken place: its time, place and papers."""

    papers = PapersField()
    day = forms.DateField(widget=DAY_INPUT, validators=[validate_remembered])
    link = seats = None
    field_order = ["papers", "day", "hour", "minutes", "place"]

    def __init__(self, *args, shown, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["papers"].limit_to_group(self.group, shown)

    def clean(self):
        data = super().clean()
        if data.get("ends_at") and data["ends_at"] > timezone.now():
            self.add_error("day", "This meeting is not over yet. Schedule it instead.")
        return data


class ClosingDayForm(forms.Form):
    """The last day of a written discussion, in the group's time zone."""

    closes_on = forms.DateField(
        widget=DAY_INPUT, validators=[validate_near], label="Closes at the end of"
    )

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.group, self.zone = group, times.group_zone(group)
        self.fields["closes_on"].help_text = times_are_in(self.zone)

    @property
    def discussion_values(self) -> dict[str, Any]:
        """The changes to an existing discussion; for a valid form only."""
        return {"ends_at": self.cleaned_data["closes_on"]}

    @classmethod
    def initial_of(cls, discussion: Discussion) -> dict[str, Any]:
        """The initial values for an existing discussion."""
        zone = times.group_zone(discussion.group)
        return {"closes_on": discussion.ends_at.astimezone(zone).date()}

    def clean_closes_on(self) -> datetime:
        """The moment at which it closes."""
        ends_at = times.end_of_day(self.cleaned_data["closes_on"], self.zone)
        if ends_at <= timezone.now():
            raise ValidationError("That day is in the past. Choose a later one.")
        return ends_at


class WrittenDiscussionForm(ClosingDayForm):
    """A new written discussion, which has a closing day and no hour."""

    papers = PapersField()
    field_order = ["papers", "closes_on"]

    def __init__(self, *args, shown, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["papers"].limit_to_group(self.group, shown)

    def clean_papers(self):
        if not self.cleaned_data["papers"]:
            raise ValidationError("Choose at least one paper.")
        return self.cleaned_data["papers"]


class AddPaperForm(forms.Form):
    """Adds a paper of the group to an agenda."""

    paper = forms.ModelChoiceField(Paper.objects.none())

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["paper"].queryset = Paper.objects.in_group(group)


class MinutesForm(forms.Form):
    minutes = forms.IntegerField(required=False, min_value=1, max_value=LONGEST_MEETING)


class DirectionForm(forms.Form):
    direction = forms.ChoiceField(choices=[("up", "Up"), ("down", "Down")])
