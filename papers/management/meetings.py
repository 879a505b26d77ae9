"""The meetings of the sample group: two that were held, one to come, and a date poll.

Papers are named by the beginning of their title, people by their handle.
"""

from datetime import time, timedelta

from django.utils import timezone

from papers import times
from papers.models import AgendaItem, Discussion, Group, Reading, Rsvp
from papers.services import attending, polling, scheduling

USUAL = {"weekday": 0, "meets_at": time(16), "place": "Seminar room 2", "meets_for": 60}
ZONE = "Europe/Berlin"
# Weeks ago -> paper, who presented it, who came, and what came of it.
HELD = {
    5: (
        "Attention Is All",
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
NOTES = "Grace drew the three matrices. We spent half of the hour on **why the scores are scaled**."
NEXT = "Denoising"
PRESENTER = "emmy"
SEATS = 5
ANSWERS = {"coming": "emmy ada grace henri", "remote": "paul", "not": "kurt"}
READINGS = {"read": "emmy grace", "skimmed": "henri", "will": "ada sonia"}
POLLED = "Mamba"
# Days after the Monday in two weeks, and hours; then what each says of each of them.
OPTIONS = [(0, time(16)), (1, time(15)), (3, time(16)), (4, time(11))]
AVAILABLE = {
    "lise": ["no", "yes", "yes", "maybe"],
    "kurt": ["yes", "yes", "yes", "no"],
    "ada": ["yes", "maybe", "yes", "no"],
    "henri": ["yes", "no", "yes", "yes"],
    "grace": ["maybe", "yes", "no", "no"],
}


def meet(group, people):
    """Give the sample ``group`` its meetings; ``people`` are its members by handle."""
    Group.objects.filter(pk=group.pk).update(time_zone=ZONE, **USUAL)
    group.refresh_from_db()

    def paper(beginning):
        return group.papers.get(title__startswith=beginning)

    now = timezone.now()
    for weeks, (beginning, *rest) in HELD.items():
        at = times.usual_dates(group, now - timedelta(weeks=weeks), 1)[0]
        _hold(group, people, at, paper(beginning), *rest)
    _schedule(group, people, paper(NEXT), times.free_dates(group, now, 1)[0])
    _ask(group, people, paper(POLLED), times.usual_dates(group, now + timedelta(days=8), 1)[0])


def _hold(group, people, at, paper, presenter, came, outcome):
    held = {"state": Discussion.State.HELD, "place": group.place, "created_by": people["ada"]}
    meeting = Discussion.objects.create(
        group=group, starts_at=at, ends_at=at + timedelta(hours=1), notes=NOTES, **held
    )
    AgendaItem.objects.create(
        discussion=meeting, paper=paper, presenter=people[presenter], is_confirmed=True, **outcome
    )
    for turn, name in enumerate(came.split(), start=1):
        Rsvp.objects.create(discussion=meeting, user=people[name], answer="coming", turn=turn)


def _schedule(group, people, paper, at):
    meeting = scheduling.schedule(
        group=group,
        by=people["ada"],
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        papers=[paper],
        place=group.place,
        link="https://example.org/video",
        seats=SEATS,
    )
    meeting.agenda.update(presenter=people[PRESENTER], is_confirmed=True, minutes=45)
    for answer, names in ANSWERS.items():
        for name in names.split():
            attending.rsvp(discussion=meeting, user=people[name], answer=answer)
    for state, names in READINGS.items():
        for name in names.split():
            Reading.objects.create(paper=paper, user=people[name], state=state)


def _ask(group, people, paper, first):
    zone = times.zone_of(group)
    starts = [times.local(first.date() + timedelta(days=days), at, zone) for days, at in OPTIONS]
    closes = times.end_of((timezone.now() + timedelta(days=5)).astimezone(zone).date(), zone)
    poll = polling.open_poll(
        group=group,
        by=people["ada"],
        options=[(start, start + timedelta(hours=1)) for start in starts],
        papers=[paper],
        answer_by=closes,
        quorum=5,
        place=group.place,
    )
    options = list(poll.options.order_by("starts_at"))
    for name, answers in AVAILABLE.items():
        given = {option.pk: answer for option, answer in zip(options, answers, strict=True)}
        polling.answer(discussion=poll, user=people[name], answers=given)
