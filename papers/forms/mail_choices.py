"""How I want to be told of what happens."""

from django import forms

from papers.models import MailKind


class MailChoicesForm(forms.Form):
    """For each kind of mail one way: at once, in a digest, or never."""

    def __init__(self, data=None, *, ways):
        super().__init__(data, initial=dict(ways))
        for kind in MailKind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[(way.value, way.label) for way in kind.deliveries],
                widget=forms.RadioSelect,
                help_text=f"Unless you say otherwise: {kind.default.label.lower()}.",
                error_messages={"required": "Choose one of them."},
            )
