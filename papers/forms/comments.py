"""Forms for comments and for following a paper."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import MAX_COMMENT_LENGTH, Comment


class BodyField(forms.CharField):
    """The text of a comment.

    Leading spaces are kept because they mean something in Markdown. The length is checked here and
    not in the widget, so that no browser truncates a text.
    """

    def __init__(self):
        super().__init__(
            strip=False,
            help_text="Markdown, math in $dollars$, @ to mention a member.",
            widget=forms.Textarea(attrs={"rows": 5}),
            error_messages={"required": "Write something first."},
        )

    def to_python(self, value):
        """Normalise the line endings, and strip blank lines around the text."""
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
    """Edits an existing comment."""

    body = BodyField()
    # Somebody else may mark it meanwhile, so only a change made in this form is saved.
    is_question = forms.BooleanField(
        required=False, label="Ask this at the meeting", show_hidden_initial=True
    )

    @property
    def body_limit(self) -> int:
        return MAX_COMMENT_LENGTH

    def changed_values(self) -> dict[str, str | bool]:
        """The body, and each other field that differs from what the page showed."""
        return {"body": self.cleaned_data["body"]} | {
            name: self.cleaned_data[name] for name in self.changed_data if name == "is_question"
        }


class CommentForm(EditCommentForm):
    """A new comment on ``paper``, or a reply to one of its comments."""

    parent = forms.ModelChoiceField(
        queryset=Comment.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "The comment you reply to is not on this paper."},
    )

    def __init__(self, *args, paper, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = paper.comments.select_related("user", "parent")
        # A page may hold several of these forms, and a draft is kept for each.
        parent = str(self["parent"].value() or "")
        self.auto_id = f"to_{parent if parent.isdecimal() else 'paper'}_%s"


class RemoveCommentForm(forms.Form):
    """The reason for which an organiser removes somebody else's comment."""

    reason = forms.CharField(
        max_length=Comment._meta.get_field("removal_reason").max_length,
        help_text="Its author reads it, and so does whoever reads the replies.",
        error_messages={"required": "Give a reason. The author of the comment will see it."},
    )


class MarkQuestionForm(forms.Form):
    """Marks a comment as a question for the meeting, or unmarks it."""

    on = forms.TypedChoiceField(
        choices=[("yes", "Ask this at the meeting"), ("no", "Do not ask it")],
        coerce=lambda value: value == "yes",
    )


class FollowForm(forms.Form):
    """Follow or mute a paper; None restores the default, which depends on taking part."""

    follows = forms.ChoiceField(
        choices=[("yes", "Follow"), ("no", "Mute"), ("default", "As I take part")]
    )

    def clean_follows(self) -> bool | None:
        return {"yes": True, "no": False, "default": None}[self.cleaned_data["follows"]]
