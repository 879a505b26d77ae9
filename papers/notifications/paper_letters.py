"""The text of the mails about papers: new ones, and comments on them."""

from typing import Any

from django.urls import reverse

from papers.models import Comment, Listing, Notice, Paper, User
from papers.models.event_specs import About
from papers.notifications import recipients
from papers.notifications.letter_text import Letter, absolute_url, name_line, quote_lines, text_line

MAX_PAPERS_SHOWN = 10
MAX_COMMENT_SHOWN = 2000  # characters


def letter_for(notice: Notice) -> Letter:
    """A function that writes the mail about ``notice``, which is the same for every user."""
    spec = notice.spec
    words: dict[str, str] = {"group": text_line(str(notice.group))}
    more, paragraphs, path = CONTENTS[spec.about](getattr(notice, spec.about.value))
    words |= more
    parts = [spec.lead.format(**words), *paragraphs, spec.action, absolute_url(path)]
    subject, text = spec.subject.format(**words), "\n\n".join(parts)

    def letter_to(user: User) -> tuple[str, str]:
        return subject, text

    return letter_to


Content = tuple[dict[str, str], list[str], str]  # words of the templates, paragraphs, path


def _comment_content(comment: Comment) -> Content:
    paper, body = comment.paper, comment.body
    shown = body if len(body) <= MAX_COMMENT_SHOWN else f"{body[:MAX_COMMENT_SHOWN]}…"
    words = {"who": name_line(str(comment.user)), "what": text_line(paper.title)}
    return words, [quote_lines(shown)], f"{paper.get_absolute_url()}#c{comment.pk}"


def _listing_content(listing: Listing) -> Content:
    papers = recipients.new_papers(listing)
    count = papers.count()
    lines = [f"- {text_line(paper.title)}" for paper in papers[:MAX_PAPERS_SHOWN]]
    if count > MAX_PAPERS_SHOWN:
        lines.append(f"- and {count - MAX_PAPERS_SHOWN} more")
    words = {"papers": "1 new paper" if count == 1 else f"{count} new papers"}
    path = f"{reverse('papers', args=[listing.group.slug])}?listing={listing.pk}"
    return words, ["\n".join(lines)], path


def _proposal_content(paper: Paper) -> Content:
    title = text_line(paper.title)
    words = {"who": name_line(str(paper.proposed_by or "A member")), "what": title}
    lines = [title]
    if paper.abstract.strip():
        lines.append(text_line(paper.abstract))
    return words, lines, paper.get_absolute_url()


CONTENTS: dict[About, Any] = {
    About.COMMENT: _comment_content,
    About.LISTING: _listing_content,
    About.PAPER: _proposal_content,
}
