"""Forms for going to a meeting and for presenting at it."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import AgendaItem, Rsvp, User


class RsvpForm(forms.Form):
    """A member's answer; the empty one withdraws it."""

    answer = forms.ChoiceField(choices=[("", "No answer"), *Rsvp.Answer.choices], required=False)

    def clean(self):
        """Refuse data without the field, which would otherwise withdraw the answer."""
        if "answer" not in self.data:
            raise ValidationError("Choose an answer.")


class PresenterActionForm(forms.Form):
    """A member's action on a paper without a presenter, a request to present, or a swap."""

    act = forms.ChoiceField(
        choices=[
            ("take", "I'll present this"),
            ("decline", "No"),
            ("agree", "I swap"),
            ("keep", "I keep mine"),
        ]
    )


class ChoosePresenterForm(forms.Form):
    """A member of ``group`` who is to present."""

    user = forms.ModelChoiceField(User.objects.none())

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(pk__in=group.active_user_ids())


class SwapForm(forms.Form):
    """The agenda item to swap with: one of ``items``, a queryset."""

    item = forms.ModelChoiceField(AgendaItem.objects.none())

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = items
