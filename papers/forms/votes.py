"""What a member wants of a paper."""

from django import forms

from papers.models import Vote


class VoteForm(forms.Form):
    """A stance; the empty one takes the vote back."""

    stance = forms.ChoiceField(choices=[("", "No vote"), *Vote.Stance.choices], required=False)


class OfferForm(forms.Form):
    can_present = forms.ChoiceField(choices=[("yes", "I can present this"), ("no", "I cannot")])


class PinForm(forms.Form):
    pinned = forms.ChoiceField(choices=[("yes", "Pin"), ("no", "Unpin")])
