"""Several members save the notes at once: one is kept, and the others are told."""

import pytest

from papers.models import AgendaItem, Discussion
from papers.services import outcomes
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_meeting, make_paper

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = range(8)


@pytest.fixture
def discussion(group):
    return make_meeting(group=group, papers=[make_paper(group=group)])


def test_of_several_one_is_kept_and_the_others_are_told(discussion):
    raised = at_once(
        lambda n: outcomes.save_notes(discussion=discussion, notes=f"{n}", version=0), *WRITERS
    )
    assert [type(error) for error in raised] == [outcomes.EditConflict] * (len(WRITERS) - 1)
    discussion.refresh_from_db()
    assert discussion.notes_version == 1


def test_who_merges_until_it_is_saved_loses_nothing(discussion):
    def add(number):
        while True:
            kept = Discussion.objects.get(pk=discussion.pk)
            notes = f"{kept.notes}{number}\n"
            try:
                return outcomes.save_notes(
                    discussion=discussion, notes=notes, version=kept.notes_version
                )
            except outcomes.EditConflict:
                continue

    assert at_once(add, *WRITERS) == []
    discussion.refresh_from_db()
    assert sorted(discussion.notes.split()) == [str(number) for number in WRITERS]


def test_looking_first_and_saving_then_loses_what_others_wrote(discussion):
    """The control: the version is looked at, and then all is written."""
    meet = rendezvous(len(WRITERS))

    def look_then_save(number):
        kept = Discussion.objects.get(pk=discussion.pk)
        if kept.notes_version != 0:
            raise outcomes.EditConflict
        meet()
        Discussion.objects.filter(pk=discussion.pk).update(notes=f"{number}", notes_version=1)

    assert at_once(look_then_save, *WRITERS) == []  # nobody is told, and one text is left


def test_of_several_who_say_what_came_of_it_one_is_kept(discussion, alice):
    Discussion.objects.update(starts_at="2025-01-01T10:00Z", ends_at="2025-01-01T11:00Z")
    item = AgendaItem.objects.get()

    def conclude(number):
        outcomes.record_outcomes(
            discussion=discussion,
            by=alice,
            version=0,
            reached=[item.pk],
            outcomes={item.pk: {"takeaways": f"{number}"}},
            recording="",
        )

    raised = at_once(conclude, *WRITERS)
    assert [type(error) for error in raised] == [outcomes.EditConflict] * (len(WRITERS) - 1)
    assert discussion.notices.count() == 1
