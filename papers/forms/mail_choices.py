"""How I want to be told of what happens."""

from django import forms

from papers.models import MAIL_DEFAULTS, Kind, Way

# A digest would tell of the hour after it.
AT_ONCE_OR_NEVER = {Kind.HOUR}


class MailChoicesForm(forms.Form):
    """For each kind of mail one way: at once, in a digest, or never."""

    def __init__(self, data=None, *, ways):
        super().__init__(data, initial=dict(ways))
        for kind in Kind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[
                    (way.value, way.label)
                    for way in Way
                    if way != Way.DIGEST or kind not in AT_ONCE_OR_NEVER
                ],
                widget=forms.RadioSelect,
                help_text=f"Unless you say otherwise: {MAIL_DEFAULTS[kind].label.lower()}.",
                error_messages={"required": "Choose one of them."},
            )
