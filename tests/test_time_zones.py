"""Time zones: the list to choose from, and old names, on every form that has a zone."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from papers.forms.time_zones import zone_choices
from papers.models import Group, User
from papers.models.time_zones import current_name, listed_zones, old_names, time_zones
from tests.browsing import Browser
from tests.factories import make_user

WINTER, SUMMER = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)
DEPRECATED = ["Asia/Calcutta", "Europe/Kiev", "US/Eastern", "GB", "America/Buenos_Aires", "EST"]
DEPRECATED += ["Africa/Asmera", "Etc/UTC", "Pacific/Ponape", "Australia/ACT", "Etc/GMT+5"]


def options(page):
    """The options of the time zone on ``page``: value and label of each."""
    select = next(each for each in page.root.all("select") if each.get("name") == "time_zone")
    return {option.get("value"): option.text for option in select.all("option")}


def test_the_list_has_no_deprecated_names():
    assert [name for name in DEPRECATED if name in listed_zones()] == []
    backward = [
        line.split()[2]
        for line in (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text().splitlines()
        if line.startswith("L ")
    ]
    countries = (files("tzdata") / "zoneinfo" / "zone.tab").read_text()
    assert set(backward) & set(listed_zones()) <= {*countries.split(), "UTC"}
    assert {"Europe/Berlin", "Europe/Oslo", "Asia/Kolkata", "America/New_York"} <= set(
        listed_zones()
    )


def test_an_old_name_stands_for_the_same_hours():
    for old, name in old_names().items():
        for day in (WINTER, SUMMER):
            assert (
                day.astimezone(ZoneInfo(old)).utcoffset()
                == day.astimezone(ZoneInfo(name)).utcoffset()
            ), old
    assert current_name("Pacific/Ponape") == "Pacific/Pohnpei"
    assert current_name("Europe/Berlin") == "Europe/Berlin"
    assert set(old_names()) <= time_zones() | {"Etc/Unknown"}


def test_zones_are_in_regions_with_the_offset_of_the_season():
    first, *regions = zone_choices(WINTER)
    assert first == ("UTC", "UTC")
    assert [region for region, _ in regions][:3] == ["Africa", "America", "Antarctica"]
    winter, summer = (
        {name: label for _, choices in zone_choices(day)[1:] for name, label in choices}
        for day in (WINTER, SUMMER)
    )
    assert winter["Europe/Berlin"] == "Berlin (UTC+01:00)"
    assert summer["Europe/Berlin"] == "Berlin (UTC+02:00)"
    assert winter["Asia/Kolkata"] == "Kolkata (UTC+05:30)"
    assert winter["America/Indiana/Knox"] == "Knox, Indiana (UTC−06:00)"
    assert winter["America/St_Johns"] == "St Johns (UTC−03:30)"


PAGES = {
    "profile": "/me/",
    "group settings": "/curious-minds/settings/",
    "admin: group": "/admin/papers/group/{group.pk}/change/",
    "admin: user": "/admin/papers/user/{root.pk}/change/",
}


@pytest.mark.parametrize("where", PAGES)
@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Etc/UTC", "UTC"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("Etc/GMT+5", "Etc/GMT+5"),  # not listed, and no other name for a listed one
    ],
)
def test_a_stored_zone_is_shown_and_saved_under_its_name_of_today(group, where, stored, kept):
    root = make_user("root", is_superuser=True, is_staff=True, time_zone=stored)
    Group.objects.filter(pk=group.pk).update(time_zone=stored)
    address = PAGES[where].format(group=group, root=root)
    page = Browser(root).open(address)
    assert page.form("Save").value("time_zone") == kept
    assert page.form("Save").submit().errors() == []
    row = Group.objects.get(pk=group.pk) if "group" in where else User.objects.get(pk=root.pk)
    assert row.time_zone == kept


@pytest.mark.parametrize("where", PAGES)
def test_every_form_offers_the_same_list(group, where):
    root = make_user("root", is_superuser=True, is_staff=True)
    page = Browser(root).open(PAGES[where].format(group=group, root=root))
    shown = options(page)
    assert set(shown) - {""} == set(listed_zones())
    assert list(shown.values()).count("UTC") == 1


def test_no_choice_of_a_member_means_the_zone_of_the_group(bob):
    assert options(Browser(bob).open("/me/"))[""] == "Same as the group"


def test_a_group_always_has_a_zone(group, alice):
    assert "" not in options(Browser(alice).open("/curious-minds/settings/"))
