"""Forms at a meeting and after it: questions, notes, what came of each paper; and of reading."""

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
    """How far I am with a paper; the empty state takes it back."""

    state = forms.ChoiceField(choices=[("", "Nothing"), *Reading.State.choices], required=False)

    def clean(self):
        """Where nothing is said, nothing is taken back."""
        if "state" not in self.data:
            raise ValidationError("Say how far you are with it.")


class TickQuestionForm(forms.Form):
    """A question, one of the queryset ``questions``: was it talked about."""

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
    """A question that comes up at the meeting, on one of ``papers``."""

    paper = PaperChoiceField(Paper.objects.none(), label="On", empty_label=None)
    body = BodyField()

    def __init__(self, *args, papers, **kwargs):
        super().__init__(*args, auto_id="ask_%s", **kwargs)
        self.fields["paper"].queryset = papers
        self.fields["body"].widget.attrs["rows"] = 2
        self.fields["body"].label = "Question"


class OptionalTextField(BodyField):
    """Text that may be empty."""

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
    """What is written down together, and the version it was begun from."""

    notes = OptionalTextField(longest=MAX_NOTES_LENGTH, rows=12, label="Notes")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def clean(self):
        """Where nothing is written, nothing is taken back."""
        if "notes" not in self.data:
            self.add_error("notes", "Nothing was sent: load the page again.")

    @classmethod
    def for_discussion(cls, discussion, notes=None):
        """The form as it begins, with the ``notes`` that are kept, or others."""
        notes = discussion.notes if notes is None else notes
        return cls(initial={"notes": notes, "version": discussion.notes_version})


class ReadTogetherForm(forms.Form):
    """Whether the group reads together for the first minutes."""

    on = forms.TypedChoiceField(
        choices=[("yes", "Read together"), ("no", "Do not")], coerce=lambda value: value == "yes"
    )


class OutcomeForm(forms.Form):
    """What came of one paper of an agenda."""

    reached = forms.BooleanField(required=False, label="We came to it")
    verdict = forms.ChoiceField(
        choices=[*AgendaItem.Verdict.choices, ("", "Not said")],
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

    def __init__(self, *args, item, is_held, **kwargs):
        initial = {name: getattr(item, name) for name in self.OUTCOME_FIELDS} | {"reached": True}
        super().__init__(*args, prefix=f"i{item.pk}", initial=initial, **kwargs)
        self.item = item
        if is_held:  # what was not reached is not on the agenda any more
            del self.fields["reached"]

    def clean(self):
        data = super().clean()
        if data.get("reached", True) is False and any(
            data.get(name) for name in self.OUTCOME_FIELDS
        ):
            self.add_error("reached", "You say what came of it: so you came to it?")
        return data

    @property
    def is_sent(self):
        """Whether the page that was sent had this paper; of what was not sent all stays."""
        return self.add_prefix("takeaways") in self.data

    @property
    def outcome_values(self):
        """What a valid form says, by the names of the fields of an item."""
        return (
            {name: self.cleaned_data[name] for name in self.OUTCOME_FIELDS} if self.is_sent else {}
        )

    @property
    def is_reached(self):
        return not self.is_sent or self.cleaned_data.get("reached", True)


class ConcludeForm(forms.Form):
    """What came of a meeting, and in ``outcomes`` of each of the ``items`` of its agenda."""

    recording = LinkField(
        max_length=Discussion._meta.get_field("recording").max_length,
        label="Link to the recording",
        template_name=OUTCOME_FIELD,
    )
    tell = forms.BooleanField(required=False, label="Tell the members now")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data=None, *, discussion, items, was_told):
        initial = {"recording": discussion.recording, "version": discussion.sequence}
        super().__init__(data, initial=initial)
        self.outcomes = [OutcomeForm(data, item=one, is_held=discussion.is_held) for one in items]
        if not was_told:  # they are told by themselves, the first time
            del self.fields["tell"]

    def clean(self):
        """Where nothing is said, nothing is taken back."""
        if "recording" not in self.data:
            raise ValidationError("Nothing was sent: load the page again.")

    def is_valid(self):
        return all([super().is_valid(), *[form.is_valid() for form in self.outcomes]])

    @property
    def reached_item_ids(self):
        return [one.item.pk for one in self.outcomes if one.is_reached]

    def rebase_onto(self, discussion):
        """Let what was sent be a change of ``discussion`` as it is now, not as it was then.

        Fields of which something else is kept now have it as ``theirs``.
        """
        self.data = data = self.data.copy()
        data["version"] = discussion.sequence
        self["recording"].theirs = _kept_if_different(
            discussion.recording, self.cleaned_data["recording"]
        )
        for one in self.outcomes:
            one.data = data
            if not one.is_sent:  # a paper that was put on meanwhile
                data[one.add_prefix("reached")] = "on"
                continue
            for name in one.OUTCOME_FIELDS:
                one[name].theirs = _kept_if_different(
                    getattr(one.item, name), one.cleaned_data[name]
                )
            one["verdict"].theirs = one["verdict"].theirs and one.item.get_verdict_display()

    @property
    def orphaned_texts(self):
        """What was sent of papers that are not on the agenda any more, as texts."""
        known = {one.prefix for one in self.outcomes}
        sent = [(key.split("-", 1), value) for key, value in self.data.items() if "-" in key]
        return [
            value
            for (prefix, name), value in sent
            if prefix not in known and name in OutcomeForm.OUTCOME_FIELDS[1:] and value.strip()
        ]


def _kept_if_different(kept, sent):
    return kept if kept != sent else ""
