"""The mails of a development installation, which are written to a folder, not sent."""

import re
from email import message_from_bytes, policy
from itertools import islice

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN_MAILS = 50
# The end of a mail as Django's backend writes it; dashes inside a mail have no header after them.
MAIL_END = re.compile(rb"\n-{79}\n(?=Content-Type: |\Z)")


@login_not_required  # it shows the codes needed to sign in
@require_safe
def outbox_page(request):
    """The latest mails in the folder. A 404 unless DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    mails = [_parsed_mail(raw) for raw in islice(_raw_mails(), SHOWN_MAILS)]
    return render(request, "papers/outbox.html", {"mails": mails, "limit": SHOWN_MAILS})


def _raw_mails():
    files = settings.OUTBOX_DIR.glob("*.log")
    for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True):
        yield from (raw for raw in reversed(MAIL_END.split(file.read_bytes())) if raw.strip())


def _parsed_mail(raw):
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    return {
        "sender": message["from"],
        "to": message["to"],
        "subject": message["subject"],
        "date": message["date"] and message["date"].datetime,
        "text": body.get_content() if body else "",
    }
