"""The form for a new feed, and the names of the feeds."""

from typing import Any

from django import forms

from papers.models import Feed, Group

FeedKind = Feed.Kind
# The braces take the name of the group.
FEED_NAMES = {
    FeedKind.GROUP: "All meetings of {}",
    FeedKind.PAPERS: "New papers of {}",
    FeedKind.MEETINGS: "Meetings of {}, as they change",
    FeedKind.ANSWERED: "Meetings I said I come to",
    FeedKind.WANTED: "Meetings on papers I want, and those I come to",
    FeedKind.MINE: "Only meetings at which I present",
}


def feed_name(kind: str, group: Group | None) -> str:
    """The name of a feed of ``kind``; ``group`` is None if the kind is of no group."""
    return FEED_NAMES[kind].format(group)


class FeedForm(forms.Form):
    """A new feed. One choice holds both its kind and its group, so that they match."""

    what = forms.ChoiceField(label="What")
    label = forms.CharField(
        required=False,
        max_length=Feed._meta.get_field("label").max_length,
        label="A name for it",
        help_text="Where you use it: “phone”, say.",
    )
    alarm = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label="Alarm",
        choices=[
            ("", "None"),
            (10, "10 minutes before"),
            (60, "An hour before"),
            (24 * 60, "A day before"),
        ],
        help_text="For calendars. Some programs ring as they like.",
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.groups = {group.pk: group for group in Group.objects.with_member(user)}
        calendars = [
            (kind.value, FEED_NAMES[kind])
            for kind in (FeedKind.ANSWERED, FeedKind.WANTED, FeedKind.MINE)
        ]
        calendars = [*self._group_choices(FeedKind.GROUP), *calendars]
        news = [*self._group_choices(FeedKind.PAPERS), *self._group_choices(FeedKind.MEETINGS)]
        self.fields["what"].choices = [("Calendar", calendars), ("News, as Atom", news)]

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
