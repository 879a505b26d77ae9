"""Outcomes of discussions, reading states, and reading together."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from papers import access
from papers.discussions import reading_counts, time_slots, times
from papers.forms import ConcludeForm, ReadingStateForm, ReadTogetherForm, post_data
from papers.library import threads
from papers.models import AgendaItem, Discussion, Event, Notice, User
from papers.rendering import render_markdown
from papers.services import outcomes, reading_state, scheduling
from papers.views.form_flow import next_url, or_not_found

STALE_OUTCOMES = (
    "Somebody else has changed the meeting meanwhile. Your text is not lost: where something else "
    "is saved now, it is shown below yours. Copy what you want to keep, and save."
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of an agenda item, with its texts as HTML."""

    item: AgendaItem
    takeaways_html: str
    questions_html: str

    @classmethod
    def of_item(cls, item, handles):
        """The `Outcome` of ``item``; its texts may mention ``handles``."""
        takeaways = render_markdown(item.takeaways, handles)
        return cls(item, takeaways, render_markdown(item.open_questions, handles))


@dataclass(frozen=True)
class PaperMeeting:
    """A discussion that has a paper on its agenda, as the page of the paper shows it."""

    discussion: Discussion
    when: times.MeetingTime | None
    outcome: Outcome


def discussion_context(request, discussion, items):
    """What the page of ``discussion``, with the ``items`` of its agenda, shows of it.

    As many queries for thirty papers as for one.
    """
    group, now = discussion.group, timezone.now()
    ids = [item.paper_id for item in items]
    readers = reading_counts.counts_by_paper(group, ids, request.user)
    handles = threads.member_handles(group)
    for item in items:
        item.paper.group = group
    may_run = group.viewer.may_run(discussion)
    is_over = discussion.ends_at is not None and discussion.ends_at <= now
    is_met = discussion.is_scheduled and not discussion.is_written
    found = {
        "may_run": may_run,
        "is_over": is_over,
        "is_under_way": is_met and discussion.starts_at <= now and not is_over,
        "notes": render_markdown(discussion.notes, handles),
        "reading_plan": time_slots.READING_PLAN if discussion.reads_together else "",
        "may_conclude": _has_begun(discussion) and group.viewer.may_conclude(discussion),
    }
    if items and may_run and reading_counts.is_near(discussion, now):
        have, come = reading_counts.count_prepared(discussion, ids)
        found["prepared"] = [(item.paper, have[item.paper_id]) for item in items]
        found["come"] = come
    outcomes_by_item = {item.pk: Outcome.of_item(item, handles) for item in items}
    return {"after": found, "readers": readers, "outcomes": outcomes_by_item}


def _has_begun(discussion):
    if discussion.is_held:
        return True
    return discussion.is_scheduled and discussion.starts_at <= timezone.now()


def paper_context(paper, user):
    """What the page of ``paper`` shows of its meetings, and of who has read it. Three queries."""
    group = paper.group
    items = paper.agenda_items.filter(discussion__group=group).select_related("discussion")
    items = list(items.order_by("-discussion__starts_at", "-discussion_id"))
    handles = threads.member_handles(group) if items else frozenset()
    discussions = []
    for item in items:
        item.discussion.group = group
        item.paper = paper
        when = times.meeting_time(item.discussion, group, user)
        discussions.append(PaperMeeting(item.discussion, when, Outcome.of_item(item, handles)))
    readers = reading_counts.counts_by_paper(group, [paper.pk], user)[paper.pk]
    return {"its_meetings": discussions, "readers": readers}


@require_POST
def set_reading_state(request, slug, pk):
    """Save how far I have read the paper."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = ReadingStateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose how far you have read it. If that fails, reload the page.")
    else:
        with or_not_found():
            reading_state.set_reading_state(
                paper=paper, user=request.user, state=form.cleaned_data["state"]
            )
    here = f"#r{paper.pk}"
    return redirect(next_url(request, f"{paper.get_absolute_url()}{here}", anchor=here))


@require_POST
def set_read_together(request, slug, pk):
    """Turn reading together for the first minutes on or off."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    form = ReadTogetherForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose whether you read together. Reload the page.")
    else:
        outcomes.set_read_together(discussion=discussion, on=form.cleaned_data["on"])
    return redirect(discussion)


@require_http_methods(["GET", "HEAD", "POST"])
def record_outcomes(request, slug, pk):
    """Record whether the discussion was held, and the outcome of each paper."""
    discussion = access.concluding_discussion_for(request.user, slug, pk)
    if not _has_begun(discussion):
        off = "This meeting is cancelled, so it has no outcome."
        yet = "You can record the outcome once the meeting has begun."
        messages.error(request, off if discussion.is_cancelled else yet)
        return redirect(discussion)
    items = list(discussion.agenda.select_related("paper", "presenter"))
    told = discussion.recorded_afterwards or _was_told(discussion)
    given = {"items": items, "members": _members_by_name(discussion.group), "was_told": told}
    form = ConcludeForm(post_data(request), discussion=discussion, **given)
    if form.is_bound and form.is_valid() and _save_outcomes(request, discussion, form):
        return redirect(f"{discussion.get_absolute_url()}#agenda")
    context = {"group": discussion.group, "section": "discussions", "form": form}
    context |= {"discussion": discussion, "was_told": told}
    context["may_run"] = discussion.group.viewer.may_run(discussion)
    context["when"] = times.meeting_time(discussion, discussion.group, request.user)
    return render(request, "papers/discussion_conclude.html", context, status=_form_status(form))


def _was_told(discussion):
    return Notice.objects.filter(discussion=discussion, event=Event.OUTCOMES).exists()


def _members_by_name(group):
    members = User.objects.filter(pk__in=group.active_user_ids())
    return sorted(members, key=lambda user: (str(user).casefold(), user.pk))


def _form_status(form):
    return 422 if form.is_bound else 200


def _save_outcomes(request, discussion, form):
    """Save the outcomes; False if that fails, and the form has the reason."""
    given = {name: form.cleaned_data[name] for name in ("version", "recording")}
    given |= {"reached": form.reached_item_ids, "tell": form.cleaned_data.get("tell", False)}
    given["outcomes"] = {one.item.pk: one.outcome_values for one in form.outcomes}
    given["presenters"] = form.presenter_ids
    try:
        with or_not_found():
            outcomes.record_outcomes(discussion=discussion, by=request.user, **given)
    except outcomes.EditConflict:
        form.rebase_onto(discussion)
        form.add_error(None, STALE_OUTCOMES)
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, "The outcome is saved.")
    return True


@require_POST
def reopen_discussion(request, slug, pk):
    """Reopen a held discussion; its notes and outcomes stay."""
    discussion = access.run_discussion_for(request.user, slug, pk)
    with or_not_found():
        scheduling.reopen_discussion(discussion=discussion, by=request.user)
    messages.success(request, "The meeting is marked as not held. Its notes and outcomes are kept.")
    return redirect(discussion)
