"""The forms on a paper's page."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import Paper, Topic

MOST_TOPICS = 12
LONGEST_TOPIC = Topic._meta.get_field("name").max_length


class StatusForm(forms.ModelForm):
    """Where the group is with a paper."""

    class Meta:
        model = Paper
        fields = ["status"]


class TopicsForm(forms.Form):
    """The topics of a paper, by name."""

    topics = forms.CharField(
        required=False,
        help_text="Separated by commas. A new name makes a new topic.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_topics(self):
        """The names: whitespace folded, each once however it is capitalised."""
        names = {}
        for name in self.cleaned_data["topics"].split(","):
            name = " ".join(name.split())
            if len(name) > LONGEST_TOPIC:
                raise ValidationError(f"“{name}” is longer than {LONGEST_TOPIC} characters.")
            if name:
                names.setdefault(name.lower(), name)
        if len(names) > MOST_TOPICS:
            raise ValidationError(f"These are {len(names)} topics; {MOST_TOPICS} is the limit.")
        return list(names.values())
