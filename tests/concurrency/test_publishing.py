"""Several people change what one entry of a calendar shows, at once: each change counts."""

import pytest
from django.db.models import F

from papers.models import Discussion, Group, User
from papers.services import group_settings, presenters, profiles, proposing, publishing, rsvps
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_meeting, make_paper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meetings(group, bob):
    """Two meetings, at both of which Bob presents."""
    made = [make_meeting(group=group, papers=[make_paper(group=group)]) for _ in range(2)]
    for meeting in made:
        meeting.agenda.update(presenter=bob, is_confirmed=True)
    return made


def sequences():
    return list(Discussion.objects.order_by("pk").values_list("sequence", flat=True))


def test_two_changes_at_once_count_twice(meetings):
    at_once(lambda _: publishing.raise_sequences(Discussion.objects.all()), 1, 2)
    assert sequences() == [2, 2]


def test_what_is_read_before_it_is_written_is_lost(meetings, monkeypatch):
    """The control."""
    meet = rendezvous(2)

    def careless():
        known = Discussion.objects.earliest("pk").sequence
        meet()
        return {"sequence": known + 1}

    monkeypatch.setattr(publishing, "raised", careless)
    at_once(lambda _: publishing.raise_sequences(Discussion.objects.all()), 1, 2)
    assert sequences() == [1, 1]


def test_all_kinds_of_changes_at_once(group, alice, bob, meetings):
    """None is lost, and none waits for another that waits for it."""
    papers = [meeting.agenda.get().paper for meeting in meetings]

    def rename_bob(number):
        user = User.objects.get(pk=bob.pk)
        user.name = f"Bob {number}"
        profiles.save_account(user=user, fields=["name"])

    def rename_group(number):
        found = Group.objects.get(pk=group.pk)
        found.name = f"Minds {number}"
        group_settings.change_group(group=found, by=alice, fields=["name"])

    def correct_title(number):
        for paper in papers if number % 2 else reversed(papers):
            changes = {"title": f"Tides {paper.pk}, version {number}"}
            proposing.edit_paper(paper=paper, changes=changes, by=alice)

    def say_no_and_yes(number):
        for said in ("not", "remote"):
            rsvps.set_rsvp(discussion=meetings[number % 2], user=alice, answer=said)

    def swap(number):
        item = meetings[number % 2].agenda.get()
        presenters.clear_presenter(item=item)
        presenters.take_item(item=item, user=bob)

    acts = [rename_bob, rename_group, correct_title, say_no_and_yes, swap]
    raised = at_once(lambda job: acts[job % len(acts)](job // len(acts)), *range(4 * len(acts)))
    assert raised == []
    # Renames of the group and titles change an entry whatever else happens in between.
    assert all(4 + 4 <= number <= len(acts) * 4 for number in sequences())


def test_a_later_moment_stays(group, meetings):
    """An act that took its time, or a clock that was set back."""
    Discussion.objects.update(
        changed_at=F("changed_at") + (meetings[0].ends_at - meetings[0].starts_at),
    )
    before = list(Discussion.objects.order_by("pk").values_list("changed_at", flat=True))
    publishing.raise_sequences(Discussion.objects.all())
    assert list(Discussion.objects.order_by("pk").values_list("changed_at", flat=True)) == before
    assert sequences() == [1, 1]
