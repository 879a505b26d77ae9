"""Benchmarks of meetings: pages with a thousand against ten, and a poll of three hundred."""

import time
from datetime import timedelta
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import (
    AgendaItem,
    Availability,
    Discussion,
    Feed,
    Group,
    Membership,
    Paper,
    Rsvp,
    User,
    Vote,
)
from papers.services import date_polls

FEW, MANY = 10, 1_000
PEOPLE, DATES = 300, 20
ROUNDS = 15
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


def measure_meetings():
    """Print the milliseconds of each page, and the ratio of many meetings to few."""
    people = User.objects.bulk_create(
        User(username=f"reader{n}", email=f"reader{n}@example.org", password="-")
        for n in range(PEOPLE)
    )
    groups = {number: _group(number, people) for number in (FEW, MANY)}
    client = Client()
    client.force_login(people[0])
    print(f"meetings, {MANY:,} against {FEW}, with {PEOPLE} members:")
    for name, path in {
        "the list": "/{}/discussions/",
        "a search in the archive": "/{}/discussions/?q=word",
        "the month": "/{}/discussions/month/",
        "the home page": "/{}/",
        "the calendar of the group": "{feed}",
    }.items():
        results = []
        for ours in groups.values():
            results.append(_page(client, path.format(ours.slug, feed=ours.feed)))
        (small, few), (large, many) = results
        queries = f"{few} and {many} queries"
        print(f"  {name}: {large / small:.2f} times; {small:.0f} and {large:.0f} ms; {queries}")
    _poll(client, groups[FEW], people)


def _group(number, people):
    """A group that has met once a week for so many weeks, each time over one paper."""
    ours = Group.objects.create(name=f"met {number}", slug=f"met-{number}")
    Membership.objects.bulk_create(Membership(group=ours, user=user) for user in people)
    Membership.objects.filter(group=ours, user=people[0]).update(role="organiser")
    first = timezone.now() - number * WEEK
    papers = Paper.objects.bulk_create(
        Paper(group=ours, identity=f"m{n}", title=f"Paper {n}", status="discussed")
        for n in range(number)
    )
    held = Discussion.objects.bulk_create(
        Discussion(
            group=ours,
            state="held",
            starts_at=first + n * WEEK,
            ends_at=first + n * WEEK + HOUR,
            notes="A word. " * 50,
        )
        for n in range(number)
    )
    AgendaItem.objects.bulk_create(
        AgendaItem(
            discussion=meeting,
            paper=paper,
            presenter=people[number % 7],
            is_confirmed=True,
            verdict="worth",
            takeaways="Something. " * 20,
        )
        for meeting, paper in zip(held, papers, strict=True)
    )
    Rsvp.objects.bulk_create(
        Rsvp(discussion=meeting, user=user, answer="coming", turn=turn)
        for meeting in held[-20:]
        for turn, user in enumerate(people[:50])
    )
    token = Feed.new_token()
    Feed.objects.create(user=people[0], group=ours, kind="group", digest=Feed.digest_of(token))
    ours.feed = f"/feeds/{token}/calendar.ics"
    return ours


def _page(client, path):
    """The median time in milliseconds and the number of queries of a page."""

    def get():
        start = time.perf_counter()
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return time.perf_counter() - start

    get()
    with CaptureQueriesContext(connection) as queries:
        get()
        number = len(queries)
    return median(get() for _ in range(ROUNDS)) * 1000, number


def _poll(client, ours, people):
    """Time the page of a date poll that everybody has answered, and fixing its date."""
    paper = Paper.objects.create(group=ours, identity="polled", title="Polled")
    Vote.objects.bulk_create(Vote(paper=paper, user=user, stance="want") for user in people)
    start = timezone.now() + WEEK
    options = [(start + n * HOUR * 24, start + n * HOUR * 24 + HOUR) for n in range(DATES)]
    poll = date_polls.open_poll(group=ours, by=people[0], options=options, papers=[paper])
    Availability.objects.bulk_create(
        Availability(option=option, user=user, answer=["yes", "maybe", "no"][n % 3 if m else 0])
        for m, option in enumerate(poll.options.all())
        for n, user in enumerate(people)
    )
    page, queries = _page(client, poll.get_absolute_url())
    print(f"  a date poll, {PEOPLE} members and {DATES} dates: {page:.0f} ms, {queries} queries")
    start = time.perf_counter()
    date_polls.fix_date(option=poll.options.first(), by=people[0])
    print(f"  fixing its date, {PEOPLE} yes: {(time.perf_counter() - start) * 1000:.0f} ms")
