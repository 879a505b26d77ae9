"""The field for a time zone: the zones of today, by region, each with its offset from UTC."""

from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from django import forms

from papers.models.time_zones import current_name, listed_zones, old_names, time_zones


def zone_choices(now: datetime) -> list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]:
    """The choices of a time zone: UTC, then a group for each region; offsets are those at ``now``.

    A choice is (name, label), a group is (region, choices).
    """
    utc, *names = listed_zones()
    groups = [
        (region, [(name, _label(name, now)) for name in of_region])
        for region, of_region in groupby(names, key=_region)
    ]
    return [(utc, utc), *groups]


def _region(name: str) -> str:
    return name.partition("/")[0]


def _label(name: str, now: datetime) -> str:
    """``America/Indiana/Knox`` as "Knox, Indiana (UTC−05:00)": people look for the city."""
    _, *places = name.replace("_", " ").split("/")
    minutes = round(now.astimezone(ZoneInfo(name)).utcoffset().total_seconds() / 60)
    sign, (hours, minutes) = "−" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"{', '.join(reversed(places)) or name} (UTC{sign}{hours:02}:{minutes:02})"


@cache
def _old_names_by_zone() -> dict[str, str]:
    """For each listed zone that has old names: these, separated by spaces."""
    by_zone: dict[str, list[str]] = {}
    for old, name in sorted(old_names().items()):
        by_zone.setdefault(name, []).append(old)
    return {name: " ".join(olds) for name, olds in by_zone.items()}


class TimeZoneSelect(forms.Select):
    """A choice of time zones. It also shows a stored zone that is not listed.

    Options carry their old names, as browsers may use those for their own zone. A script offers
    the zone of the browser below.
    """

    template_name = "forms/time_zone.html"

    def optgroups(self, name, value, attrs=None):
        groups = super().optgroups(name, value, attrs)
        if any(option["selected"] for _, options, _ in groups for option in options):
            return groups
        for index, stored in enumerate(value, start=len(groups)):
            if stored in time_zones():
                label = _label(stored, datetime.now(UTC))
                option = self.create_option(name, stored, label, selected=True, index=index)
                groups.append((None, [option], index))
        return groups

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if olds := _old_names_by_zone().get(str(value)):
            option["attrs"]["data-old-names"] = olds
        return option


class TimeZoneField(forms.ChoiceField):
    """A choice of time zones; ``empty`` is the label of choosing none, if that is an option.

    An old name is accepted, and becomes the name of today.
    """

    widget = TimeZoneSelect

    def __init__(self, *, empty="", required=False, label="Time zone", **kwargs):
        self.empty = [("", empty)] if empty else []
        super().__init__(choices=self._choices, required=required, label=label, **kwargs)
        self.widget.attrs["data-time-zone"] = True

    def _choices(self):
        return [*self.empty, *zone_choices(datetime.now(UTC))]

    def prepare_value(self, value):
        return current_name(value) if isinstance(value, str) else value

    def to_python(self, value):
        return current_name(super().to_python(value))

    def valid_value(self, value):
        return value in time_zones()
