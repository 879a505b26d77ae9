"""Forms about comments, and about following a paper."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import MAX_COMMENT_LENGTH, Comment


class BodyField(forms.CharField):
    """The text of a comment. The spaces a line begins with are Markdown; no browser cuts it off."""

    def __init__(self):
        super().__init__(
            strip=False,
            help_text="Markdown, math in $dollars$, @ to mention a member.",
            widget=forms.Textarea(attrs={"rows": 5}),
            error_messages={"required": "Write something first."},
        )

    def to_python(self, value):
        """Lines end in one way, and no empty ones stand around the text."""
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n").rstrip()
        lines = text.split("\n")
        first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
        return "\n".join(lines[first:])

    def validate(self, value):
        super().validate(value)
        if len(value) > MAX_COMMENT_LENGTH:
            raise ValidationError(
                f"These are {len(value):,} characters; {MAX_COMMENT_LENGTH:,} is the limit."
            )


class EditCommentForm(forms.Form):
    """A comment that is there."""

    body = BodyField()
    # Somebody else may mark it while it is edited: only what was changed here counts.
    is_question = forms.BooleanField(
        required=False, label="Ask this at the meeting", show_hidden_initial=True
    )

    @property
    def body_limit(self):
        return MAX_COMMENT_LENGTH

    def changed_values(self):
        """What was changed, against what the page showed."""
        return {"body": self.cleaned_data["body"]} | {
            name: self.cleaned_data[name] for name in self.changed_data if name == "is_question"
        }


class CommentForm(EditCommentForm):
    """A new comment on ``paper``, or a reply to one of it."""

    parent = forms.ModelChoiceField(
        queryset=Comment.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "What you reply to is not on this paper."},
    )

    def __init__(self, *args, paper, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = paper.comments.select_related("user", "parent")
        # A page may have several, and a draft is kept for each.
        parent = str(self["parent"].value() or "")
        self.auto_id = f"to_{parent if parent.isdecimal() else 'paper'}_%s"


class RemoveCommentForm(forms.Form):
    """Why an organiser removes what somebody else wrote."""

    reason = forms.CharField(
        max_length=Comment._meta.get_field("removal_reason").max_length,
        help_text="Its author reads it, and so does whoever reads the replies.",
        error_messages={"required": "Say in a few words why: its author will want to know."},
    )


class MarkQuestionForm(forms.Form):
    """Whether a comment is to be asked at the meeting."""

    on = forms.TypedChoiceField(
        choices=[("yes", "Ask this at the meeting"), ("no", "Do not ask it")],
        coerce=lambda value: value == "yes",
    )


class FollowForm(forms.Form):
    """Whether I follow a paper: None is as I take part in it."""

    follows = forms.ChoiceField(
        choices=[("yes", "Follow"), ("no", "Mute"), ("default", "As I take part")]
    )

    def clean_follows(self):
        return {"yes": True, "no": False, "default": None}[self.cleaned_data["follows"]]
