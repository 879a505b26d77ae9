"""The benchmarks of ``make bench``, mostly as ratios within one run, on a new database.

With a PostgreSQL in ``DATABASE_URL`` they run there.
"""

import os
import sys
import time
from datetime import date
from functools import partial
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readinggroup.settings")

import django  # noqa: E402

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from papers import listing as reader  # noqa: E402
from papers.library import ranking  # noqa: E402
from papers.models import Group, Listing, Membership, Paper, User  # noqa: E402
from papers.rendering import prose  # noqa: E402
from papers.services import importing  # noqa: E402
from tests.bench import comments as worst  # noqa: E402
from tests.bench import meetings, texts, votes  # noqa: E402

DAY = date(2025, 11, 26)
MANY, FEW = 20_000, 1_000
ROUNDS = 25


def seconds_of(act, clock=time.perf_counter):
    """The seconds that ``act`` takes."""
    start = clock()
    act()
    return clock() - start


def measure_reading():
    """Compare the time per entry of 20,000 at once and in parts of 1,000: 1.0 is linear."""
    lines = texts.listing_text(MANY).split("\n")
    parts = ["\n".join(lines[start : start + FEW]) for start in range(0, MANY, FEW)]
    whole = "\n".join(lines)

    def read(*listings):
        for text in listings:
            reader.read(text, captured_on=DAY)

    read(*parts)  # loads the weights, and fills the cache of words
    rounds = [(seconds_of(lambda: read(*parts)), seconds_of(lambda: read(whole))) for _ in range(4)]
    small, large = (min(times) for times in zip(*rounds, strict=True))
    print(f"reading, per entry at {MANY:,} against {FEW:,}: {large / small:.2f} times as long")
    print(f"reading: {MANY / large:,.0f} entries a second")


def measure_comments():
    """Print the slowest of the texts that are meant to be slow, without the cache."""
    render, times = prose.render_cached.__wrapped__, {}
    for name, text in worst.WORST.items():
        act = partial(render, text, frozenset())
        times[name] = min(seconds_of(act, time.process_time) for _ in range(3))
    slowest = sorted(times, key=times.get, reverse=True)
    print(f"comments, the slowest of {len(times)} texts of 10,000 characters:")
    for name in slowest[:5]:
        print(f"  {times[name] * 1000:.0f} ms: {name}")


def create_group(name):
    return Group.objects.create(name=name, slug=name)


def measure_applying(words):
    """Compare applying with a bare bulk_create of the same rows, and time the whole import."""
    raw = texts.listing_text(MANY, words=words).encode()
    root = User.objects.create_user(f"root{words}", password="-", is_superuser=True)
    client, ours = Client(), create_group(f"imported{words}")
    client.force_login(root)
    data = {"file": SimpleUploadedFile("l.txt", raw), "group": ours.pk, "captured_on": str(DAY)}
    upload = seconds_of(lambda: client.post("/admin/papers/listing/add/", data))
    listing = Listing.objects.get(group=ours)
    client.post(f"/admin/papers/listing/{listing.pk}/apply/")
    apply = seconds_of(lambda: importing.run_batches(listing=listing))
    assert ours.papers.count() == MANY
    print(f"abstracts of {words} words, {len(raw) / 1e6:.0f} MB:")
    print(f"  from upload to applied: {MANY / (upload + apply):,.0f} entries a second")
    print(f"  of that: upload and reading {upload:.1f} s, applying {apply:.1f} s")

    rows = list(Paper.objects.in_group(ours).order_by("id"))
    bare = create_group(f"bare{words}")
    for row in rows:
        row.pk, row.group, row._state.adding = None, bare, True
    bulk = seconds_of(lambda: Paper.objects.bulk_create(rows, batch_size=1000))
    rate = MANY / bulk
    print(f"  applying: {bulk / apply:.2f} of the rate of a bare bulk_create ({rate:,.0f}/s)")
    Paper.objects.all().delete()


def add_papers(ours, number):
    """Add ``number`` papers to the group ``ours``, without the pages of the admin."""
    raw = texts.listing_text(number, words=60, seed=number).encode()
    listing = importing.store_upload(raw=raw, group=ours, name="l", captured_on=DAY, by=None)
    importing.stage_listing(listing=listing)
    importing.start_work(listing=listing, state="applying", in_background=False)
    importing.run_batches(listing=listing)


def measure_pages():
    """Compare the list and searches at 100,000 papers with 1,000, warm and cold.

    ANALYZE is not run: no installation runs it, and SQLite never does so by itself.
    """
    member = User.objects.create_user("member", password="-")
    client, groups = Client(), {}
    for number in (1_000, 100_000):
        groups[number] = create_group(f"g{number}")
        Membership.objects.create(group=groups[number], user=member)
        add_papers(groups[number], number)
        votes.take_part(groups[number], member)
    client.force_login(member)
    word = texts.listing_text(1, seed=100_000).split()[3].lower()
    cases = {
        "the list": "",
        "all papers": "?status=all",
        "an open page in the middle": "?page=middle",
        "the last page of all": "?status=all&page=last",
        "sorted by date": "?sort=date",
        "filtered by status": "?status=open&status=scheduled",
        "a search for a word": f"?q={word}",
        "a search for two words": "?q=we+show",
        "a search for what most have": "?q=we",
        "the same, by date": "?q=we&sort=date",
        "the same, of a listing": "?q=we&listing=LISTING",
        "a search for a letter": "?q=b",
        "all by ranking": "?status=all&sort=ranking",
        "what I have not voted on": "?mine=unvoted",
        "what I want": "?mine=wanted",
        "wanted by thirty": "?wanted_min=30",
        "with a presenter": "?presenter=yes",
        "unread": "?unread=yes",
    }
    print("pages at 100,000 papers against 1,000, warm (and with nothing cached):")
    for name, query in cases.items():
        small, large = (measure_page(client, groups[n], query) for n in (1_000, 100_000))
        print(
            f"  {name}: {large[0] / small[0]:.2f} times as long ({large[1] / small[1]:.2f});"
            f" {small[0]:.1f} ms and {large[0]:.1f} ms ({large[1]:.0f} ms);"
            f" {small[2]} and {large[2]} queries"
        )

    measure_voting(client, member, groups)


def measure_voting(client, member, groups):
    """Compare the home page, the ranking and a vote at 100,000 papers with 1,000."""

    def home(ours):
        return median(seconds_of(lambda: client.get(f"/{ours.slug}/")) for _ in range(ROUNDS))

    def ranks(ours):
        return median(
            seconds_of(lambda: list(ranking.ranked_papers(ours)[:5])) for _ in range(ROUNDS)
        )

    def vote(ours):
        url = f"/{ours.slug}/papers/{ours.papers.first().pk}/vote/"
        stances = ["want", "wait", "not", "", "want"] * 5
        answers = {"HX-Request": "true"}
        return median(
            seconds_of(lambda s=s: client.post(url, {"stance": s}, headers=answers))
            for s in stances
        )

    for name, act in {"the home page": home, "the ranking": ranks, "a vote": vote}.items():
        small, large = (act(groups[n]) * 1000 for n in (1_000, 100_000))
        print(f"  {name}: {large / small:.2f} times as long; {small:.1f} ms and {large:.1f} ms")


def measure_page(client, ours, query):
    """(warm median, cold, queries) of a page; times in milliseconds, queries when warm."""
    last = last_page(ours)
    query = query.replace("last", str(last)).replace("middle", str(last // 4))
    query = query.replace("LISTING", str(ours.listings.get().pk))
    url = f"/{ours.slug}/papers/{query}"

    def get():
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    get()
    ours.bump_papers_version()
    cold = seconds_of(get)
    warm = median(seconds_of(get) for _ in range(ROUNDS))
    with CaptureQueriesContext(connection) as queries:
        get()
    return warm * 1000, cold * 1000, len(queries)


def last_page(ours):
    return -(-ours.papers.count() // 25)


def main():
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(f"{connection.vendor}, {connection.Database.__name__}")
        wanted = sys.argv[1:] or ["reading", "comments", "applying", "pages", "meetings"]
        if "reading" in wanted:
            measure_reading()
        if "comments" in wanted:
            measure_comments()
        if "applying" in wanted:
            for words in (150, 60):
                measure_applying(words)
        if "pages" in wanted:
            measure_pages()
        if "meetings" in wanted:
            meetings.measure_meetings()
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    call_command("collectstatic", interactive=False, verbosity=0)
    main()
