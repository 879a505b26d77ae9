"""The form for a member's mail settings."""

from collections.abc import Mapping

from django import forms

from papers.models import DEFAULT_DELIVERIES, Delivery, MailKind

# A digest would arrive after the hour it announces.
AT_ONCE_OR_NEVER = {MailKind.HOUR}


class MailChoicesForm(forms.Form):
    """The delivery of each kind of mail: at once, in a digest, or never."""

    def __init__(self, data=None, *, ways: Mapping[str, str]):
        super().__init__(data, initial=dict(ways))
        for kind in MailKind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[
                    (way.value, way.label)
                    for way in Delivery
                    if way != Delivery.DIGEST or kind not in AT_ONCE_OR_NEVER
                ],
                widget=forms.RadioSelect,
                help_text=f"Unless you say otherwise: {DEFAULT_DELIVERIES[kind].label.lower()}.",
                error_messages={"required": "Choose one of them."},
            )
