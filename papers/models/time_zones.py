"""Time zones: which there are, their names of today, and the regions that lists group them by.

The names come from the package tzdata: ``zone.tab`` has a name for each country and zone, without
the deprecated ones, and ``tzdata.zi`` says which name of today an old one stands for.
"""

from __future__ import annotations

import zoneinfo
from functools import cache
from importlib.resources import files

from django.core.exceptions import ValidationError

# Old names whose zone has been merged with one of another country: tzdata.zi links them to that
# one, while ``zone.tab`` still has the new name of the same place. (From the comments "#=" in the
# file "backward" of the tz database.)
MERGED_ELSEWHERE: dict[str, str] = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}

# Files beside the zones: the zone of the machine, and the one of a machine without any.
NO_PLACES = {"localtime", "Factory"}


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones, old ones too. Reading them takes a while: it is done once."""
    return frozenset(zoneinfo.available_timezones() - NO_PLACES)


@cache
def listed_zones() -> tuple[str, ...]:
    """The names to choose from: UTC, then the zones of all countries in alphabetical order."""
    lines = _lines_of("zone.tab")
    names = sorted(line.split("\t")[2].strip() for line in lines if line and line[0] != "#")
    return ("UTC", *(name for name in names if name in time_zones()))


@cache
def old_names() -> dict[str, str]:
    """Each name that is not listed, and the listed name it stands for."""
    listed = frozenset(listed_zones())
    # A link reads "L Asia/Kolkata Asia/Calcutta": the target, then the other name of it.
    pairs = [line.split() for line in _lines_of("tzdata.zi") if line.startswith("L ")]
    links = {link: target for _, target, link in pairs} | {"Etc/UTC": "UTC"} | MERGED_ELSEWHERE
    found = {name: _follow(links, name, listed) for name in links if name not in listed}
    return {name: target for name, target in found.items() if target in listed}


def _follow(links: dict[str, str], name: str, listed: frozenset[str]) -> str:
    """The first listed name that the links lead to from ``name``; otherwise the last one."""
    while name not in listed and name in links:
        name = links[name]
    return name


def _lines_of(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8").splitlines()


def current_name(name: str) -> str:
    """The name of today for the zone ``name``; ``name`` itself if it has no other."""
    return old_names().get(name, name)


def first_known_zone(*names: str) -> str | None:
    """The first of ``names`` that is a time zone; None if none is."""
    return next((name for name in names if name in time_zones()), None)


def validate_time_zone(name: str) -> None:
    """Raise ValidationError if there is no time zone of this name."""
    if name not in time_zones():
        raise ValidationError("Choose a time zone from the list, such as Europe/Berlin or UTC.")
