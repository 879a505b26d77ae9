"""Forms for votes, offers to present, and pins."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import Vote


class VoteForm(forms.Form):
    """A member's vote; the empty stance withdraws it."""

    stance = forms.ChoiceField(choices=[("", "No vote"), *Vote.Stance.choices], required=False)

    def clean(self):
        """Refuse data without the field, which would otherwise withdraw the vote."""
        if "stance" not in self.data:
            raise ValidationError("Say what you want of the paper.")


class OfferForm(forms.Form):
    can_present = forms.ChoiceField(choices=[("yes", "I can present this"), ("no", "I cannot")])


class PinForm(forms.Form):
    pinned = forms.ChoiceField(choices=[("yes", "Pin"), ("no", "Unpin")])
