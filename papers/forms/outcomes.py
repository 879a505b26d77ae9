"""Forms for reading states, for questions and notes at a meeting, and for its outcomes."""

from typing import Self

from django import forms
from django.core.exceptions import ValidationError

from papers.forms.comments import BodyField
from papers.forms.links import LinkField
from papers.models import AgendaItem, Comment, Discussion, Paper, Reading
from papers.models.discussions import MAX_NOTES_LENGTH

MARKDOWN_HELP = "Markdown, math in $dollars$."
OUTCOME_FIELD = "papers/_outcome_field.html"
LONGEST_LINK = AgendaItem._meta.get_field("slides").max_length


class ReadingStateForm(forms.Form):
    """A member's reading state of a paper; the empty one withdraws it."""

    state = forms.ChoiceField(choices=[("", "Nothing"), *Reading.State.choices], required=False)

    def clean(self):
        """Refuse data without the field, which would otherwise withdraw the state."""
        if "state" not in self.data:
            raise ValidationError("Choose how far you have read it.")


class TickQuestionForm(forms.Form):
    """Marks one of ``questions``, a queryset, as talked about or still open."""

    comment = forms.ModelChoiceField(Comment.objects.none())
    answered = forms.TypedChoiceField(
        choices=[("yes", "Talked about"), ("no", "Still open")],
        coerce=lambda value: value == "yes",
    )

    def __init__(self, *args, questions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["comment"].queryset = questions


class PaperChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, paper):
        return paper.title


class AskQuestionForm(forms.Form):
    """A question raised at the meeting, about one of ``papers``, a queryset."""

    paper = PaperChoiceField(Paper.objects.none(), label="On", empty_label=None)
    body = BodyField()

    def __init__(self, *args, papers, **kwargs):
        super().__init__(*args, auto_id="ask_%s", **kwargs)
        self.fields["paper"].queryset = papers
        self.fields["body"].widget.attrs["rows"] = 2
        self.fields["body"].label = "Question"


class OptionalTextField(BodyField):
    """An optional text of at most ``longest`` characters."""

    def __init__(self, *, longest, rows, label=None):
        super().__init__()
        self.required, self.longest, self.label = False, longest, label
        self.help_text = MARKDOWN_HELP
        self.widget.attrs["rows"] = rows
        self.template_name = OUTCOME_FIELD

    def validate(self, value):
        if len(value) > self.longest:
            raise ValidationError(
                f"These are {len(value):,} characters; {self.longest:,} is the limit."
            )


class NotesForm(forms.Form):
    """The shared notes, and the version that this edit is based on."""

    notes = OptionalTextField(longest=MAX_NOTES_LENGTH, rows=12, label="Notes")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def clean(self):
        """Refuse data without notes, which would otherwise erase them."""
        if "notes" not in self.data:
            self.add_error("notes", "Nothing was sent. Reload the page.")

    @classmethod
    def for_discussion(cls, discussion: Discussion, notes: str | None = None) -> Self:
        """An unbound form with ``notes``, by default those of ``discussion``."""
        notes = discussion.notes if notes is None else notes
        return cls(initial={"notes": notes, "version": discussion.notes_version})


class ReadTogetherForm(forms.Form):
    """Sets whether the group reads together for the first minutes."""

    on = forms.TypedChoiceField(
        choices=[("yes", "Read together"), ("no", "Do not")], coerce=lambda value: value == "yes"
    )


class OutcomeForm(forms.Form):
    """The outcome of one paper on an agenda."""

    reached = forms.BooleanField(required=False, label="We discussed it")
    presenter = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label="Presented by",
        template_name=OUTCOME_FIELD,
    )
    verdict = forms.ChoiceField(
        choices=[*AgendaItem.Verdict.choices, ("", "No verdict")],
        required=False,
        widget=forms.RadioSelect,
        label="Was it worth it?",
    )
    takeaways = OptionalTextField(longest=10_000, rows=4, label="Take-aways")
    open_questions = OptionalTextField(longest=10_000, rows=3, label="Open questions")
    slides = LinkField(
        max_length=LONGEST_LINK, label="Link to the slides", template_name=OUTCOME_FIELD
    )
    OUTCOME_FIELDS = ("verdict", "takeaways", "open_questions", "slides")

    def __init__(self, *args, item, discussion, members, **kwargs):
        initial = {name: getattr(item, name) for name in self.OUTCOME_FIELDS} | {"reached": True}
        initial["presenter"] = item.presenter_id or ""
        super().__init__(*args, prefix=f"i{item.pk}", initial=initial, **kwargs)
        self.item = item
        if discussion.is_held:  # papers that were not reached have left the agenda
            del self.fields["reached"]
        if discussion.is_written:
            del self.fields["presenter"]
        else:
            self.fields["presenter"].choices = _presenter_choices(item, members)

    def clean(self):
        data = super().clean()
        if data.get("reached", True) is False and any(
            data.get(name) for name in self.OUTCOME_FIELDS
        ):
            self.add_error("reached", "This paper has an outcome. Tick that you discussed it.")
        return data

    @property
    def is_sent(self) -> bool:
        """Whether the submitted page had this paper; if not, its outcome stays as it is."""
        return self.add_prefix("takeaways") in self.data

    @property
    def outcome_values(self) -> dict[str, str]:
        """The fields of the agenda item, by name; for a valid form only."""
        return (
            {name: self.cleaned_data[name] for name in self.OUTCOME_FIELDS} if self.is_sent else {}
        )

    @property
    def sets_presenter(self) -> bool:
        """Whether the submitted page had the field; if not, the presenter stays."""
        return self.add_prefix("presenter") in self.data and "presenter" in self.fields

    @property
    def is_reached(self) -> bool:
        return not self.is_sent or self.cleaned_data.get("reached", True)


def _presenter_choices(item, members):
    """Nobody, the ``members``, and the presenter of ``item`` if they have left the group."""
    people = {member.pk: str(member) for member in members}
    if item.presenter_id:
        people.setdefault(item.presenter_id, str(item.presenter))
    return [("", "Nobody"), *people.items()]


class ConcludeForm(forms.Form):
    """The outcome of a meeting, with an ``OutcomeForm`` in ``outcomes`` for each agenda item."""

    recording = LinkField(
        max_length=Discussion._meta.get_field("recording").max_length,
        label="Link to the recording",
        template_name=OUTCOME_FIELD,
    )
    tell = forms.BooleanField(required=False, label="Tell the members now")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data=None, *, discussion, items, members, was_told):
        initial = {"recording": discussion.recording, "version": discussion.version}
        super().__init__(data, initial=initial)
        given = {"discussion": discussion, "members": members}
        self.outcomes = [OutcomeForm(data, item=item, **given) for item in items]
        if not was_told:  # the first time, they are notified automatically
            del self.fields["tell"]

    def clean(self):
        """Refuse data without the field, which would otherwise erase the link."""
        if "recording" not in self.data:
            raise ValidationError("Nothing was sent. Reload the page.")

    def is_valid(self):
        return all([super().is_valid(), *[form.is_valid() for form in self.outcomes]])

    @property
    def reached_item_ids(self) -> list[int]:
        return [form.item.pk for form in self.outcomes if form.is_reached]

    @property
    def presenter_ids(self) -> dict[int, int | None]:
        """Item id -> id of the member who presented it; for a valid form only."""
        return {
            form.item.pk: form.cleaned_data["presenter"]
            for form in self.outcomes
            if form.sets_presenter
        }

    def rebase_onto(self, discussion: Discussion) -> None:
        """Make the submitted values an edit of the current ``discussion``.

        A field whose stored value differs by now gets that value as ``theirs``.
        """
        self.data = data = self.data.copy()
        data["version"] = discussion.version
        self["recording"].theirs = _kept_if_different(
            discussion.recording, self.cleaned_data["recording"]
        )
        for form in self.outcomes:
            form.data = data
            if not form.is_sent:  # the paper was added to the agenda meanwhile
                data[form.add_prefix("reached")] = "on"
                continue
            for name in form.OUTCOME_FIELDS:
                form[name].theirs = _kept_if_different(
                    getattr(form.item, name), form.cleaned_data[name]
                )
            form["verdict"].theirs = form["verdict"].theirs and form.item.get_verdict_display()

    @property
    def orphaned_texts(self) -> list[str]:
        """The submitted texts about papers that are no longer on the agenda."""
        known = {form.prefix for form in self.outcomes}
        sent = [(key.split("-", 1), value) for key, value in self.data.items() if "-" in key]
        return [
            value
            for (prefix, name), value in sent
            if prefix not in known and name in OutcomeForm.OUTCOME_FIELDS[1:] and value.strip()
        ]


def _kept_if_different(kept, sent):
    return kept if kept != sent else ""
