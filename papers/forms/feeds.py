"""The form for a new feed, and the names of the feeds."""

from typing import Any

from django import forms

from papers.models import Feed, Group

FeedKind = Feed.Kind
# The braces take the name of the group.
FEED_NAMES = {
    FeedKind.GROUP: "All meetings of {}",
    FeedKind.PAPERS: "New papers in {}",
    FeedKind.MEETINGS: "Meetings of {} and their changes",
    FeedKind.ANSWERED: "Meetings I am going to",
    FeedKind.WANTED: "Meetings on papers I want to discuss, and those I am going to",
    FeedKind.MINE: "Only meetings where I present",
}


def feed_name(kind: str, group: Group | None) -> str:
    """The name of a feed of ``kind``; ``group`` is None if the kind is of no group."""
    return FEED_NAMES[kind].format(group)


class FeedForm(forms.Form):
    """A new feed. One choice holds both its kind and its group, so that they match."""

    what = forms.ChoiceField(label="What to subscribe to")
    label = forms.CharField(
        required=False,
        max_length=Feed._meta.get_field("label").max_length,
        label="Name",
        help_text="Optional. Where you use the link, such as “phone”.",
    )
    alarm = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label="Alarm",
        choices=[
            ("", "None"),
            (10, "10 minutes before"),
            (60, "1 hour before"),
            (24 * 60, "1 day before"),
        ],
        help_text="For calendars only. Some calendar apps ignore this setting.",
    )

    def __init__(self, *args, user, chosen="", **kwargs):
        """``chosen``: the slug of the group whose calendar is chosen at first; "" for none."""
        super().__init__(*args, **kwargs)
        self.groups = {group.pk: group for group in Group.objects.with_member(user)}
        calendars = [
            (kind.value, FEED_NAMES[kind])
            for kind in (FeedKind.ANSWERED, FeedKind.WANTED, FeedKind.MINE)
        ]
        calendars = [*self._group_choices(FeedKind.GROUP), *calendars]
        news = [*self._group_choices(FeedKind.PAPERS), *self._group_choices(FeedKind.MEETINGS)]
        self.fields["what"].initial = next(
            (f"{FeedKind.GROUP}:{pk}" for pk, group in self.groups.items() if group.slug == chosen),
            None,
        )
        self.fields["what"].choices = [("Calendar", calendars), ("Feed reader (Atom)", news)]

    def _group_choices(self, kind):
        return [(f"{kind.value}:{pk}", feed_name(kind, group)) for pk, group in self.groups.items()]

    def clean_label(self):
        return " ".join(self.cleaned_data["label"].split())

    @property
    def feed_values(self) -> dict[str, Any]:
        """The fields of the new feed; for a valid form only."""
        kind, _, pk = self.cleaned_data["what"].partition(":")
        alarm = None if kind in Feed.NEWS_KINDS else self.cleaned_data["alarm"]
        return {
            "kind": FeedKind(kind),
            "group": self.groups[int(pk)] if pk else None,
            "label": self.cleaned_data["label"],
            "alarm_minutes": alarm,
        }
