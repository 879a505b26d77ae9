"""Outgoing mail: queued in the caller's transaction, sent by a worker, at most once.

A worker claims a mail, and marks it as handed over right before it goes to the server; each step is
committed before anything leaves. A claimed mail that was not handed over was certainly not sent: if
its worker was killed, it waits again. A mail that was handed over and not finished is not retried.
So a mail may be lost, if a worker is killed or a server falls silent during the transfer, but never
arrives twice. A lost mail can be requested again, and is logged; a mail that has arrived cannot be
recalled: a second code makes its reader doubt the first, a second reminder makes all doubt all.

The log has ids and states only: a text may contain a link that lets somebody in.
"""

import logging
import re
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.core.mail import get_connection
from django.db import IntegrityError, transaction
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from papers.models import Mail
from papers.notifications import messages
from papers.notifications.calendar_files import CalendarFile
from papers.rendering import CONTROL_CHARACTERS, single_line

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)

State = Mail.State
MAX_SUBJECT_LENGTH = 200
HEADER_NAME = re.compile(r"[!-9;-~]+")
# Not for callers to set: they follow from the other arguments, or this module sets them.
RESERVED_HEADERS = {"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id"}
RESERVED_HEADERS |= {"mime-version", "content-type", "content-transfer-encoding"}
RESERVED_HEADERS |= {"auto-submitted", "x-auto-response-suppress"}

RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60)]
MAX_TRIES = len(RETRY_DELAYS) + 1
CLAIM_TIMEOUT = timedelta(minutes=10)
RETENTION = timedelta(days=90)
# The server refused the mail in one of its replies.
REFUSAL_ERRORS = (
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
)


class NotSent(Exception):
    """The mail was certainly not sent. The message says why, without a word of the mail."""


class ClaimLost(Exception):
    """The claim is so old that the mail was taken for lost: another worker may have it."""


def queue_mail(
    *,
    to: str,
    subject: str,
    text: str,
    key: str = "",
    headers: Mapping[str, str] | None = None,
    calendar_file: CalendarFile | None = None,
) -> Mail | None:
    """Queue a mail to the address ``to``, sent after the caller's transaction is committed.

    Returns None if there is a mail with that ``key`` already. Raises ValidationError if ``to`` is
    not one address, ValueError if a header is not one line or not for the caller to set.
    """
    subject = single_line(subject, MAX_SUBJECT_LENGTH)
    content = messages.encrypted_content(
        subject, text, _checked_headers(headers or {}), calendar_file
    )
    mail = Mail(
        to=_valid_address(to),
        key=Mail._meta.get_field("key").clean(key, None),
        content=content,
    )
    try:
        with transaction.atomic():  # a savepoint: a failure here does not undo the caller's work
            mail.save()
    except IntegrityError:
        if key and Mail.objects.filter(key=key).exists():
            return None
        raise
    # Robust: the mail is saved by then, and so is the caller's work. `requeue_lost` finds it.
    transaction.on_commit(lambda: _enqueue_delivery(mail.pk), robust=True)
    return mail


def queue_from_template(
    name: str, *, to: str, context: Mapping[str, Any], key: str = ""
) -> Mail | None:
    """Like `queue_mail`, with templates/emails/``name``.subject.txt and ``name``.txt.

    They are plain text: nothing is escaped, without `autoescape` tags in the templates.
    """
    engine = cast(DjangoTemplates, engines["django"]).engine
    subject, text = (
        engine.get_template(file).render(Context(dict(context), autoescape=False))
        for file in (f"emails/{name}.subject.txt", f"emails/{name}.txt")
    )
    return queue_mail(to=to, subject=subject, text=text.strip() + "\n", key=key)


def _valid_address(to: str) -> str:
    if CONTROL_CHARACTERS.search(to):  # the standard allows them between quotes
        raise ValueError("An address is one line.")
    return Mail._meta.get_field("to").clean(to, None)


def _checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or CONTROL_CHARACTERS.search(value):
            raise ValueError("A header is a name and one line.")
        if name.lower() in RESERVED_HEADERS:
            raise ValueError(f"The header {name} is not the caller's to set.")
    return headers


def _enqueue_delivery(mail_id: int) -> None:
    deliver_mail.enqueue(mail_id)
    log.info("mail %s: queued", mail_id)


@task(priority=10)  # people wait for codes; nobody waits for the rest
def deliver_mail(mail_id: int) -> None:
    """Send the mail, unless another worker has claimed it; retry later if it was refused."""
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


def _claim_mail(mail_id: int) -> Mail | None:
    """Claim the mail if it is waiting: of several workers at once, one gets it."""
    # Durable: in another transaction the claim would not be visible while the mail is sent.
    with transaction.atomic(durable=True):
        waiting = Mail.objects.filter(pk=mail_id, state=State.WAITING)
        claim = {"claimed_at": timezone.now(), "handed_at": None, "problem": ""}
        if not waiting.update(state=State.SENDING, **claim):
            return None
        return Mail.objects.get(pk=mail_id)


def _mark_handed_over(mail: Mail) -> None:
    """Record that the server may have it from now on. Raises ClaimLost if the claim is lost."""
    with transaction.atomic(durable=True):
        if not _update_claimed(mail, handed_at=timezone.now()):
            raise ClaimLost


def _update_claimed(mail: Mail, **fields: Any) -> int:
    """Save ``fields`` of a claimed mail; returns 0 if the claim is lost, otherwise 1."""
    claimed = Mail.objects.filter(pk=mail.pk, state=State.SENDING, claimed_at=mail.claimed_at)
    return claimed.update(**fields)


def _hand_over(mail: Mail) -> None:
    """Send the mail. Raises NotSent if it was certainly not sent; other errors leave it unknown."""
    with _as_not_sent("It could not be made"):
        message = messages.message_for(mail)
        message.message().as_bytes()  # a fault in it shows before anything has left
        connection = get_connection()
    try:
        with _as_not_sent("The mail server could not be reached"):
            connection.open()
        _mark_handed_over(mail)
        with _as_not_sent("The mail server refused it", REFUSAL_ERRORS):
            connection.send_messages([message])
    finally:
        with suppress(Exception):  # the mail is sent or not by then
            connection.close()


@contextmanager
def _as_not_sent(
    what: str, errors: type[Exception] | tuple[type[Exception], ...] = Exception
) -> Iterator[None]:
    """Turn ``errors`` into NotSent."""
    try:
        yield
    except errors as error:
        # A reply that is no refusal (-1: unreadable) may follow a mail that was accepted.
        if errors is REFUSAL_ERRORS and not 400 <= getattr(error, "smtp_code", 500) < 600:
            raise
        raise NotSent(f"{what} ({_error_name(error)}).") from error


def _error_name(error: Exception) -> str:
    """The kind of error, not the server's words: they may quote the mail or its recipient."""
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()


def _retry_later(mail: Mail, problem: str) -> None:
    tries = mail.tries + 1
    if tries == MAX_TRIES:
        _update_claimed(mail, state=State.FAILED, tries=tries, problem=problem, content=b"")
        log.error("mail %s: failed at try %s. %s", mail.pk, tries, problem)
        return
    with transaction.atomic():
        _update_claimed(mail, state=State.WAITING, tries=tries, problem=problem)
        deliver_mail.using(run_after=timezone.now() + RETRY_DELAYS[mail.tries]).enqueue(mail.pk)
    log.warning("mail %s: waiting after try %s. %s", mail.pk, tries, problem)


def interrupted_mails(at: datetime) -> "QuerySet[Mail]":
    """The mails handed over long before ``at`` and never finished: it is unknown if they were sent.

    Long before: `CLAIM_TIMEOUT` since the claim, more than a server may take to answer.
    """
    return _stale_claims(at).exclude(handed_at=None)


def _stale_claims(at: datetime) -> "QuerySet[Mail]":
    return Mail.objects.filter(state=State.SENDING, claimed_at__lt=at - CLAIM_TIMEOUT)


def delete_old_mails() -> None:
    """Delete the mails that were sent or failed, with their addresses, after `RETENTION`."""
    done = Mail.objects.filter(state__in=[State.SENT, State.FAILED])
    done.filter(created_at__lt=timezone.now() - RETENTION).delete()


def requeue_lost() -> int:
    """Enqueue the mails that wait without a task; log the interrupted ones. Returns how many.

    For workers and processes that were killed at the wrong moment: a mail that one claimed and did
    not hand over waits again. It does no harm to call this twice, or beside a task that is about to
    begin: only a mail that can be claimed is sent.
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
