"""Choosing the date of a poll, and reopening it: each page says first what will happen."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from papers import access
from papers.discussions import times
from papers.forms import ChooseDateForm
from papers.models import Availability, Discussion, Event
from papers.notifications.reach import count_notified, notified_sentence
from papers.services import date_polls, poll_reopening
from papers.submit_once import submit_once
from papers.views.form_flow import redirect_to_poll, run_or_message


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def choose_date(request, slug, pk):
    """Choose one of the dates, and optionally a paper, after a page that names both."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if problem := date_polls.why_no_change(discussion):
        messages.error(request, problem)
        return redirect(discussion)
    data = request.POST if request.method == "POST" else request.GET
    form = ChooseDateForm(data, discussion=discussion)
    if not form.is_valid():
        messages.error(request, "Choose one of the dates.")
        return redirect_to_poll(discussion)
    option, papers = form.cleaned_data["pick"]
    if option.starts_at <= timezone.now():
        messages.error(request, "That date is in the past. Choose a later one.")
        return redirect_to_poll(discussion)
    plan = _plan_of(discussion, option, papers, request.user)
    if request.method != "POST":
        context = {"group": discussion.group, "section": "discussions", "discussion": discussion}
        return render(request, "papers/poll_choose.html", context | {"plan": plan})
    if run_or_message(request, date_polls.fix_date, option=option, by=request.user, papers=papers):
        messages.success(request, f"The date is chosen. {notified_sentence(plan['told'])}")
    return redirect(discussion)


def _plan_of(discussion, option, papers, user):
    """What choosing ``option`` and adding ``papers`` would do, for the page that asks."""
    group = discussion.group
    agenda = [item.paper for item in discussion.fetch_agenda()]
    option.discussion.group = group
    yes, seats = date_polls.users_saying_yes(option), discussion.seats
    after = {"state": Discussion.State.SCHEDULED}
    after |= {"starts_at": option.starts_at, "ends_at": option.ends_at}
    return {
        "pick": f"{option.pk}:{papers[0].pk if papers else ''}",
        "when": times.meeting_time(option, group, user),
        "agenda": agenda,
        "added": [paper for paper in papers if paper not in agenda],
        "going": yes,
        "waiting": yes[seats:] if seats else [],
        "told": count_notified(Event.FIXED, discussion, by=user, **after),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@submit_once
def reopen_poll(request, slug, pk):
    """Withdraw the chosen date and reopen the poll, after a page that says what that does."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    if problem := poll_reopening.why_no_reopening(discussion):
        messages.error(request, problem)
        return redirect(discussion)
    is_closed = date_polls.is_closed(discussion, timezone.now())
    after = {"state": Discussion.State.POLLING, "starts_at": None, "ends_at": None}
    after |= {"answer_by": None} if is_closed else {}
    told = count_notified(Event.REOPENED, discussion, by=request.user, **after)
    if request.method != "POST":
        answers = Availability.objects.filter(option__discussion=discussion)
        context = {
            "group": discussion.group,
            "section": "discussions",
            "discussion": discussion,
            "when": times.meeting_time(discussion, discussion.group, request.user),
            "answered": answers.values("user").distinct().count(),
            "is_closed": is_closed,
            "deadline": times.deadline_text(discussion, discussion.group, request.user),
            "told": told,
        }
        return render(request, "papers/poll_reopen.html", context)
    if run_or_message(request, poll_reopening.reopen_poll, discussion=discussion, by=request.user):
        messages.success(request, f"The date poll is open again. {notified_sentence(told)}")
    return redirect_to_poll(discussion)
