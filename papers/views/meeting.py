"""The page used during a meeting: agenda with a clock, questions, notes; and a printable sheet."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from papers import access
from papers.discussions import attendance, questions, time_slots, times
from papers.forms import AskQuestionForm, NotesForm, TickQuestionForm
from papers.library import threads
from papers.models import Paper, Vote
from papers.rendering import render_markdown
from papers.services import commenting, outcomes
from papers.submit_once import submit_once
from papers.views.form_flow import or_not_found

STALE_NOTES = (
    "Somebody else has saved the notes meanwhile. Their version is shown here; yours is in the "
    "field, not saved yet. Copy what you need from their version, then save."
)


@require_safe
def meeting_page(request, slug, pk):
    """The page for the screen and the presenter; with ``part=questions`` only the questions."""
    discussion = access.discussion_for(request.user, slug, pk)
    if request.GET.get("part") == "questions":
        return _render_questions(request, discussion)
    return _render_page(request, discussion)


def _render_page(request, discussion, *, status=200, **forms):
    """Render the page; ``forms``: forms with errors, by their context keys."""
    context = _question_context(discussion)
    papers = context["papers"]
    context |= _time_slots_context(request, discussion, context["items"])
    context |= {
        "notes_form": NotesForm.for_discussion(discussion),
        "notes": render_markdown(discussion.notes, context["handles"]),
        "ask_form": AskQuestionForm(papers=_agenda_papers(discussion)) if papers else None,
        **forms,
    }
    return render(request, "papers/meeting.html", context, status=status)


def _agenda_papers(discussion):
    items = Paper.objects.in_group(discussion.group).filter(agenda_items__discussion=discussion)
    return items.order_by("agenda_items__position", "agenda_items__pk")


def _question_context(discussion):
    """The agenda and the questions for the meeting."""
    items = discussion.fetch_agenda()
    papers = [item.paper for item in items]
    handles = threads.member_handles(discussion.group)
    asked = questions.questions_by_paper(discussion, papers, handles)
    return {
        "group": discussion.group,
        "section": "discussions",
        "discussion": discussion,
        "items": items,
        "papers": papers,
        "handles": handles,
        "queue": {
            "discussion": discussion,
            "asked": asked,
            "still_open": questions.count_open(asked),
        },
    }


def _time_slots_context(request, discussion, items):
    """The time of the meeting and of each paper in the reader's zone, and their place in line."""
    zone = times.reader_zone(request.user, discussion.group)
    slots = [
        (slot, times.hours_text(slot, zone) if slot.ends_at else "")
        for slot in time_slots.time_slots(discussion, items)
    ]
    when = times.meeting_time(discussion, discussion.group, request.user)
    status = attendance.statuses_of(request.user, [discussion.pk]).get(discussion.pk)
    is_waiting = discussion.is_scheduled and status is not None and status.is_waiting
    waiting = str(status) if is_waiting else ""
    return {"slots": slots, "when": when, "zone": zone.key, "waiting": waiting}


@require_safe
def printable_sheet(request, slug, pk):
    """The meeting for printing: agenda with abstracts, questions, room for notes."""
    discussion = access.discussion_for(request.user, slug, pk)
    context = _question_context(discussion)
    context |= _time_slots_context(request, discussion, context["items"])
    wanted_by = _wanted_by_texts(discussion.group, context["papers"])
    context["slots"] = [
        (slot, hours, wanted_by[slot.item.paper_id] if slot.item else "")
        for slot, hours in context["slots"]
    ]
    return render(request, "papers/meeting_sheet.html", context)


def _wanted_by_texts(group, papers):
    """Paper id -> who wants it: "Wanted by Ada, Emmy", "2 want to discuss it", or ""."""
    votes = Vote.objects.of_members(group).wanting().filter(paper__in=papers)
    votes = list(votes.select_related("user").order_by("created_at", "pk"))
    texts = {}
    for paper in papers:
        names = [str(vote.user) for vote in votes if vote.paper_id == paper.pk]
        text = f"{len(names)} want{'s' if len(names) == 1 else ''} to discuss it"
        if group.votes_are_named:
            text = f"Wanted by {', '.join(names)}"
        texts[paper.pk] = text if names else ""
    return texts


@require_POST
def tick_question(request, slug, pk):
    """Mark a question as answered, or unmark it."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    form = TickQuestionForm(request.POST, questions=questions.questions_for(discussion))
    if form.is_valid():
        data = form.cleaned_data
        is_answered = data["answered"]
        outcomes.set_question_answered(
            discussion=discussion, comment=data["comment"], is_answered=is_answered
        )
    elif not request.htmx:
        messages.error(request, "That question is no longer in this list.")
    if request.htmx:
        return _render_questions(request, discussion)
    return redirect(f"{_meeting_url(discussion)}#questions")


def _render_questions(request, discussion):
    return render(request, "papers/_meeting_questions.html", _question_context(discussion))


@require_POST
@submit_once
def ask_question(request, slug, pk):
    """Add a question that comes up: a comment on the paper, marked as a question."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    form = AskQuestionForm(request.POST, papers=_agenda_papers(discussion))
    if form.is_valid():
        try:
            with or_not_found():
                commenting.add_comment(user=request.user, is_question=True, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(f"{_meeting_url(discussion)}#questions")
    return _render_page(request, discussion, ask_form=form, status=422)


@require_POST
def save_notes(request, slug, pk):
    """Save the notes; if somebody else saved them meanwhile, show both texts."""
    discussion = access.joined_discussion_for(request.user, slug, pk)
    form = NotesForm(request.POST)
    if not form.is_valid():
        return _render_page(request, discussion, notes_form=form, status=422)
    notes, version = form.cleaned_data["notes"], form.cleaned_data["version"]
    try:
        outcomes.save_notes(discussion=discussion, notes=notes, version=version)
    except outcomes.EditConflict:
        with or_not_found():
            discussion.refresh_from_db(fields=["notes", "notes_version"])
        form, theirs = (
            NotesForm.for_discussion(discussion, notes),
            NotesForm.for_discussion(discussion)["notes"].value(),
        )
        forms = {"notes_form": form, "theirs": theirs, "problem": STALE_NOTES}
        return _render_page(request, discussion, status=422, **forms)
    messages.success(request, "The notes are saved.")
    return redirect(f"{_meeting_url(discussion)}#notes")


def _meeting_url(discussion):
    return reverse("discussion-meeting", args=[discussion.group.slug, discussion.pk])
