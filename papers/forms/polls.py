"""Forms for a date poll: its dates, a member's answers, and the choice of a date."""

from datetime import datetime, timedelta
from typing import Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from papers.discussions import times
from papers.forms.discussions import (
    DAY_INPUT,
    HOUR_INPUT,
    IS_PAST,
    LONGEST_MEETING,
    TOO_FAR,
    PapersField,
    PlaceForm,
    times_are_in,
    validate_near,
)
from papers.models import Availability, DateOption, Discussion, Paper
from papers.models.polls import MAX_DATE_OPTIONS

EMPTY_ROWS = 4  # shown at first; the rest is folded
MOST_QUORUM = 1000  # members

DateRow = tuple[BoundField, BoundField]  # day, hour


class PollDatesForm(PlaceForm):
    """The dates of a poll in the group's time zone, and how it ends.

    Each date is a row of a day and an hour. A row without a day is ignored, and an hour that is
    empty is that of the row above. A valid form has the dates in ``options``, as (start, end).
    """

    minutes = forms.IntegerField(min_value=5, max_value=LONGEST_MEETING, label="Length in minutes")
    answer_by = forms.DateField(
        required=False,
        widget=DAY_INPUT,
        validators=[validate_near],
        label="Answer by the end of",
        help_text="Leave empty for no deadline.",
    )
    quorum = forms.IntegerField(
        required=False,
        max_value=MOST_QUORUM,
        validators=[MinValueValidator(1)],
        label="Choose the best date automatically if this many say yes by then",
        help_text="Leave empty to choose the date yourself.",
    )
    field_order = ["papers", "minutes", "answer_by", "quorum", "place", "link", "seats"]

    def __init__(self, *args, group, most=MAX_DATE_OPTIONS, proposed=(), known=(), **kwargs):
        """Show ``most`` rows, the first with the starts ``proposed``; refuse those in ``known``."""
        super().__init__(*args, group=group, **kwargs)
        self.known = known
        self.most, self.shown = most, min(most, len(proposed) + EMPTY_ROWS)
        self.fields["answer_by"].help_text += f" {times_are_in(self.zone)}"
        for number in range(most):
            begins = proposed[number] if number < len(proposed) else None
            day, at = f"day_{number}", f"hour_{number}"
            self.fields[day] = forms.DateField(
                required=False, widget=DAY_INPUT, validators=[validate_near]
            )
            self.fields[at] = forms.TimeField(required=False, widget=HOUR_INPUT)
            self.fields[day].label = f"Day of date {number + 1}"
            self.fields[at].label = f"Hour of date {number + 1}"
            self.initial[day] = begins and begins.date()
            self.initial[at] = begins and begins.time()

    @property
    def date_rows(self) -> list[DateRow]:
        """All rows, each a pair of bound fields (day, hour)."""
        return [(self[f"day_{number}"], self[f"hour_{number}"]) for number in range(self.most)]

    @property
    def shown_rows(self) -> list[DateRow]:
        return self.date_rows[: self.shown]

    @property
    def folded_rows(self) -> list[DateRow]:
        return self.date_rows[self.shown :]

    @property
    def has_folded_input(self) -> bool:
        """Whether one of the folded rows has a day or an error."""
        return self.is_bound and any(day.value() or day.errors for day, _ in self.folded_rows)

    @property
    def other_fields(self) -> list[BoundField]:
        """The fields outside the rows."""
        return [self[name] for name in self.fields if not name.startswith(("day_", "hour_"))]

    def clean_answer_by(self) -> datetime | None:
        """The deadline for answers."""
        day = self.cleaned_data["answer_by"]
        if day is None:
            return None
        if not timezone.now() < times.end_of_day(day, self.zone) < timezone.now() + TOO_FAR:
            raise ValidationError("Choose a day in the future, within two years.")
        return times.end_of_day(day, self.zone)

    def clean(self):
        data = super().clean()
        self.options, seen, hour = [], set(self.known), None
        for number in range(self.most):
            if data.get(f"day_{number}"):
                hour = data.get(f"hour_{number}") or hour
                self._clean_row(data, number, hour, seen)
        last = max(seen, default=None)
        if data.get("answer_by") and last and data["answer_by"] > last:
            self.add_error(
                "answer_by", "This is after the last of the dates. Choose an earlier day."
            )
        if data.get("quorum") and not data.get("answer_by") and "answer_by" not in self.errors:
            self.add_error("answer_by", "Enter a deadline: the date is chosen automatically then.")
        return data

    def _clean_row(self, data, number, hour, seen):
        """Add the row, at ``hour``, to ``options``, or an error to its fields."""
        if f"hour_{number}" in self.errors:
            return
        if hour is None:
            self.add_error(f"hour_{number}", "Enter an hour for this date.")
            return
        begins = times.local_moment(data[f"day_{number}"], hour, self.zone)
        now = timezone.now()
        problem = IS_PAST if begins < now else ""
        problem = problem or ("This date is in the poll already." if begins in seen else "")
        if begins > now + TOO_FAR:
            problem = "This date is more than two years ahead. Check the year."
        if problem:
            self.add_error(f"day_{number}", problem)
            return
        seen.add(begins)
        self.options.append((begins, begins + timedelta(minutes=data.get("minutes") or 1)))


class PollForm(PollDatesForm):
    """A new date poll."""

    papers = PapersField()

    def __init__(self, *args, group, shown, **kwargs):
        super().__init__(*args, group=group, **kwargs)
        self.fields["papers"].limit_to_group(group, shown)

    def clean(self):
        data = super().clean()
        if not self.options and not any(name.startswith(("day_", "hour_")) for name in self.errors):
            self.add_error("day_0", "Enter at least one date.")
        return data


class PollEditForm(PollDatesForm):
    """Edits an open poll: further dates, its deadline, quorum and place."""

    @classmethod
    def for_poll(
        cls, discussion: Discussion, options: list[DateOption], data: QueryDict | None
    ) -> Self:
        """The form for ``discussion``, whose dates are ``options``."""
        zone = times.group_zone(discussion.group)
        until = discussion.answer_by
        first = options[0] if options else None
        minutes = (first.ends_at - first.starts_at).total_seconds() // 60 if first else 60
        return cls(
            data,
            group=discussion.group,
            most=MAX_DATE_OPTIONS - len(options),
            known=[option.starts_at for option in options],
            initial={
                "minutes": int(minutes),
                "answer_by": until and until.astimezone(zone).date(),
                "quorum": discussion.quorum,
                "place": discussion.place,
                "link": discussion.link,
                "seats": discussion.seats,
            },
        )


class AvailabilityForm(forms.Form):
    """A member's answers, one field for each of ``options``. An answer that is not sent stays."""

    def __init__(self, data, *, options, **kwargs):
        super().__init__(data, **kwargs)
        for option in options:
            self.fields[f"option-{option.pk}"] = forms.ChoiceField(
                required=False, choices=Availability.Answer.choices
            )

    @property
    def answers_by_option(self) -> dict[int, str]:
        """The sent answers by the id of the option; for a valid form only."""
        return {
            int(name.removeprefix("option-")): answer
            for name, answer in self.cleaned_data.items()
            if name in self.data
        }


class ChooseDateForm(forms.Form):
    """Chooses the date, and may add a paper: ``pick`` holds both ids, "12:34"."""

    pick = forms.RegexField(r"^\d{1,18}:(\d{1,18})?$")

    def __init__(self, *args, discussion, **kwargs):
        super().__init__(*args, **kwargs)
        self.discussion = discussion

    def clean_pick(self) -> tuple[DateOption, list[Paper]]:
        """The option of this poll, and the papers of its group: one or none.

        Raises ValidationError if two picks were sent, since it is not clear which one is meant.
        """
        if len(self.data.getlist(self.add_prefix("pick"))) > 1:
            raise ValidationError("Choose one.")
        option_id, _, paper_id = self.cleaned_data["pick"].partition(":")
        option = self.discussion.options.select_related("discussion").filter(pk=option_id).first()
        papers = self.discussion.group.papers.filter(pk=paper_id or 0)
        if option is None or len(papers) < bool(paper_id):
            raise ValidationError("That date or paper does not exist any more.")
        return option, list(papers)
