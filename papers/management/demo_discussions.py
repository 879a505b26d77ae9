"""Sample discussions of the demo group: two held meetings, the next one, and a date poll.

Papers are named by the beginning of their titles, people by their handles.
"""

from collections.abc import Mapping
from datetime import time, timedelta

from django.db import transaction
from django.utils import timezone

from papers.discussions import times
from papers.models import AgendaItem, Discussion, Group, Reading, Rsvp, User
from papers.services import agenda, date_polls, rsvps, scheduling

USUAL_MEETING = {"weekday": 0, "meets_at": time(16), "place": "Seminar room 2", "meets_for": 60}
ZONE = "Europe/Berlin"
# Weeks ago -> paper, notes, presenter, attendees, outcome.
HELD_MEETINGS = {
    5: (
        "Attention Is All",
        "Grace drew the three matrices. Half of the hour went on **why the scores are scaled**.",
        "grace",
        "ada emmy grace paul henri",
        {
            "verdict": "worth",
            "takeaways": "- Attention alone is enough: recurrence was a habit, not a need.\n"
            "- The price is $n^2$ in the length of the text; that is what the next papers fight.",
            "open_questions": "- How much of it is the architecture, and how much the training?",
            "slides": "https://example.org/slides/attention.pdf",
        },
    ),
    2: (
        "Deep Residual",
        "Henri trained a small net on his laptop, with and without *shortcuts*: night and day.",
        "henri",
        "henri grace ada kurt",
        {
            "verdict": "mixed",
            "takeaways": "- Deeper is only better if the identity is easy to learn.\n"
            "- We did not agree whether that is optimisation or regularisation.",
            "open_questions": "",
        },
    ),
}
NEXT_PAPER = "Denoising"
PRESENTER = "emmy"
SEATS = 5
RSVP_ANSWERS = {"coming": "emmy ada grace henri", "remote": "paul", "not": "kurt"}
READINGS = {"read": "emmy grace", "skimmed": "henri", "will": "ada sonia"}
POLLED_PAPER = "Mamba"
# Options as (days after the Monday in two weeks, hour), and the answers to them in this order.
POLL_OPTIONS = [(0, time(16)), (1, time(15)), (3, time(16)), (4, time(11))]
POLL_ANSWERS = {
    "lise": ["no", "yes", "yes", "maybe"],
    "kurt": ["yes", "yes", "yes", "no"],
    "ada": ["yes", "maybe", "yes", "no"],
    "henri": ["yes", "no", "yes", "yes"],
    "grace": ["maybe", "yes", "no", "no"],
}


def add_demo_discussions(group: Group, people: Mapping[str, User]) -> None:
    """Create the meetings and the poll of ``group``; ``people`` are its members by handle."""
    Group.objects.filter(pk=group.pk).update(time_zone=ZONE, **USUAL_MEETING)
    group.refresh_from_db()

    def paper_titled(beginning):
        return group.papers.get(title__startswith=beginning)

    now = timezone.now()
    for weeks, (beginning, *rest) in HELD_MEETINGS.items():
        at = times.usual_dates(group, now - timedelta(weeks=weeks), 1)[0]
        _create_held(group, people, at, paper_titled(beginning), *rest)
    _schedule_next(group, people, paper_titled(NEXT_PAPER), times.free_dates(group, now, 1)[0])
    _open_poll(
        group,
        people,
        paper_titled(POLLED_PAPER),
        times.usual_dates(group, now + timedelta(days=8), 1)[0],
    )


@transaction.atomic
def _create_held(group, people, at, paper, notes, presenter, attendees, outcome):
    fields = {"state": Discussion.State.HELD, "place": group.place, "created_by": people["ada"]}
    discussion = Discussion.objects.create(
        group=group, starts_at=at, ends_at=at + timedelta(hours=1), notes=notes, **fields
    )
    AgendaItem.objects.create(
        discussion=discussion,
        paper=paper,
        presenter=people[presenter],
        is_confirmed=True,
        **outcome,
    )
    for turn, name in enumerate(attendees.split(), start=1):
        Rsvp.objects.create(discussion=discussion, user=people[name], answer="coming", turn=turn)


@transaction.atomic
def _schedule_next(group, people, paper, at):
    discussion = scheduling.schedule_discussion(
        group=group,
        by=people["ada"],
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        papers=[paper],
        place=group.place,
        link="https://example.org/video",
        seats=SEATS,
    )
    with transaction.atomic():
        discussion.agenda.update(presenter=people[PRESENTER], is_confirmed=True, minutes=45)
        agenda.save_and_bump_sequence(discussion)
    for answer, names in RSVP_ANSWERS.items():
        for name in names.split():
            rsvps.set_rsvp(discussion=discussion, user=people[name], answer=answer)
    for state, names in READINGS.items():
        for name in names.split():
            Reading.objects.create(paper=paper, user=people[name], state=state)


def _open_poll(group, people, paper, first):
    zone = times.group_zone(group)
    starts = [
        times.local_moment(first.date() + timedelta(days=days), at, zone)
        for days, at in POLL_OPTIONS
    ]
    closes = times.end_of_day((timezone.now() + timedelta(days=5)).astimezone(zone).date(), zone)
    poll = date_polls.open_poll(
        group=group,
        by=people["ada"],
        options=[(start, start + timedelta(hours=1)) for start in starts],
        papers=[paper],
        answer_by=closes,
        quorum=5,
        place=group.place,
    )
    options = list(poll.options.order_by("starts_at"))
    for name, answers in POLL_ANSWERS.items():
        by_option = {option.pk: answer for option, answer in zip(options, answers, strict=True)}
        date_polls.save_answers(discussion=poll, user=people[name], answers=by_option)
