"""A group that votes much: fifty votes for each of its first thousand papers, offers, comments."""

import random

from papers.models import Comment, Membership, Offer, User, Vote

PEOPLE, VOTES, PAPERS = 60, 50, 1000


def members(ours):
    """``PEOPLE`` members of the group, made where there are none yet."""
    if not User.objects.filter(username="voter0").exists():
        User.objects.bulk_create(
            User(username=f"voter{n}", email=f"voter{n}@example.org", password="-")
            for n in range(PEOPLE)
        )
    people = list(User.objects.filter(username__startswith="voter"))
    Membership.objects.bulk_create(Membership(group=ours, user=user) for user in people)
    return people


def take_part(ours, member):
    """Give ``ours`` votes, offers and comments of its members; some of them are ``member``'s."""
    rng = random.Random(1)
    people = members(ours)
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
