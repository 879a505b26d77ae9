"""Forms for a paper in the admin, its status and its topics."""

from django import forms
from django.core.exceptions import ValidationError

from papers.listing.identity import find_arxiv_id, find_doi, identity_key
from papers.listing.links import ids_in_address
from papers.models import Paper, Topic

MOST_TOPICS = 12
LONGEST_TOPIC = Topic._meta.get_field("name").max_length
LINK_FIELD = Paper._meta.get_field("link")


class IdsForm(forms.ModelForm):
    """A form with an arXiv id and a DOI, each of which may be entered as a link."""

    def clean_arxiv_id(self):
        return _clean_id(
            self.cleaned_data["arxiv_id"], _arxiv_id_in, "an arXiv id such as 2510.14528"
        )

    def clean_doi(self):
        return _clean_id(self.cleaned_data["doi"], _doi_in, "a DOI such as 10.1000/182")


def _arxiv_id_in(text):
    return ids_in_address(text)[0] or find_arxiv_id(text)


def _doi_in(text):
    return ids_in_address(text)[1] or find_doi(text)


def _clean_id(text, read, example):
    if not text.strip():
        return ""
    if not (identifier := read(text)):
        raise ValidationError(f"This is not {example}, nor its address.")
    return identifier


class PaperForm(IdsForm):
    """A paper in the admin."""

    link = forms.URLField(
        required=False,
        assume_scheme="https",
        max_length=LINK_FIELD.max_length,
        help_text=LINK_FIELD.help_text,
    )

    class Meta:
        model = Paper
        fields = ["group", "title", "abstract", "arxiv_id", "doi", "link", "published_on"]
        fields += ["author_count", "upvotes", "comment_count", "status", "topics"]
        widgets = {"title": forms.Textarea(attrs={"rows": 2, "cols": 100})}
        labels = {
            "upvotes": "Upvotes on Hugging Face",
            "comment_count": "Comments on Hugging Face",
        }

    def __init__(self, *args, **kwargs):
        """Compare each field with what the page showed, not with what was saved since."""
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {"topics"}:
            self.fields[name].show_hidden_initial = True

    def clean(self):
        """Refuse a second paper of the same identity, with a message.

        The database refuses it as well.
        """
        data = super().clean()
        group = data.get("group") or (self.instance.group if self.instance.pk else None)
        if group and data.get("title"):
            key = identity_key(
                data["title"], arxiv_id=data.get("arxiv_id") or "", doi=data.get("doi") or ""
            )
            same = Paper.objects.filter(group=group, identity=key).exclude(pk=self.instance.pk)
            if same.exists():
                raise ValidationError("The group already has a paper with this title or id.")
        return data


class StatusForm(forms.ModelForm):
    """The status of a paper in the group."""

    class Meta:
        model = Paper
        fields = ["status"]
        labels = {"status": "Status of this paper"}


class TopicsForm(forms.Form):
    """The topics of a paper, by name."""

    topics = forms.CharField(
        required=False,
        label="Topics of this paper",
        help_text="Separate topics with commas. A new name creates a new topic.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "all-topics"}),
    )

    def clean_topics(self) -> list[str]:
        """The names with their whitespace folded, without duplicates in another case."""
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
