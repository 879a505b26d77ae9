"""The form for a member's mail settings."""

from collections.abc import Mapping

from django import forms

from papers.models import MailKind


class MailChoicesForm(forms.Form):
    """The delivery of each kind of mail: at once, in a digest, or never."""

    def __init__(self, data=None, *, ways: Mapping[str, str]):
        super().__init__(data, initial=dict(ways))
        for kind in MailKind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[(way.value, way.label) for way in kind.deliveries],
                widget=forms.RadioSelect,
                help_text=f"Unless you say otherwise: {kind.default.label.lower()}.",
                error_messages={"required": "Choose one of them."},
            )
