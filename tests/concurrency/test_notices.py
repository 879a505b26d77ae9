"""However many record the same occurrence of an event at once, it is recorded once."""

import pytest

from papers.models import Event, Notice
from papers.notifications.fan_out import record_event
from tests.concurrency.together import at_once
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db(transaction=True)


# A seat, which is unique by nothing, is the control.
@pytest.mark.parametrize(("event", "count"), [(Event.FIXED, 1), (Event.SEAT, 8)])
def test_an_occurrence_is_recorded_once(group, bob, event, count):
    discussion, recorded = make_meeting(group=group), []
    facts = {"user": bob} if event is Event.SEAT else {}

    def record(number):
        recorded.append(record_event(event, discussion, **facts))

    assert at_once(record, *range(8)) == []
    assert sum(1 for notice in recorded if notice) == count
    assert Notice.objects.count() == count
