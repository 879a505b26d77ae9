"""Date polls: dates are proposed, members answer when they can come, and one date is chosen.

Acts that change a poll lock its group and then its row; an answer locks the row alone. So nobody
answers a poll while its date is being chosen, and of two users who choose one at once, one gets an
error that it is chosen already. Only answers of active members of the group count.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from papers.discussions import times
from papers.models import Availability, DateOption, Discussion, Event
from papers.models.polls import MAX_DATE_OPTIONS
from papers.notifications.fan_out import record_event
from papers.notifications.reach import count_notified
from papers.services import agenda, rsvps
from papers.services.scheduling import Venue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from typing import Unpack

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from papers.models import Group, Paper, User

    CountedOption = WithAnnotations[DateOption, "AnswerCounts"]

log = logging.getLogger(__name__)
State, Answer = Discussion.State, Availability.Answer


class PollChanges(Venue, total=False):
    """The fields of a poll that organisers change."""

    answer_by: datetime | None
    quorum: int | None


class AnswerCounts(TypedDict):
    """How many members answered yes to an option, and how many yes or maybe."""

    yes: int
    can: int


@transaction.atomic
def open_poll(
    *,
    group: Group,
    by: User,
    options: Sequence[tuple[datetime, datetime]],
    papers: Iterable[Paper] = (),
    answer_by: datetime | None = None,
    quorum: int | None = None,
    **venue: Unpack[Venue],
) -> Discussion:
    """Ask the members of ``group`` which of ``options`` suit them; all are notified.

    ``options``: (starts_at, ends_at) of 1 to 20 dates. ``answer_by``: the deadline for answers.
    ``quorum``: the number of yes answers at which the best date is then chosen automatically.
    Raises ValidationError if there is no date, or too many, or one twice.
    """
    if not options:
        raise ValidationError("Enter at least one date.")
    discussion = Discussion.objects.create(
        group=group,
        created_by=by,
        state=State.POLLING,
        answer_by=answer_by,
        quorum=quorum,
        **venue,
    )
    _add_options(discussion, options)
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    record_event(Event.POLL_OPENED, discussion, by=by)
    return discussion


@transaction.atomic
def edit_poll(
    *,
    discussion: Discussion,
    by: User | None = None,
    options: Sequence[tuple[datetime, datetime]] = (),
    **fields: Unpack[PollChanges],
) -> int:
    """Add ``options`` to a poll, and change its ``fields``.

    Members who have to answer an added date are notified, once for all of ``options``. Returns how
    many. Raises ValidationError if its date is chosen, or there are too many dates, or one twice.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    _require_polling(discussion)
    _add_options(discussion, options)
    agenda.save_and_bump_sequence(discussion, **fields)
    if not options:
        return 0
    record_event(Event.DATES_ADDED, discussion, by=by)
    return count_notified(Event.DATES_ADDED, discussion, by=by)


def _add_options(discussion: Discussion, options: Sequence[tuple[datetime, datetime]]) -> None:
    known = set(discussion.options.values_list("starts_at", flat=True))
    starts = [starts_at for starts_at, _ in options]
    if len(known) + len(starts) > MAX_DATE_OPTIONS:
        raise ValidationError(f"A date poll has at most {MAX_DATE_OPTIONS} dates.")
    if known & set(starts) or len(set(starts)) < len(starts):
        raise ValidationError("Two of the dates are the same. Remove one of them.")
    DateOption.objects.bulk_create(
        DateOption(discussion=discussion, position=position, starts_at=start, ends_at=end)
        for position, (start, end) in enumerate(options, start=len(known))
    )


@transaction.atomic
def save_answers(*, discussion: Discussion, user: User, answers: Mapping[int, str]) -> None:
    """Save the answers of ``user``: id of an option -> an `Availability.Answer`; "" removes it.

    The same answer again keeps its time. Raises ValidationError if the poll takes no answers, the
    user is not in the group, or an option is not of this poll; Discussion.DoesNotExist if it was
    deleted meanwhile.
    """
    discussion = rsvps.lock_discussion(discussion)
    if problem := why_no_answer(discussion):
        raise ValidationError(problem)
    if not discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError("Only members of the group can answer its date polls.")
    if not answers.keys() <= set(discussion.options.values_list("pk", flat=True)):
        raise ValidationError("The dates of the poll have changed. Reload the page.")
    mine = Availability.objects.filter(option__discussion=discussion, user=user)
    saved = dict(mine.values_list("option", "answer"))
    mine.filter(option__in=[pk for pk, answer in answers.items() if not answer]).delete()
    new = {pk: answer for pk, answer in answers.items() if answer and saved.get(pk) != answer}
    Availability.objects.bulk_create(
        [Availability(option_id=pk, user=user, answer=answer) for pk, answer in new.items()],
        update_conflicts=True,
        unique_fields=["option", "user"],
        update_fields=["answer", "updated_at"],
    )


def why_no_answer(discussion: Discussion) -> str:
    """Why a poll takes no answers now, as a sentence; "" if it does."""
    if discussion.is_cancelled:
        return "This date poll was cancelled, so it cannot be answered."
    if not discussion.is_polling:
        return "The date is chosen already. Say on this page whether you are coming."
    return "The deadline for answers has passed." if is_closed(discussion, timezone.now()) else ""


def is_closed(discussion: Discussion, at: datetime) -> bool:
    """Whether the deadline of a poll has passed at ``at``."""
    return discussion.answer_by is not None and discussion.answer_by <= at


@transaction.atomic
def remind_unanswered(*, discussion: Discussion, by: User) -> int:
    """Remind those who have not answered every date to come, once a day. Returns how many.

    Raises ValidationError if the poll takes no answers, nobody would be reminded, or they were
    reminded today.
    """
    discussion = rsvps.lock_discussion(discussion)
    if problem := why_no_answer(discussion):
        raise ValidationError(problem)
    number = count_to_remind(discussion, by=by)
    if not number:
        raise ValidationError("There is nobody to remind.")
    today = _group_today(discussion)
    if record_event(Event.POLL_REMINDED, discussion, by=by, asked_on=today) is None:
        raise ValidationError("A reminder was sent today already. The next one can go tomorrow.")
    return number


def count_to_remind(discussion: Discussion, *, by: User) -> int:
    """How many members a reminder by ``by`` would reach now."""
    return count_notified(Event.POLL_REMINDED, discussion, by=by)


def was_reminded_today(discussion: Discussion) -> bool:
    """Whether those who have not answered were reminded today, in the group's zone."""
    reminded = discussion.notices.filter(event=Event.POLL_REMINDED)
    return reminded.filter(asked_on=_group_today(discussion)).exists()


def _group_today(discussion: Discussion) -> date:
    return timezone.now().astimezone(times.group_zone(discussion.group)).date()


@transaction.atomic
def fix_date(*, option: DateOption, by: User | None, papers: Iterable[Paper] = ()) -> Discussion:
    """Choose the date ``option``, and add ``papers`` to the agenda; all members are notified.

    Members who answered yes are coming, in the order of their answers: the first have the seats.
    Returns the meeting. Raises ValidationError if a date is chosen already, or this one is past.
    """
    discussion = agenda.lock_group_and_discussion(option.discussion)
    _require_polling(discussion)
    option = discussion.options.get(pk=option.pk)
    if option.starts_at <= timezone.now():
        raise ValidationError("That date is in the past. Choose a later one.")
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    span = {"starts_at": option.starts_at, "ends_at": option.ends_at}
    withdrawn = {"withdrawn_starts_at": None, "withdrawn_ends_at": None}
    agenda.save_and_bump_sequence(discussion, state=State.SCHEDULED, **span, **withdrawn)
    rsvps.seat_members(discussion, users_saying_yes(option))
    record_event(Event.FIXED, discussion, by=by)
    return discussion


def users_saying_yes(option: DateOption) -> list[User]:
    """The members who answered yes to ``option``, in the order of their answers."""
    members = option.discussion.group.active_user_ids()
    yes = option.answers.filter(answer=Answer.YES, user__in=members).select_related("user")
    return [answer.user for answer in yes.order_by("updated_at", "pk")]


def close_due_polls(*, at: datetime) -> None:
    """Choose the dates of the polls that have a quorum, and whose deadline has passed at ``at``.

    Each in a transaction of its own. Without enough yes answers a poll stays open.
    """
    due = Discussion.objects.polling().filter(answer_by__lte=at, quorum__isnull=False)
    for discussion in due.select_related("group"):
        try:
            _close_poll(discussion, at)
        except ValidationError as error:  # somebody was faster
            log.info("date poll %s: no date chosen: %s", discussion.pk, error.message)
        except Exception:
            log.exception("date poll %s: no date chosen", discussion.pk)


@transaction.atomic
def _close_poll(discussion: Discussion, at: datetime) -> None:
    if best_option(discussion, at) is None:
        return
    discussion = agenda.lock_group_and_discussion(discussion)
    option = best_option(discussion, at)  # again, now that the answers are locked
    if option is not None and discussion.is_polling and is_closed(discussion, at):
        fix_date(option=option, by=None)
        log.info("date poll %s: date chosen automatically", discussion.pk)


def best_option(discussion: Discussion, at: datetime) -> CountedOption | None:
    """The date after ``at`` with the most yes answers, if there are as many as the quorum.

    Ties: the most answers of yes or maybe, then the earliest date. None if there is none.
    """
    counts = Q(answers__user__in=discussion.group.active_user_ids())
    can = counts & Q(answers__answer__in=[Answer.YES, Answer.MAYBE])
    options = discussion.options.filter(starts_at__gt=at).annotate(
        yes=Count("answers", filter=counts & Q(answers__answer=Answer.YES)),
        can=Count("answers", filter=can),
    )
    options = options.filter(yes__gte=discussion.quorum or 1)
    return options.order_by("-yes", "-can", "starts_at").first()


def unanswered_polls(user: User, group: Group) -> QuerySet[Discussion]:
    """The polls of ``group`` with a date to come that ``user`` has not answered, and still can.

    The first deadline comes first.
    """
    now = timezone.now()
    waiting = DateOption.objects.filter(discussion=OuterRef("pk")).open_at(now).unanswered_by(user)
    polls = Discussion.objects.in_group(group).polling().filter(Exists(waiting))
    polls = polls.filter(Q(answer_by=None) | Q(answer_by__gt=now))
    return polls.order_by(F("answer_by").asc(nulls_last=True), "pk")


def why_no_change(discussion: Discussion) -> str:
    """Why the poll takes no more dates, and none can be chosen, as a sentence; "" if it does."""
    if discussion.is_cancelled:
        return "This date poll was cancelled."
    return "" if discussion.is_polling else "The date is chosen already."


def _require_polling(discussion: Discussion) -> None:
    if problem := why_no_change(discussion):
        raise ValidationError(problem)
