"""The content of a queued mail, encrypted, and the message that is made from it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.encoding import punycode

from papers.models import Mail
from papers.notifications import encryption
from papers.notifications.calendar_files import CalendarFile

LINK = re.compile(r"https?://\S+")


def encrypted_content(
    subject: str,
    text: str,
    headers: Mapping[str, str],
    calendar_file: CalendarFile | None = None,
) -> bytes:
    """The ``content`` of a `Mail`."""
    content: dict[str, Any] = {"subject": subject, "text": text, "headers": dict(headers)}
    if calendar_file is not None:
        content["calendar_file"] = asdict(calendar_file)
    return encryption.encrypt(json.dumps(content)).encode()


def message_for(mail: Mail) -> EmailMultiAlternatives:
    """``mail`` as plain text and HTML. Raises `encryption.DecryptionError`."""
    content = json.loads(encryption.decrypt(bytes(mail.content).decode()))
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": _message_id(mail),
    }
    message = EmailMultiAlternatives(
        content["subject"], content["text"], to=[mail.to], headers=content["headers"] | headers
    )
    # The HTML is made from the text, and escapes it: a mail has one source.
    parts = _split_paragraphs(content["text"])
    html = render_to_string("emails/base.html", content | {"parts": parts})
    message.attach_alternative(html, "text/html")
    if calendar_file := content.get("calendar_file"):
        message.attach(CalendarFile(**calendar_file).as_part())
    return message


def _split_paragraphs(text: str) -> list[dict[str, Any]]:
    """The paragraphs: "text", and "is_link" for one that consists of a link."""
    found = (part.strip() for part in text.split("\n\n"))
    return [{"text": part, "is_link": bool(LINK.fullmatch(part))} for part in found if part]


def _message_id(mail: Mail) -> str:
    """The Message-ID, unique across installations: a new database counts from 1 again."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{punycode(domain)}>"
