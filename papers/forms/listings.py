"""Forms for a listing and its entries."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from papers.forms.papers import IdsForm
from papers.forms.rendering import ListingRenderer
from papers.models import ListingEntry
from papers.services.importing import date_problem

DATE_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class UploadForm(forms.Form):
    """A new listing: a file, or a pasted text."""

    default_renderer = ListingRenderer

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="File",
        help_text="A text file, or the JSON of a daily papers page.",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the text",
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="Open the papers page, select all, copy, and paste it here.",
    )
    # One group is always selected: a form sent back for a missing one would have lost its file.
    group = forms.ModelChoiceField(None, empty_label=None)
    captured_on = forms.DateField(
        required=False,
        label="Captured on",
        widget=DATE_INPUT,
        help_text="The day the page was copied. “Nov 4” without a year means the latest such day "
        "until then, and numbers captured later replace those captured earlier.",
    )

    def __init__(self, *args, groups, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups
        self.fields["captured_on"].initial = timezone.localdate
        # No check for NUL characters: the parser of listings drops them.
        self.fields["text"].validators = []

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > settings.LISTING_MAX_BYTES:
            raise ValidationError(_too_large_message("The file", file.size))
        if file is not None and not file.size:
            raise ValidationError("The file is empty. Choose the one that has the listing.")
        return file

    def clean_text(self):
        text = self.cleaned_data["text"]
        size = len(text.encode(errors="replace"))
        if size > settings.LISTING_MAX_BYTES:
            raise ValidationError(_too_large_message("The text", size))
        return text

    def clean(self):
        contents = self.cleaned_data.get("file") or self.cleaned_data.get("text", "").strip()
        if not contents and not self.errors.keys() - {"captured_on"}:
            raise ValidationError("Choose a file, or paste the text.")

    def named_contents(self) -> list[tuple[str, bytes]]:
        """The file, the text or both, as (name, content)."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        contents = [(file.name, file.read())] if file else []
        if text.strip():
            contents.append(
                (f"Pasted on {timezone.localdate():%-d %b %Y}", text.encode(errors="replace"))
            )
        return contents

    def is_keepable(self) -> bool:
        """Whether the upload can be stored. It is not lost only because its date is wrong."""
        return self.is_valid() or not self.errors.keys() - {"captured_on"}


def _too_large_message(what, size):
    return (
        f"{what} has {filesizeformat(size)}, and {filesizeformat(settings.LISTING_MAX_BYTES)} "
        "is the limit. Divide it into several listings."
    )


class ReadAgainForm(forms.Form):
    """Another capture date for a stored listing."""

    captured_on = forms.DateField(label="Captured on", widget=DATE_INPUT)

    def clean_captured_on(self):
        if problem := date_problem(self.cleaned_data["captured_on"]):
            raise ValidationError(problem)
        return self.cleaned_data["captured_on"]


class CutForm(forms.Form):
    """The offset in characters at which the abstract begins in "title abstract" of an entry."""

    at = forms.IntegerField(min_value=1, max_value=1000)


class EntryForm(IdsForm):
    """Corrects the fields of a staged entry."""

    default_renderer = ListingRenderer

    class Meta:
        model = ListingEntry
        fields = ["title", "abstract", "arxiv_id", "doi", "published_on", "author_count"]
        fields += ["upvotes", "comment_count"]
        widgets = {"published_on": DATE_INPUT, "title": forms.Textarea(attrs={"rows": 2})}

    def clean_title(self):
        title = " ".join(self.cleaned_data["title"].split())
        if not title:
            raise ValidationError("Enter a title. If the entry is not a paper, leave it out.")
        return title
