"""Date polls: dates are proposed, members say when they can come, and one of them is fixed.

What changes a poll holds its group and then its row; an answer holds the row alone. So nobody
answers for a poll whose date is being fixed, and of two who fix one at once one is told that it is
fixed already. Only answers of active members of the group count.
"""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from papers.discussions import times
from papers.models import Availability, DateOption, Discussion, Event
from papers.models.polls import MAX_DATE_OPTIONS
from papers.notifications.fan_out import record_event
from papers.services import agenda, rsvps

log = logging.getLogger(__name__)
State, Answer = Discussion.State, Availability.Answer


@transaction.atomic
def open_poll(*, group, by, options, papers=(), answer_by=None, quorum=None, **where):
    """Ask the members of ``group`` which of ``options`` suits them; all are told.

    ``options``: (starts_at, ends_at) of 1 to 20 dates. ``answer_by``: until when one may answer.
    ``quorum``: how many yes answers let the best date fix itself then. ``where``: ``place``,
    ``link`` and ``seats``. ValidationError where there are too many dates, or one twice.
    """
    if not options:
        raise ValidationError("Propose a date.")
    asked = {"state": State.POLLING, "answer_by": answer_by, "quorum": quorum}
    discussion = Discussion.objects.create(group=group, created_by=by, **asked, **where)
    _add_options(discussion, options)
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    record_event(Event.POLL_OPENED, discussion, by=by)
    return discussion


@transaction.atomic
def edit_poll(*, discussion, options=(), **fields):
    """Give a poll more dates, and other ``fields``, as above. ValidationError as above."""
    discussion = agenda.lock_group_and_discussion(discussion)
    _require_polling(discussion)
    _add_options(discussion, options)
    agenda.save_and_bump_sequence(discussion, **fields)


def _add_options(discussion, options):
    known = set(discussion.options.values_list("starts_at", flat=True))
    starts = [starts_at for starts_at, _ in options]
    if len(known) + len(starts) > MAX_DATE_OPTIONS:
        raise ValidationError(f"A date poll has {MAX_DATE_OPTIONS} dates at most.")
    if known & set(starts) or len(set(starts)) < len(starts):
        raise ValidationError("One of the dates is there twice.")
    DateOption.objects.bulk_create(
        DateOption(discussion=discussion, position=position, starts_at=start, ends_at=end)
        for position, (start, end) in enumerate(options, start=len(known))
    )


@transaction.atomic
def save_answers(*, discussion, user, answers):
    """Keep when ``user`` can come: id of an option -> an `Availability.Answer`; "" takes it back.

    Who says the same again keeps the moment they said it. ValidationError where the poll takes no
    answers, or an option is none of its; Discussion.DoesNotExist where it went meanwhile.
    """
    discussion = rsvps.lock_discussion(discussion)
    if problem := why_no_answer(discussion):
        raise ValidationError(problem)
    if not discussion.group.active_user_ids().filter(user=user).exists():
        raise ValidationError("Only members of the group answer its date polls.")
    if not answers.keys() <= set(discussion.options.values_list("pk", flat=True)):
        raise ValidationError("That is none of the dates: load the page again.")
    mine = Availability.objects.filter(option__discussion=discussion, user=user)
    said = dict(mine.values_list("option", "answer"))
    mine.filter(option__in=[pk for pk, answer in answers.items() if not answer]).delete()
    new = {pk: answer for pk, answer in answers.items() if answer and said.get(pk) != answer}
    Availability.objects.bulk_create(
        [Availability(option_id=pk, user=user, answer=answer) for pk, answer in new.items()],
        update_conflicts=True,
        unique_fields=["option", "user"],
        update_fields=["answer", "updated_at"],
    )


def why_no_answer(discussion):
    """Why a poll takes no answers now, as a sentence; "" where it does."""
    if discussion.is_cancelled:
        return "It is called off: it takes no answers now."
    if not discussion.is_polling:
        return "Its date is fixed: say whether you come."
    return "The time to answer is over." if is_closed(discussion, timezone.now()) else ""


def is_closed(discussion, at):
    """Whether the deadline of a poll is over at ``at``."""
    return discussion.answer_by is not None and discussion.answer_by <= at


@transaction.atomic
def remind_unanswered(*, discussion, by):
    """Ask those who have not answered, once a day. Returns whether they were not asked today."""
    discussion = rsvps.lock_discussion(discussion)
    if problem := why_no_answer(discussion):
        raise ValidationError(problem)
    today = _group_today(discussion)
    return record_event(Event.POLL_REMINDED, discussion, by=by, asked_on=today) is not None


def was_reminded_today(discussion):
    """Whether those who have not answered were asked today, by the group's clock."""
    reminded = discussion.notices.filter(event=Event.POLL_REMINDED)
    return reminded.filter(asked_on=_group_today(discussion)).exists()


def _group_today(discussion):
    return timezone.now().astimezone(times.group_zone(discussion.group)).date()


@transaction.atomic
def fix_date(*, option, by, papers=()):
    """Let the meeting be on the date ``option``, over ``papers`` as well; all are told.

    Who said yes comes, in the order in which they said it: the first have the seats. Returns the
    meeting. ValidationError where its date is fixed already, or this one is past.
    """
    discussion = agenda.lock_group_and_discussion(option.discussion)
    _require_polling(discussion)
    option = discussion.options.get(pk=option.pk)
    if option.starts_at <= timezone.now():
        raise ValidationError("This date is past: choose another one.")
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    span = {"starts_at": option.starts_at, "ends_at": option.ends_at}
    agenda.save_and_bump_sequence(discussion, state=State.SCHEDULED, **span)
    members = discussion.group.active_user_ids()
    yes = option.answers.filter(answer=Answer.YES, user__in=members).select_related("user")
    rsvps.seat_members(discussion, [one.user for one in yes.order_by("updated_at", "pk")])
    record_event(Event.FIXED, discussion, by=by)
    return discussion


def close_due_polls(*, at):
    """Let the polls that have a quorum, and whose deadline is over at ``at``, fix themselves.

    Each in a transaction of its own. Where there are not enough yes answers a poll stays as it is.
    """
    due = Discussion.objects.polling().filter(answer_by__lte=at, quorum__isnull=False)
    for discussion in due.select_related("group"):
        try:
            _close_poll(discussion, at)
        except ValidationError as error:  # somebody was faster
            log.info("date poll %s: not fixed: %s", discussion.pk, error.message)
        except Exception:
            log.exception("date poll %s: not fixed", discussion.pk)


@transaction.atomic
def _close_poll(discussion, at):
    if best_option(discussion, at) is None:
        return
    discussion = agenda.lock_group_and_discussion(discussion)
    option = best_option(discussion, at)  # as it is now that nobody changes it
    if option is not None and discussion.is_polling and is_closed(discussion, at):
        fix_date(option=option, by=None)
        log.info("date poll %s: fixed itself", discussion.pk)


def best_option(discussion, at):
    """The date after ``at`` that most can come on, where they are as many as the quorum says.

    Ties: who comes if need be, then the first date. None where there is none.
    """
    counts = Q(answers__user__in=discussion.group.active_user_ids())
    can = counts & Q(answers__answer__in=[Answer.YES, Answer.MAYBE])
    options = discussion.options.filter(starts_at__gt=at).annotate(
        yes=Count("answers", filter=counts & Q(answers__answer=Answer.YES)),
        can=Count("answers", filter=can),
    )
    options = options.filter(yes__gte=discussion.quorum or 1)
    return options.order_by("-yes", "-can", "starts_at").first()


def unanswered_polls(user, group):
    """The polls of ``group`` that ``user`` can answer and has not, the first to close first."""
    now = timezone.now()
    options = DateOption.objects.filter(discussion=OuterRef("pk"))
    is_answered = Exists(options.filter(answers__user=user))
    polls = (
        Discussion.objects.in_group(group)
        .polling()
        .filter(Exists(options.filter(starts_at__gt=now)))
    )
    polls = polls.filter(Q(answer_by=None) | Q(answer_by__gt=now)).exclude(is_answered)
    return polls.order_by(F("answer_by").asc(nulls_last=True), "pk")


def why_no_change(discussion):
    """Why it takes no more dates, and none of them is fixed, as a sentence; "" where it does."""
    if discussion.is_cancelled:
        return "It is called off."
    return "" if discussion.is_polling else "Its date is fixed already."


def _require_polling(discussion):
    if problem := why_no_change(discussion):
        raise ValidationError(problem)
