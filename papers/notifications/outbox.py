"""Every mail that goes out: queued with what it tells of, handed over by a worker, at most once.

A mail is claimed, and marked as handed over right before the server gets it, each committed before
anything leaves. One that was claimed and not handed over certainly was not sent: where its worker
was killed it waits again. One that was handed over and not finished is not tried again. So a mail
may get lost where a worker is killed or a server falls silent while it takes it, and never arrives
twice. It is this way round because a mail that is lost can be asked for again, and is told of here,
while one that has arrived cannot be called back: a second code makes its reader doubt the first,
and a second reminder makes everybody doubt all of them.

The log tells ids and states: a text may hold a link that lets somebody in.
"""

import json
import logging
import re
import smtplib
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, transaction
from django.template import Context, engines
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.encoding import punycode
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from papers.models import Mail
from papers.notifications import encryption
from papers.rendering import CONTROL_CHARACTERS, single_line

log = logging.getLogger(__name__)

State = Mail.State
MAX_SUBJECT_LENGTH = 200
LINK = re.compile(r"https?://\S+")
HEADER_NAME = re.compile(r"[!-9;-~]+")
# What a caller may not give: the rest of the arguments and this module say it.
RESERVED_HEADERS = {
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
}
RESERVED_HEADERS |= {
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "x-auto-response-suppress",
}

RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60)]
MAX_TRIES = len(RETRY_DELAYS) + 1
CLAIM_TIMEOUT = timedelta(minutes=10)
RETENTION = timedelta(days=90)
# The server said no, in one of its replies.
REFUSAL_ERRORS = (
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
)


class NotSent(Exception):
    """It is certain that the mail was not sent. Says why, without a word of the mail."""


class ClaimLost(Exception):
    """The claim took so long that the mail was taken for lost: it is not this worker's any more."""


def queue_mail(*, to, subject, text, key="", headers=None):
    """A mail to the address ``to``, sent after the caller's transaction is committed.

    Returns None where a mail of that ``key`` is there already. Raises ValidationError where ``to``
    is not one address, ValueError where a header is not one line or not the caller's to set.
    """
    subject = single_line(subject, MAX_SUBJECT_LENGTH)
    content = {"subject": subject, "text": text, "headers": _checked_headers(headers or {})}
    mail = Mail(
        to=_valid_address(to),
        key=Mail._meta.get_field("key").clean(key, None),
        content=encryption.encrypt(json.dumps(content)).encode(),
    )
    try:
        with transaction.atomic():  # a savepoint: the caller's work stands whatever happens here
            mail.save()
    except IntegrityError:
        if key and Mail.objects.filter(key=key).exists():
            return None
        raise
    # Robust: the mail is there by then, and the caller's work done. `requeue_lost` finds it.
    transaction.on_commit(lambda: _enqueue_delivery(mail.pk), robust=True)
    return mail


def queue_from_template(name, *, to, context, key=""):
    """Like `queue_mail`, with templates/emails/``name``.subject.txt and ``name``.txt.

    They are text: nothing in them is escaped, and nothing needs to say so.
    """
    subject, text = (
        engines["django"].engine.get_template(file).render(Context(context, autoescape=False))
        for file in (f"emails/{name}.subject.txt", f"emails/{name}.txt")
    )
    return queue_mail(to=to, subject=subject, text=text.strip() + "\n", key=key)


def _valid_address(to):
    if CONTROL_CHARACTERS.search(to):  # which the standard allows between quotes
        raise ValueError("An address is one line.")
    return Mail._meta.get_field("to").clean(to, None)


def _checked_headers(headers):
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or CONTROL_CHARACTERS.search(value):
            raise ValueError("A header is a name and one line.")
        if name.lower() in RESERVED_HEADERS:
            raise ValueError(f"The header {name} is not the caller's to set.")
    return headers


def _enqueue_delivery(mail_id):
    deliver_mail.enqueue(mail_id)
    log.info("mail %s: queued", mail_id)


@task(priority=10)  # people wait for codes; nobody waits for the rest
def deliver_mail(mail_id):
    """Hand the mail over, unless somebody else has; try again later where it was refused."""
    mail = _claim_mail(mail_id)
    if mail is None:
        return
    try:
        _hand_over(mail)
    except ClaimLost:
        log.warning("mail %s: left to others, its claim was too old", mail.pk)
    except NotSent as error:
        _retry_later(mail, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the server may have the mail
        problem = f"It is unknown whether the mail server has it ({_error_name(error)})."
        _update_claimed(mail, problem=problem)
        log.error("mail %s: left alone. %s", mail.pk, problem)
    else:
        _update_claimed(mail, state=State.SENT, sent_at=timezone.now(), content=b"", problem="")
        log.info("mail %s: sent", mail.pk)


def _claim_mail(mail_id):
    """The mail, if it waited: of several who ask at once the database lets one have it."""
    # Durable: in somebody's transaction the claim would not hold while the mail is on its way.
    with transaction.atomic(durable=True):
        waiting = Mail.objects.filter(pk=mail_id, state=State.WAITING)
        claim = {"claimed_at": timezone.now(), "handed_at": None, "problem": ""}
        if not waiting.update(state=State.SENDING, **claim):
            return None
        return Mail.objects.get(pk=mail_id)


def _mark_handed_over(mail):
    """From here on the server may have it. Raises ClaimLost where the claim does not hold."""
    with transaction.atomic(durable=True):
        if not _update_claimed(mail, handed_at=timezone.now()):
            raise ClaimLost


def _update_claimed(mail, **fields):
    """Keep what became of a claimed mail; 0 where the claim is not this one any more."""
    claimed = Mail.objects.filter(pk=mail.pk, state=State.SENDING, claimed_at=mail.claimed_at)
    return claimed.update(**fields)


def _hand_over(mail):
    """Raises NotSent where nothing was sent for certain; after any other error nobody knows."""
    with _as_not_sent("It could not be made"):
        message = _email_message(mail)
        message.message().as_bytes()  # what is wrong with it shows before anything has left
        connection = get_connection()
    try:
        with _as_not_sent("The mail server could not be reached"):
            connection.open()
        _mark_handed_over(mail)
        with _as_not_sent("The mail server refused it", REFUSAL_ERRORS):
            connection.send_messages([message])
    finally:
        with suppress(Exception):  # the farewell changes nothing
            connection.close()


@contextmanager
def _as_not_sent(what, errors=Exception):
    try:
        yield
    except errors as error:
        # A reply that is no refusal (an unreadable one is -1) may follow a mail that was taken.
        if errors is REFUSAL_ERRORS and not 400 <= getattr(error, "smtp_code", 500) < 600:
            raise
        raise NotSent(f"{what} ({_error_name(error)}).") from error


def _error_name(error):
    """What happened. Not in the server's words: they may quote the mail, or whom it is to."""
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()


def _email_message(mail):
    content = json.loads(encryption.decrypt(bytes(mail.content).decode()))
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Message-ID": _message_id(mail),
    }
    message = EmailMultiAlternatives(
        content["subject"], content["text"], to=[mail.to], headers=content["headers"] | headers
    )
    # Made of the text, which is escaped on the way: there is one source of what a mail says.
    parts = _split_paragraphs(content["text"])
    html = render_to_string("emails/base.html", content | {"parts": parts})
    message.attach_alternative(html, "text/html")
    return message


def _split_paragraphs(text):
    """The paragraphs of ``text``, each with whether it is a link and nothing else."""
    found = (part.strip() for part in text.split("\n\n"))
    return [{"text": part, "is_link": bool(LINK.fullmatch(part))} for part in found if part]


def _message_id(mail):
    """The same for the same mail, and no other: a database made anew counts from 1 again."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{punycode(domain)}>"


def _retry_later(mail, problem):
    tries = mail.tries + 1
    if tries == MAX_TRIES:
        _update_claimed(mail, state=State.FAILED, tries=tries, problem=problem, content=b"")
        log.error("mail %s: failed at try %s. %s", mail.pk, tries, problem)
        return
    with transaction.atomic():
        _update_claimed(mail, state=State.WAITING, tries=tries, problem=problem)
        deliver_mail.using(run_after=timezone.now() + RETRY_DELAYS[mail.tries]).enqueue(mail.pk)
    log.warning("mail %s: waiting after try %s. %s", mail.pk, tries, problem)


def interrupted_mails(at):
    """The mails that were handed over long before ``at`` and never finished: perhaps sent, or not.

    Long is counted from the claim: the rest takes no longer than a server may be silent.
    """
    return _stale_claims(at).exclude(handed_at=None)


def _stale_claims(at):
    return Mail.objects.filter(state=State.SENDING, claimed_at__lt=at - CLAIM_TIMEOUT)


def delete_old_mails():
    """Forget the mails that are done with, and whom they went to, after ``RETENTION``."""
    done = Mail.objects.filter(state__in=[State.SENT, State.FAILED])
    done.filter(created_at__lt=timezone.now() - RETENTION).delete()


def requeue_lost():
    """Enqueue what waits and has no task; tell of what was interrupted. Returns how many it was.

    For a worker or a process that was killed at the wrong moment: what it claimed and did not hand
    over waits again. Calling it again, or beside a task that is about to begin, does no harm: what
    is delivered is what can be claimed.
    """
    now = timezone.now()
    _stale_claims(now).filter(handed_at=None).update(state=State.WAITING)
    for mail in interrupted_mails(now).filter(problem=""):
        _update_claimed(
            mail, problem="Its worker stopped: it is unknown whether the mail server has it."
        )
        log.error("mail %s: left alone, its worker stopped", mail.pk)
    # Only tasks that are ready: one that a killed worker began stays "running" forever.
    tasks = DBTaskResult.objects.filter(
        task_path=deliver_mail.module_path, status=TaskResultStatus.READY
    )
    queued = set(tasks.values_list("args_kwargs__args__0", flat=True))
    waiting = Mail.objects.filter(state=State.WAITING).order_by("pk")
    lost = [pk for pk in waiting.values_list("pk", flat=True) if pk not in queued]
    for pk in lost:
        _enqueue_delivery(pk)
    return len(lost)
