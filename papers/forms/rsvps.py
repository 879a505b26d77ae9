"""Whether I come to a meeting; who presents at it."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import AgendaItem, Rsvp, User


class RsvpForm(forms.Form):
    """An answer; the empty one takes it back."""

    answer = forms.ChoiceField(choices=[("", "No answer"), *Rsvp.Answer.choices], required=False)

    def clean(self):
        """Where nothing is said, nothing is taken back."""
        if "answer" not in self.data:
            raise ValidationError("Say whether you come.")


class PresenterActionForm(forms.Form):
    """What I do about a paper that nobody presents, or that I am asked to, or offered for mine."""

    act = forms.ChoiceField(
        choices=[
            ("take", "I present this"),
            ("decline", "No"),
            ("agree", "I swap"),
            ("keep", "I keep mine"),
        ]
    )


class ChoosePresenterForm(forms.Form):
    """A member of the group."""

    user = forms.ModelChoiceField(User.objects.none())

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(pk__in=group.active_user_ids())


class SwapForm(forms.Form):
    """One of ``items``, a queryset of what others present."""

    item = forms.ModelChoiceField(AgendaItem.objects.none())

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items
