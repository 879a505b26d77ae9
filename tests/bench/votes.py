"""A busy group: fifty votes on each of its top thousand papers, and offers and comments."""

import random

from papers.models import Comment, Membership, Offer, User, Vote

PEOPLE, VOTES, PAPERS = 60, 50, 1000


def add_members(ours):
    """Add ``PEOPLE`` users to the group, creating them at first; return them."""
    if not User.objects.filter(username="voter0").exists():
        User.objects.bulk_create(
            User(username=f"voter{n}", email=f"voter{n}@example.org", password="-")
            for n in range(PEOPLE)
        )
    people = list(User.objects.filter(username__startswith="voter"))
    Membership.objects.bulk_create(Membership(group=ours, user=user) for user in people)
    return people


def take_part(ours, member):
    """Add votes, offers and comments to the group ``ours``; some votes are those of ``member``."""
    rng = random.Random(1)
    people = add_members(ours)
    top = list(ours.papers.order_by("-upvotes", "-pk").values_list("pk", flat=True)[:PAPERS])
    votes = [(paper, user) for paper in top for user in rng.sample(people, VOTES)]
    votes += [(paper, member) for paper in top[::10]]
    stances = list(Vote.Stance.values)
    Vote.objects.bulk_create(
        (
            Vote(paper_id=paper, user=user, stance=rng.choices(stances, [6, 2, 1])[0])
            for paper, user in votes
        ),
        batch_size=1000,
    )
    Offer.objects.bulk_create(Offer(paper_id=paper, user=rng.choice(people)) for paper in top[::5])
    Comment.objects.bulk_create(
        Comment(paper_id=paper, user=rng.choice(people), body="A word.")
        for paper in top[::2]
        for _ in range(4)
    )
