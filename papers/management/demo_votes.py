"""Sample activity of the demo group: votes, offers, threads and meetings.

Papers are named by the beginning of their titles, people by their handles, and times by days ago.
"""

from datetime import timedelta

from django.utils import timezone

from papers.management.demo_discussions import add_demo_discussions
from papers.models import Comment, Group, Membership, Paper, User
from papers.services import commenting, proposing, voting, watching

JOINED_DAYS_AGO = 60
WANTED = {
    "Attention Is All": "ada emmy grace paul",
    "Deep Residual": "grace henri paul ada",
    "Denoising": "ada emmy grace henri sonia",
    "Mamba": "kurt lise paul",
    "Direct Preference": "ada grace paul sonia",
    "Grokking": "emmy kurt",
    "LoRA": "henri paul sonia",
    "Why can GPT": "lise ada",
    "Random walks": "kurt",
}
WAITING = {"Denoising": "lise", "Direct Preference": "henri", "Mamba": "henri"}
NOT_WANTED = {"A direct proof": "paul sonia", "Highly accurate": "kurt"}
OFFERS = {"Denoising": "emmy", "Mamba": "lise", "Random walks": "kurt"}
OFFERS |= {"Direct Preference": "grace"}
PINNED = "Training Compute"

# Threads as lists of (author, days ago, text, marks, replies); the mark "?" is a question for the
# meeting.
THREADS = {
    "Denoising": [
        (
            "emmy",
            6,
            "The whole derivation rests on one fact about Gaussians: one may jump to step $t$ at "
            "once,\n\n$$q(x_t \\mid x_0) = \\mathcal{N}\\!\\left(x_t;\\ "
            "\\sqrt{\\bar\\alpha_t}\\,x_0,\\ (1 - \\bar\\alpha_t) I\\right)$$\n\n"
            "After that the loss is a weighted sum of regressions. I can walk us through it on "
            "the board in ten minutes.",
            "",
            [
                (
                    "henri",
                    5,
                    "> a weighted sum of regressions\n\nAnd then they drop the weights and it "
                    "works *better*. Is there any reason for that beyond “it did”?",
                    "?",
                    [
                        (
                            "grace",
                            4,
                            "The dropped weights blow up for small $t$, where almost nothing is "
                            "left to learn. So the simple loss spends its effort where the noise "
                            "is large. @emmy, is that your reading, too?",
                            "",
                            [("emmy", 3, "It is. Figure 2 nearly says so.", "", [])],
                        )
                    ],
                ),
                (
                    "sonia",
                    1,
                    "For who wants to play before we meet:\n\n```python\n"
                    "eps = torch.randn_like(x0)\n"
                    "xt = a[t].sqrt() * x0 + (1 - a[t]).sqrt() * eps\n"
                    "loss = (model(xt, t) - eps).square().mean()\n```",
                    "",
                    [],
                ),
            ],
        ),
        (
            "lise",
            2,
            "What does a step cost today?\n\n| steps | seconds an image |\n|---:|---:|\n"
            "| 1000 | 20 |\n| 50 | 1 |\n\nMeasured on my old laptop, so take the ratio and not "
            "the numbers.",
            "?",
            [],
        ),
    ],
    "Mamba": [
        (
            "lise",
            3,
            "The recurrence is linear in its state, "
            "$h_t = \\bar A_t h_{t-1} + \\bar B_t x_t$, so it is a scan, and a scan is parallel. "
            "That is all of the trick, isn't it?",
            "",
            [
                (
                    "kurt",
                    2,
                    "Half of it: that $\\bar A_t$ depends on the input is what the older ones "
                    "could not do.",
                    "",
                    [],
                )
            ],
        ),
        (
            "paul",
            2.5,
            "Whoever says so has not read past the abstract.",
            "",
            [("kurt", 2, "I have, and the appendix, too. Section 3 is the one to read.", "", [])],
        ),
    ],
    "Direct Preference": [
        (
            "ada",
            9,
            "Could we read this right after the one on few-shot learners? It answers what I kept "
            "asking there.",
            "",
            [("paul", 1, "Good idea, @ada. I would take the half hour before.", "", [])],
        )
    ],
    "Attention Is All": [
        (
            "grace",
            27,
            "For next time: we never got to why the dot product is divided by $\\sqrt{d_k}$. With "
            "unit variances it has variance $d_k$, and a softmax of large numbers has no gradient.",
            "",
            [],
        )
    ],
}
# The beginning of a comment, and the words that its author changed or Ada's reason to remove it.
EDITED = ("The recurrence", "isn't it?", "or do I miss something?")
REMOVED = ("Whoever says", "Let us talk about papers, not about people.")
SEEN_DAYS_AGO = {"ada": {"Denoising": 3.5, "Attention Is All": 26}}


def add_demo_activity(group: Group) -> None:
    """Create all of the above in ``group``, and its meetings."""
    members = Membership.objects.filter(group=group)
    people = {user.username: user for user in User.objects.filter(memberships__in=members)}
    members.update(created_at=_days_ago(JOINED_DAYS_AGO))

    def paper_titled(beginning):
        return group.papers.get(title__startswith=beginning)

    for stance, votes in (("want", WANTED), ("wait", WAITING), ("not", NOT_WANTED)):
        for beginning, names in votes.items():
            for name in names.split():
                voting.set_vote(paper=paper_titled(beginning), user=people[name], stance=stance)
    for beginning, names in OFFERS.items():
        for name in names.split():
            voting.set_offer(paper=paper_titled(beginning), user=people[name], can_present=True)
    for beginning, thread in THREADS.items():
        _write_thread(paper_titled(beginning), thread, people)
    _propose_paper(group, people["lise"])
    _edit_comment(*EDITED)
    _remove_comment(*REMOVED, by=people["ada"])
    for name, papers in SEEN_DAYS_AGO.items():
        for beginning, days in papers.items():
            watching.mark_thread_seen(
                user=people[name],
                paper=paper_titled(beginning),
                upto=_days_ago(days),
                at=_days_ago(days),
            )
    Paper.objects.filter(pk=paper_titled(PINNED).pk).update(pinned_at=timezone.now())
    add_demo_discussions(group, people)


def _propose_paper(group, by):
    proposing.propose_paper(
        group=group,
        by=by,
        title="Reading in a Group: What Talking Does to Understanding",
        abstract="We asked eight groups to read the same paper, four of them alone. Who had talked "
        "about it could say a month later what it did not show.",
        address={"link": "https://example.org/reading-in-a-group.pdf"},
        wants=True,
    )


def _write_thread(paper, thread, people, parent=None):
    for name, days, body, marks, replies in thread:
        comment = commenting.add_comment(
            paper=paper, user=people[name], body=body, parent=parent, is_question="?" in marks
        )
        Comment.objects.filter(pk=comment.pk).update(created_at=_days_ago(days))
        _write_thread(paper, replies, people, parent=comment)


def _edit_comment(beginning, before, after):
    comment = Comment.objects.get(body__startswith=beginning)
    commenting.edit_comment(
        comment=comment, by=comment.user, body=comment.body.replace(before, after)
    )


def _remove_comment(beginning, reason, *, by):
    comment = Comment.objects.get(body__startswith=beginning)
    commenting.remove_comment(comment=comment, by=by, reason=reason)


def _days_ago(days):
    return timezone.now() - timedelta(days=days)
