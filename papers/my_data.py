"""All that is kept of a person, for that person: JSON for programs, Markdown for eyes."""

import io
import json
import zipfile

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry

from papers.models import Comment, CommentRevision, Discussion, Invitation, Listing, Mail, Paper

ABOUT = """This is all that the app keeps of you. Passwords, codes and the secrets of second factors
are not in it: they would open your account. The texts of listings are the group's; an organiser
can download them.
"""


def as_zip(user):
    """The bytes of a zip with ``my-data.json`` and ``my-data.md``."""
    data = collect(user)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "my-data.json", json.dumps(data, default=str, ensure_ascii=False, indent=2)
        )
        archive.writestr("my-data.md", _as_markdown(data))
    return file.getvalue()


def collect(user):
    """Name of a table -> list of its rows about ``user``, each a dict of plain values."""
    fields = ["name", "username", "email", "time_zone", "theme", "single_keys", "date_joined"]
    return {
        "account": [{name: getattr(user, name) for name in [*fields, "last_login"]}],
        "addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "groups": _rows(user.memberships, "group__name", "role", "created_at", "read_at"),
        "requests to join": _rows(user.join_requests, "group__name", "message", "created_at"),
        "invitations made": _rows(
            user.invitations_made,
            "group__name",
            "role",
            "email",
            "uses_left",
            "created_at",
            "expires_at",
            "revoked_at",
        ),
        "invitations received": _rows(
            Invitation.objects.filter(email__in=user.addresses()),
            "group__name",
            "role",
            "created_at",
        ),
        "mails": _rows(
            Mail.objects.filter(to__in=user.addresses()), "state", "created_at", "sent_at"
        ),
        "changes in the administration": _rows(
            LogEntry.objects.filter(user=user), "action_time", "object_repr", "change_message"
        ),
        "listings uploaded": _rows(
            Listing.objects.filter(created_by=user), "group__name", "name", "captured_on", "state"
        ),
        **_of_papers(user),
        **_of_meetings(user),
        "second factors": _rows(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "sessions": _rows(
            UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"
        ),
    } | _elsewhere(user)


def _of_papers(user):
    """What the user said of papers, and what is kept of their reading them."""
    paper = ("paper__group__name", "paper__title")
    said = ("id", "body", "is_question", "created_at", "edited_at", "removed_at")
    earlier = CommentRevision.objects.filter(comment__user=user)
    proposed = Paper.objects.filter(proposed_by=user)
    written = ("title", "abstract", "arxiv_id", "doi", "link")
    removed = Comment.objects.filter(removed_by=user).exclude(user=user)
    mentions = user.mentioned_in.filter(removed_at=None)
    return {
        "papers proposed": _rows(proposed, "group__name", *written, "created_at"),
        "votes": _rows(user.votes, *paper, "stance", "created_at", "updated_at"),
        "offers to present": _rows(user.offers, *paper, "created_at"),
        "comments": _rows(user.comments, *paper, *said),
        "earlier texts of comments": _rows(earlier, "comment", "body", "written_at"),
        "comments of others removed": _rows(removed, *paper, "removed_at", "removal_reason"),
        "mentioned by others": _rows(mentions, *paper, "user__name", "created_at"),
        "papers read and followed": _rows(user.watches, *paper, "seen_at", "follows"),
    }


def _of_meetings(user):
    """What the user said of meetings, and how they want to hear of them."""
    meeting = ("discussion__group__name", "discussion__starts_at")
    made = Discussion.objects.filter(created_by=user)
    when = ("state", "starts_at", "ends_at", "place", "created_at")
    option = ("option__discussion__group__name", "option__starts_at", "answer")
    feeds = ("kind", "label", "group__name", "created_at", "last_used_at")
    told = user.notices.filter(told_at__isnull=False)
    return {
        "meetings made": _rows(made, "group__name", *when),
        "answers to meetings": _rows(user.rsvps, *meeting, "answer", "updated_at"),
        "answers to date polls": _rows(user.availability, *option, "updated_at"),
        "presentations": _rows(user.presentations, *meeting, "paper__title", "is_confirmed"),
        "presentations declined": _rows(user.declined_items, *meeting, "paper__title"),
        "readings": _rows(user.readings, "paper__group__name", "paper__title", "state"),
        "secret addresses": _rows(user.feeds, *feeds),
        "mail choices": _rows(user.mail_choices, "kind", "way"),
        "told alone": _rows(told, *meeting, "event", "told_at"),
        "digests": _rows(user.digest_items, "subject", "text", "created_at", "digested_at"),
    }


def _elsewhere(user):
    """Accounts of other sites, where signing in through one is set up."""
    if not apps.is_installed("allauth.socialaccount"):
        return {}
    accounts = apps.get_model("socialaccount.SocialAccount").objects.filter(user=user)
    return {"other sites": _rows(accounts, "provider", "uid", "extra_data", "date_joined")}


def _rows(rows, *fields):
    return [
        {_label(name): value for name, value in row.items()}
        for row in rows.order_by("pk").values(*fields)
    ]


def _label(field):
    """ "paper" for ``paper__title``, "group" for ``paper__group__name``."""
    return field.removesuffix("__name").removesuffix("__title").rpartition("__")[2]


def _as_markdown(data):
    parts = ["# My data\n", ABOUT]
    for name, rows in data.items():
        parts.append(f"\n## {name.capitalize()}\n")
        if not rows:
            parts.append("None.")
        for row in rows:
            parts.append("\n".join(f"- {field}: {_plain(value)}" for field, value in row.items()))
            parts.append("")
    return "\n".join(parts)


def _plain(value):
    """A value on one line, so that no text of somebody's makes a heading of its own."""
    return " ".join(str("" if value is None else value).split())
