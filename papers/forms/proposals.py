"""Forms for a paper that a member enters by hand."""

from django import forms
from django.core.exceptions import ValidationError

from papers.listing.links import ids_in_address
from papers.models import Paper

LONGEST_TITLE = Paper._meta.get_field("title").max_length
LONGEST_ABSTRACT = 10_000
LONGEST_DOI = Paper._meta.get_field("doi").max_length
LINK_FIELD = Paper._meta.get_field("link")
ADDRESS_EXAMPLES = "2510.14528, 10.1000/182 or https://example.org/paper.pdf"


class TextField(forms.CharField):
    """A text of several lines, whose ends count as one character; browsers send two."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class PaperTextForm(forms.Form):
    """The address, title and abstract of a paper."""

    address = forms.CharField(
        required=False,
        max_length=LINK_FIELD.max_length,
        help_text="An arXiv id, a DOI, or the address of a page: "
        f"{ADDRESS_EXAMPLES}. Optional. The app fetches nothing from it.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    title = forms.CharField(max_length=LONGEST_TITLE, widget=forms.Textarea(attrs={"rows": 2}))
    abstract = TextField(
        required=False,
        max_length=LONGEST_ABSTRACT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Optional. Write formulas between dollars: $x^2$.",
    )

    def clean_address(self) -> dict[str, str]:
        """The one field of a paper that it sets, and its value; {} if there is no address."""
        text = self.cleaned_data["address"]
        if not text:
            return {}
        if address_field := _ids_in(text) or _link_in(text):
            return address_field
        raise ValidationError(f"This is no arXiv id, DOI or address. Examples: {ADDRESS_EXAMPLES}.")

    def clean_title(self):
        title = " ".join(self.cleaned_data["title"].split())
        if not any(character.isalnum() for character in title):
            raise ValidationError("Enter the title of the paper.")
        return title


class ProposalForm(PaperTextForm):
    """A paper to propose."""

    wants = forms.BooleanField(required=False, initial=True, label="I want to discuss this")


class EditPaperForm(PaperTextForm):
    """Corrects the texts and the address of a paper."""

    def __init__(self, *args, paper, **kwargs):
        """Compare each field with what the page showed, not with what was saved since."""
        shown = {"address": paper.best_link, "title": paper.title, "abstract": paper.abstract}
        super().__init__(*args, initial=shown, **kwargs)
        self.address_of = "arxiv_id" if paper.arxiv_id else "doi" if paper.doi else "link"
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changed_values(self) -> dict[str, str]:
        """The changed fields of the paper; a new address replaces the one that was shown."""
        changes = {name: self.cleaned_data[name] for name in self.changed_data}
        if "address" in changes:
            changes |= {self.address_of: ""} | changes.pop("address")
        return changes


def _ids_in(text: str) -> dict[str, str]:
    arxiv_id, doi = ids_in_address(text)
    if arxiv_id:
        return {"arxiv_id": arxiv_id}
    return {"doi": doi} if doi and len(doi) <= LONGEST_DOI else {}


def _link_in(text: str) -> dict[str, str]:
    try:
        return {"link": LINK_FIELD.clean(text, None)}
    except ValidationError:
        return {}
