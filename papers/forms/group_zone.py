"""Forms that ask what meetings keep when the time zone of their group changes."""

from django import forms

from papers.discussions.zone_change import Keep, affected_by_zone
from papers.models import Group


class ZoneChangeForm(forms.Form):
    """A new time zone of a group, and what its meetings keep.

    ``examples``: what becomes of one of them, for each choice; empty if there is none.
    """

    to = forms.CharField(widget=forms.HiddenInput)
    keep = forms.ChoiceField(
        choices=Keep.choices, widget=forms.RadioSelect, label="What upcoming meetings keep"
    )

    def __init__(self, *args, examples, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = [
            (keep.value, f"{keep.label}: {examples[keep]}" if examples else f"{keep.label}.")
            for keep in Keep
        ]


class GroupAdminForm(forms.ModelForm):
    """A group in the admin. With a new time zone it asks what upcoming meetings keep."""

    keep = forms.ChoiceField(
        choices=[("", "---------"), *Keep.choices],
        required=False,
        label="If the time zone changes",
        help_text="What upcoming meetings and the dates of open date polls keep.",
    )

    def clean(self):
        data = super().clean()
        if self.instance.pk and "time_zone" in self.changed_data and not data.get("keep"):
            stored = Group.objects.get(pk=self.instance.pk)
            if affected := affected_by_zone(stored):
                self.add_error(
                    "keep",
                    f"The new time zone affects {affected}. "
                    "Choose whether they keep their local times or their moments.",
                )
        return data
