"""Calendars and feeds say that they changed whenever what they show has, and never go back."""

import json
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import vobject
from django.db import models
from django.test import Client
from django.utils import timezone

from papers import atom
from papers.discussions import calendar_export
from papers.models import AgendaItem, Discussion, Feed, Group, Paper, User
from papers.services import (
    agenda,
    feeds,
    importing,
    memberships,
    presenters,
    profiles,
    proposing,
    publishing,
    rsvps,
    scheduling,
)
from tests import stale_entries as watched
from tests.browsing import Browser
from tests.factories import make_meeting, make_paper, make_user

ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = Feed.Kind.values
ARXIV_ID = "2511.00001"


@pytest.fixture
def root(db):
    return make_user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def meeting(group, alice, bob):
    """A meeting with two papers, the first presented by Bob, who also comes; long unchanged."""
    papers = [make_paper(group=group, title=title) for title in ("Tides", "Sorting")]
    Paper.objects.filter(pk=papers[0].pk).update(arxiv_id=ARXIV_ID, abstract="Of the sea.")
    meeting = make_meeting(group=group, papers=papers, created_by=alice, place="B 12")
    meeting.agenda.filter(paper=papers[0]).update(presenter=bob, is_confirmed=True)
    for user in (alice, bob):
        meeting.rsvps.create(user=user, answer="coming", turn=user.pk)
        papers[1].votes.create(user=user, stance="want")
    make_meeting(group=group, state="polling", answer_by=timezone.now() + timedelta(days=3))
    closes = timezone.now() + timedelta(days=5)
    make_meeting(group=group, is_written=True, starts_at=timezone.now(), ends_at=closes)
    return meeting


@pytest.fixture
def readers(group, alice, bob, meeting):
    """The addresses of all kinds of feeds, of two members: (reader, kind) -> address."""
    addresses = {}
    for user in (alice, bob):
        for kind in KINDS:
            of_group = group if kind in Feed.GROUP_KINDS else None
            _, token = feeds.create_feed(user=user, kind=kind, group=of_group)
            file = "news.xml" if kind in Feed.NEWS_KINDS else "calendar.ics"
            addresses[str(user.pk), kind] = f"/feeds/{token}/{file}"
    return addresses


def long_ago():
    """Set all moments back by an hour, so that each change shows in seconds."""
    hour = timedelta(hours=1)
    for model, names in (
        (Discussion, ["changed_at", "calendar_changed_at"]),
        (Paper, ["updated_at"]),
        (Group, ["papers_changed_at", "address_changed_at"]),
    ):
        model.objects.update(**{name: models.F(name) - hour for name in names})


def read(addresses):
    """What is read at ``addresses``: (reader, kind, id) -> (text, what readers compare)."""
    found = {}
    for (user, kind), address in addresses.items():
        response = Client().get(address)
        if response.status_code == 404:
            continue
        entries = _news if kind in Feed.NEWS_KINDS else _events
        found |= {(user, kind, name): entry for name, entry in entries(response.content)}
    return found


def _events(body):
    for event in vobject.readOne(body.decode()).contents.get("vevent", []):
        compared = (
            int(event.sequence.value),
            event.last_modified.value,
            event.dtstamp.value,
        )
        text = {name: [str(one.value) for one in lines] for name, lines in event.contents.items()}
        zone = event.dtstart.params.get("X-VOBJ-ORIGINAL-TZID")
        unlike = ("sequence", "last-modified", "dtstamp")
        shown = {name: value for name, value in text.items() if name not in unlike}
        yield event.uid.value, ((shown, zone), compared)


def _news(body):
    feed = ElementTree.fromstring(body)
    updated = datetime.fromisoformat(feed.findtext(f"{ATOM}updated"))
    yield "feed", ([entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")], (updated,))
    for entry in feed.iter(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link").get("href")
        text = [entry.findtext(f"{ATOM}{name}") for name in ("title", "summary")]
        updated = datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
        yield entry.findtext(f"{ATOM}id"), ([link, *text], (updated,))


def check(before, after):
    """What changed says so, and nothing went back, for any reader. Returns what changed."""
    changed = set()
    for key in before.keys() & after.keys():
        (old, was), (new, now) = before[key], after[key]
        assert all(a <= b for a, b in zip(was, now, strict=True)), f"{key} went back"
        if old != new:
            changed.add(key[1])
            assert all(a < b for a, b in zip(was, now, strict=True)), f"{key} does not say so"
    # Nor does one reader find an older number than another had found before.
    highest = {}
    for (_, kind, name), (_, compared) in before.items():
        if kind not in Feed.NEWS_KINDS:
            highest[name] = max(highest.get(name, 0), compared[0])
    for (_, kind, name), (_, compared) in after.items():
        if kind not in Feed.NEWS_KINDS:
            assert compared[0] >= highest.get(name, 0)
    return changed


# Acts, through the pages where there is a form for them.


def save(user, address, button="Save", **fields):
    form = Browser(user).open(address).form(button)
    for name, value in fields.items():
        if isinstance(value, tuple):
            form.choose(name, *value)
        else:
            form.fill(name, value)
    page = form.submit()
    assert page.errors() == []
    return page


def rename_group(people, meeting):
    save(people["alice"], f"/{meeting.group.slug}/settings/", name="Idle minds")


def rename_group_in_admin(people, meeting):
    save(people["root"], f"/admin/papers/group/{meeting.group_id}/change/", name="Idle minds")


def readdress_group(people, meeting):
    save(people["root"], f"/admin/papers/group/{meeting.group_id}/change/", slug="idle")


def change_zone(keep, people, meeting):
    address = f"/{meeting.group.slug}/settings/"
    page = save(people["alice"], address, time_zone=("Asia/Tokyo",))
    form = page.form("Change the time zone")
    form.choose("keep", keep)
    assert form.submit().errors() == []


def keep_hours(people, meeting):
    change_zone("local", people, meeting)


def keep_moments(people, meeting):
    change_zone("moments", people, meeting)


def change_zone_in_admin(people, meeting):
    address = f"/admin/papers/group/{meeting.group_id}/change/"
    fields = {"time_zone": ("Asia/Tokyo",), "keep": ("moments",)}
    save(people["alice"], address, **fields)


def rename_presenter(people, meeting):
    save(people["bob"], "/me/", name="Bob Builder")


def rename_presenter_in_admin(people, meeting):
    save(people["root"], f"/admin/papers/user/{people['bob'].pk}/change/", name="Bob Builder")


def change_own_zone(people, meeting):
    save(people["bob"], "/me/", time_zone=("Asia/Kathmandu",))


def delete_presenter(people, meeting):
    Discussion.objects.filter(pk=meeting.pk).update(
        starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    memberships.delete_account(user=people["bob"], keep_writings=True)


def correct_title(people, meeting):
    paper = meeting.agenda.get(paper__title="Tides").paper
    address = f"{paper.get_absolute_url()}edit/"
    save(people["alice"], address, "Save the paper", title="Tides, corrected")


def correct_title_in_admin(people, meeting):
    paper = meeting.agenda.get(paper__title="Tides").paper
    save(people["alice"], f"/admin/papers/paper/{paper.pk}/change/", title="Tides, corrected")


def listing_with(title):
    paper = {"id": ARXIV_ID, "title": title, "summary": "Of the sea.", "upvotes": 3}
    return json.dumps([{"paper": paper | {"publishedAt": "2025-11-01T00:00:00.000Z"}}]).encode()


def apply_listing(people, meeting):
    kept = importing.store_upload(
        raw=listing_with("Tides, listed"),
        group=meeting.group,
        name="listing.json",
        captured_on=date(2025, 11, 26),
        by=people["alice"],
    )
    importing.stage_listing(listing=kept)
    work(kept, "applying")
    assert meeting.agenda.filter(paper__title="Tides, listed").exists()
    return kept


def work(kept, state):
    assert importing.start_work(listing=kept, state=state, in_background=False)
    importing.run_batches(listing=kept)


def take_back_listing(people, meeting):
    """The listing was applied by `prepare`."""
    work(meeting.group.listings.get(), "taking-back")
    assert meeting.agenda.filter(paper__title="Tides").exists()


def propose_paper(people, meeting):
    make_paper(group=meeting.group, title="Mosses", proposed_by=people["bob"])


def withdraw_paper(people, meeting):
    """The paper that was proposed last, by `propose_paper`."""
    proposing.withdraw_paper(paper=Paper.objects.latest("pk"), by=people["bob"])


def move(people, meeting):
    later = meeting.starts_at + timedelta(days=1)
    scheduling.update_discussion(
        discussion=meeting,
        by=people["alice"],
        starts_at=later,
        ends_at=later + timedelta(hours=1),
    )


def change_place(people, meeting):
    scheduling.update_discussion(discussion=meeting, by=people["alice"], place="Elsewhere")


def change_video_link(people, meeting):
    link = "https://video.example.com/b"
    scheduling.update_discussion(discussion=meeting, by=people["alice"], link=link)


def cancel(people, meeting):
    scheduling.cancel_discussion(discussion=meeting, by=people["alice"])


def reinstate(people, meeting):
    scheduling.reinstate_discussion(discussion=meeting, by=people["alice"])


def add_paper(people, meeting):
    agenda.add_papers(discussion=meeting, papers=[make_paper(group=meeting.group, title="Mosses")])


def remove_paper(people, meeting):
    agenda.remove_item(item=meeting.agenda.first())


def swap_papers(people, meeting):
    agenda.move_item(item=meeting.agenda.first(), up=False)


def ask_to_present(people, meeting):
    item = meeting.agenda.last()
    presenters.ask_to_present(item=item, by=people["alice"], user=people["bob"])


def decline_to_present(people, meeting):
    presenters.decline_item(item=meeting.agenda.first(), user=people["bob"])


def leave(people, meeting):
    membership = people["bob"].memberships.get(group=meeting.group)
    memberships.end_membership(membership=membership, by=people["bob"])


def answer(said, people, meeting):
    rsvps.set_rsvp(discussion=meeting, user=people["bob"], answer=said)


def cannot_come(people, meeting):
    answer("not", people, meeting)


def can_come(people, meeting):
    answer("remote", people, meeting)


def forget_answer(people, meeting):
    answer("", people, meeting)


CALENDARS = set(KINDS) - set(Feed.NEWS_KINDS)
# The act, the kinds of feeds that change by it, and what happened before.
ACTS = [
    (rename_group, {*CALENDARS, "meetings"}, None),
    (rename_group_in_admin, {*CALENDARS, "meetings"}, None),
    (readdress_group, set(KINDS), None),
    (keep_hours, {*CALENDARS, "meetings"}, None),
    (keep_moments, {*CALENDARS, "meetings"}, None),
    (change_zone_in_admin, {*CALENDARS, "meetings"}, None),
    (rename_presenter, {*CALENDARS, "meetings"}, None),
    (rename_presenter_in_admin, {*CALENDARS, "meetings"}, None),
    (change_own_zone, {"meetings"}, None),
    (delete_presenter, {"group", "answered", "wanted", "meetings"}, None),
    (correct_title, set(KINDS), None),
    (correct_title_in_admin, set(KINDS), None),
    (apply_listing, set(KINDS), None),
    (take_back_listing, set(KINDS), apply_listing),
    (withdraw_paper, {"papers"}, propose_paper),
    (move, {*CALENDARS, "meetings"}, None),
    (change_place, {*CALENDARS, "meetings"}, None),
    (change_video_link, {*CALENDARS, "meetings"}, None),
    (cancel, {*CALENDARS, "meetings"}, None),
    (reinstate, {*CALENDARS, "meetings"}, cancel),
    (add_paper, {*CALENDARS, "meetings", "papers"}, None),
    (remove_paper, {"group", "answered", "wanted", "meetings"}, None),
    (swap_papers, {*CALENDARS, "meetings"}, None),
    (ask_to_present, {*CALENDARS, "meetings"}, None),
    (decline_to_present, {"group", "answered", "wanted", "meetings"}, None),
    (leave, {"group", "answered", "wanted", "meetings"}, None),
    (cannot_come, {"answered", "wanted"}, None),
    (can_come, {"answered", "wanted"}, cannot_come),
    (forget_answer, {"wanted"}, cannot_come),
]
OF_ACTS = {"argvalues": ACTS, "ids": [act.__name__ for act, *_ in ACTS]}


@pytest.fixture
def people(alice, bob, root):
    return {"alice": alice, "bob": bob, "root": root}


@pytest.mark.parametrize(("act", "changes", "prepare"), **OF_ACTS)
def test_what_changes_says_so_and_nothing_goes_back(
    readers, people, meeting, act, changes, prepare
):
    if prepare:
        prepare(people, meeting)
    long_ago()
    before = read(readers)
    act(people, meeting)
    assert check(before, read(readers)) == changes


FORGETFUL = [act for act, *_ in ACTS if act not in (add_paper, withdraw_paper)]


@pytest.mark.parametrize("act", FORGETFUL, ids=[act.__name__ for act in FORGETFUL])
def test_an_act_that_forgets_is_caught(people, meeting, readers, stale_entries, monkeypatch, act):
    prepares = {known: prepare for known, _, prepare in ACTS}
    if prepares[act]:
        prepares[act](people, meeting)
    assert stale_entries == []
    monkeypatch.setattr(publishing, "raised", lambda: {"notes": models.F("notes")})
    monkeypatch.setattr(publishing, "raise_sequence_in_calendars", lambda discussion: None)
    monkeypatch.setattr(publishing, "latest", models.F)
    monkeypatch.setattr(profiles, "latest_zone_change", lambda: models.F("zone_changed_at"))
    act(people, meeting)
    assert any("does not raise what readers compare" in caught for caught in stale_entries)
    stale_entries.clear()


# That the check of every test looks at everything.

OTHER = {
    models.BooleanField: lambda old: not old,
    models.CharField: lambda old: f"{old}X",
    models.SlugField: lambda old: f"{old}x",
    models.TextField: lambda old: f"{old}X",
    models.URLField: lambda old: f"{old or 'https://example.com/'}x",
    models.DateTimeField: lambda old: (old or timezone.now()) + timedelta(days=1),
    models.PositiveSmallIntegerField: lambda old: (old or 0) + 7,
    models.PositiveIntegerField: lambda old: (old or 0) + 7,
    models.PositiveBigIntegerField: lambda old: (old or 0) + 7,
}
NEVER_CHANGED = {"created_at", "uid"}
VALUES = {("Group", "time_zone"): "Asia/Tokyo", ("Discussion", "state"): "cancelled"}
VALUES |= {("AgendaItem", "verdict"): "worth", ("User", "theme"): "dark"}
VALUES |= {("Paper", "status"): "set-aside", ("Paper", "body_key"): "f" * 32}
KNOWN = {
    Discussion: watched.shown(Discussion),
    AgendaItem: watched.shown(AgendaItem),
    Group: watched.OF_GROUP,
    User: watched.OF_PRESENTER,
    Paper: watched.OF_PAPER,
}
COLUMNS = [
    (model, field)
    for model in KNOWN
    for field in model._meta.concrete_fields
    if type(field) in OTHER and not field.generated
]


def texts(meeting, feed):
    """What calendars and feeds show, without what readers compare."""
    rows = Discussion.objects.select_related("group").with_agenda().order_by("pk")
    entry = calendar_export.CalendarEntry.for_everyone(rows.get(pk=meeting.pk))
    calendar = calendar_export.build_calendar([entry], "Ours")
    feed = Feed.objects.select_related("group", "user").get(pk=feed.pk)
    news = atom.discussions_feed(feed, rows)
    papers = atom.papers_feed(feed.group, Paper.objects.order_by("pk"))
    return (
        [text for _, (text, _) in _events(calendar)],
        [[text for name, (text, _) in _news(body) if name != "feed"] for body in (news, papers)],
    )


@pytest.mark.parametrize(
    ("model", "field"), COLUMNS, ids=[f"{model.__name__}.{field.name}" for model, field in COLUMNS]
)
def test_each_column_that_is_shown_is_watched(meeting, bob, model, field):
    if field.attname.startswith("withdrawn"):  # only a poll has these, and both
        assert field.attname in KNOWN[model]
        return
    feed, _ = feeds.create_feed(user=bob, kind="meetings", group=meeting.group)
    rows = {User: bob, AgendaItem: meeting.agenda.first(), Group: meeting.group}
    row = rows.get(model, meeting if model is Discussion else meeting.agenda.first().paper)
    before = texts(meeting, feed)
    new = VALUES.get((model.__name__, field.name), OTHER[type(field)](getattr(row, field.attname)))
    changes = {field.attname: new}
    if field.name == "starts_at":
        changes["ends_at"] = new + timedelta(hours=1)
    if model is User and field.name == "username":
        changes["name"] = ""
    if (model, field.name) == (Discussion, "answer_by"):
        row = Discussion.objects.get(state="polling")
        changes["answer_by"] = row.answer_by + timedelta(days=1)
    model.objects.filter(pk=row.pk).update(**changes)
    if field.attname in NEVER_CHANGED or (model, field.name) == (User, "time_zone"):
        return  # a time zone is that of the reader, not of a presenter
    if texts(meeting, feed) != before:
        assert field.attname in KNOWN[model]
