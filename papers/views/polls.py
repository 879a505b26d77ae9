"""Date polls: asked for, answered, and fixed."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from papers import access, grids, times
from papers.forms import AnswersForm, FixForm, PollEditForm, PollForm, sent
from papers.services import polling
from papers.views.choosing import papers_for
from papers.views.ways import did, made, or_not_found

PROPOSED = 4  # dates, at first
CHOICES = [("yes", "✓", "Yes"), ("maybe", "≈", "If need be"), ("no", "✗", "No")]


def context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it.

    As many queries for thirty members and dates as for one of each.
    """
    if not discussion.is_polling:
        return {}
    group, user, now = discussion.group, request.user, timezone.now()
    options = list(discussion.options.all())
    answers = grids.answers_of(discussion, options)
    wishes = grids.wishes_for(group, [item.paper for item in items])
    grids.count(options, answers, now)
    grids.explain(options, items, answers, wishes, are_named=group.votes_are_named)
    for option in options:
        option.when = times.when(option, group, user)
        option.mine = answers.given[option.pk].get(user.pk, "")
    is_closed = polling.is_closed(discussion, now)
    is_past = all(option.is_past for option in options)
    poll = {
        "discussion": discussion,
        "options": options,
        "zone": times.zone_for(user, group).key,
        "choices": CHOICES,
        "is_closed": is_closed,
        "is_past": is_past,
        "takes_answers": group.is_mine and not is_closed and not is_past,
        "deadline": times.deadline(discussion, group, user),
        "rows": grids.rows(options, answers, user),
        "silent": grids.silent(answers),
        "have_answered": any(option.mine for option in options),
    }
    if discussion.may_run:
        poll["matrix"] = grids.matrix(options, items, answers, group)
        poll["is_reminded"] = polling.is_reminded(discussion)
    return {"poll": poll}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request, slug):
    """Ask the members for a date."""
    group = access.scheduling_group_for(request.user, slug)
    shown, chosen = papers_for(request, group)
    form = PollForm(
        sent(request),
        group=group,
        shown=shown,
        proposed=_proposed(group, request.GET.get("on", "")),
        initial={
            "papers": chosen,
            "minutes": group.meets_for,
            "place": group.place,
            "link": group.link,
        },
    )
    if form.is_valid() and (discussion := _opened(form, group, by=request.user)):
        messages.success(request, "The members are asked when they can come.")
        return redirect(discussion)
    context = {"group": group, "section": "discussions", "form": form}
    context["query"] = request.GET.urlencode()
    status = 422 if form.errors else 200
    return render(request, "papers/poll_new.html", context, status=status)


def _opened(form, group, *, by):
    """The poll that a valid form asks for; None, and the form says why, where it cannot be."""
    data = form.cleaned_data
    given = {name: data[name] for name in ("papers", "answer_by", "quorum")}
    given |= {"options": form.options, **form.where}
    return made(form, polling.open_poll, group=group, by=by, **given)


def _proposed(group, on):
    """Moments to begin with: the next free usual dates, and before them a day that was asked for.

    ``on``: the day, as in an address.
    """
    free = times.free_dates(group, timezone.now(), PROPOSED)
    try:
        day = times.local(
            date.fromisoformat(on), group.meets_at or times.USUAL_HOUR, times.zone_of(group)
        )
    except (ValueError, OverflowError):
        return free
    return [day, *(other for other in free if other != day)][:PROPOSED]


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, slug, pk):
    """Add dates to a poll, or change until when one may answer."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if problem := polling.why_no_change(discussion):
        messages.error(request, problem)
        return redirect(discussion)
    options = list(discussion.options.all())
    form = PollEditForm.of(discussion, options, sent(request))
    if form.is_valid() and _edited(discussion, form):
        messages.success(request, "The date poll is changed.")
        return redirect(discussion)
    context = {"group": discussion.group, "section": "discussions", "form": form}
    dates = [times.when(option, discussion.group) for option in options]
    context |= {"discussion": discussion, "dates": dates}
    status = 422 if form.errors else 200
    return render(request, "papers/poll_edit.html", context, status=status)


def _edited(discussion, form):
    """Do it; False, and the form says why, where it cannot be done."""
    asked = {name: form.cleaned_data[name] for name in ("answer_by", "quorum")}
    try:
        with or_not_found():
            polling.edit(discussion=discussion, options=form.options, **asked, **form.where)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@require_POST
def answer(request, slug, pk):
    """Say when I can come, or take back what I said."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    options = list(discussion.options.all())
    form = AnswersForm(request.POST, options=options)
    if not form.is_valid():
        messages.error(request, "Say yes, if need be, or no: load the page again.")
        return _back(discussion)
    answers, said = form.answers, "Your answers are kept."
    if "take-back" in request.POST:
        answers = dict.fromkeys([option.pk for option in options], "")
        said = "Your answers are taken back."
    return _did(request, polling.answer, discussion, said, user=request.user, answers=answers)


@require_POST
def remind(request, slug, pk):
    """Ask those who have not answered, once a day."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    said = "Those who have not answered are reminded, once a day at most."
    return _did(request, polling.remind, discussion, said, by=request.user)


@require_POST
def fix(request, slug, pk):
    """Fix one of the dates, and maybe a paper with it."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    form = FixForm(request.POST, discussion=discussion)
    if not form.is_valid():
        messages.error(request, "Choose one of the dates.")
        return _back(discussion)
    option, papers = form.cleaned_data["pick"]
    if did(request, polling.fix, option=option, by=request.user, papers=papers):
        messages.success(request, "The date is fixed, and the members are told.")
    return redirect(discussion)


def _did(request, act, discussion, said, /, **given):
    """Do it, and say so; or why it cannot be done."""
    if did(request, act, discussion=discussion, **given):
        messages.success(request, said)
    return _back(discussion)


def _back(discussion):
    return redirect(f"{discussion.get_absolute_url()}#poll")
