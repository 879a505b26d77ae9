"""The comment thread of a paper: writing, editing, removing, following and reading."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access
from papers.forms import (
    CommentForm,
    EditCommentForm,
    FollowForm,
    MarkQuestionForm,
    RemoveCommentForm,
    post_data,
)
from papers.library import threads
from papers.library.pagination import page_number
from papers.models import MAX_COMMENT_DEPTH, User
from papers.rendering import render_markdown
from papers.services import commenting, watching
from papers.submit_once import submit_once
from papers.views.form_flow import next_url, or_not_found

VERSIONS_PER_PAGE = 5
MOST_HANDLES = 500


def thread_context(request, paper):
    """The context of the thread on the page of ``paper``; a GET marks its new comments as seen."""
    now = timezone.now()
    thread = threads.thread_of(paper, request.user, now)
    if thread.has_unseen and request.method == "GET":
        with or_not_found():
            watching.mark_thread_seen(user=request.user, paper=paper, upto=thread.newest_at, at=now)
    writing = _new_comment_context(
        request, paper, CommentForm(paper=paper), label="Write a comment"
    )
    found = {"thread": thread, "writing": writing}
    quote = request.GET.get("quote", "")
    answered = thread.find_post(quote or request.GET.get("reply", ""))
    if answered and paper.group.viewer.is_member:
        form = _reply_form(answered.comment, quote)
        writing = _new_comment_context(request, paper, form, answered=answered.comment)
        found["reply"] = {"to": answered, "is_quote": bool(quote), "writing": writing}
    return found


def _new_comment_context(request, paper, form, *, answered=None, label="Your comment", **more):
    """The context of the ``form`` of a new comment, or of a reply to ``answered``."""
    there = [paper.group.slug, paper.pk]
    return {
        "form": form,
        "paper": paper,
        "label": "Your reply" if answered else label,
        "submit": "Reply" if answered else "Comment",
        "action": reverse("paper-comments", args=there),
        "preview_at": reverse("paper-comment-preview", args=there),
        "cancel_at": threads.comment_url(answered) if answered else "",
        "draft": paper.pk,
        **more,
    }


def _reply_form(comment, quote):
    body = threads.quote_text(comment.body) if quote else ""
    if comment.depth == MAX_COMMENT_DEPTH:  # as deep as its parent, so it names who it answers
        body += f"@{comment.user.username} "
    initial = {"parent": comment.pk, "body": body}
    return CommentForm(initial=initial, paper=comment.paper)


@require_POST
@submit_once
def add_comment(request, slug, pk):
    """Comment on a paper, or reply to a comment on it."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = CommentForm(request.POST, paper=paper)
    if form.is_valid():
        try:
            with or_not_found():
                made = commenting.add_comment(paper=paper, user=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(threads.comment_url(made))
    return _render_form_page(request, paper, form, status=422)


@require_POST
def preview_comment(request, slug, pk):
    """A preview of a comment: a fragment for htmx, otherwise a page with the form."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = CommentForm(request.POST, paper=paper)
    shown = _preview_html(form, paper.group)
    if request.htmx:
        return render(request, "papers/_preview.html", {"form": form, "preview": shown})
    return _render_form_page(
        request, paper, form, preview=shown, status=422 if form.errors else 200
    )


def _preview_html(form, group):
    """The text of ``form`` as HTML; "" if the form is not valid."""
    if not form.is_valid():
        return ""
    return render_markdown(form.cleaned_data["body"], threads.member_handles(group))


def _render_form_page(request, paper, form, *, status=200, **more):
    """Render the page on which a comment is written, with its form."""
    answered = form.cleaned_data.get("parent")
    writing = _new_comment_context(request, paper, form, answered=answered, **more)
    writing["cancel_at"] = writing["cancel_at"] or paper.get_absolute_url()
    context = _base_context(paper) | {"answered": answered, "writing": writing}
    return render(request, "papers/comment_write.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_comment(request, slug, pk):
    """Edit one of my own comments, or preview the change."""
    comment = _existing_or_404(access.own_comment_for(request.user, slug, pk))
    initial = {"body": comment.body, "is_question": comment.is_question}
    form = EditCommentForm(post_data(request), initial=initial, auto_id=f"edit_{pk}_%s")
    writing = _edit_context(request, comment, form)
    if "preview" in request.POST:
        writing["preview"] = _preview_html(form, comment.paper.group)
    elif form.is_valid():
        with or_not_found():
            commenting.edit_comment(comment=comment, by=request.user, **form.changed_values())
        return redirect(threads.comment_url(comment))
    context = _base_context(comment.paper) | {"comment": comment, "writing": writing}
    status = 422 if form.errors else 200
    return render(request, "papers/comment_edit.html", context, status=status)


def _edit_context(request, comment, form):
    """The context of the ``form`` that edits ``comment``."""
    here = reverse("comment-edit", args=[comment.paper.group.slug, comment.pk])
    return {
        "form": form,
        "paper": comment.paper,
        "label": "Your comment",
        "submit": "Save",
        "action": here,
        "preview_at": here,
        "cancel_at": threads.comment_url(comment),
        "draft": comment.paper_id,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def remove_comment(request, slug, pk):
    """Remove a comment: my own, or as an organiser any other, with a reason."""
    comment = access.managed_comment_for(request.user, slug, pk)
    if comment.removed_at:
        return redirect(threads.comment_url(comment))
    is_mine = comment.user_id == request.user.pk
    form = RemoveCommentForm(post_data(request))
    if is_mine:
        del form.fields["reason"]
    if form.is_valid():
        with or_not_found():
            commenting.remove_comment(comment=comment, by=request.user, **form.cleaned_data)
        return redirect(threads.comment_url(comment))
    html = render_markdown(comment.body, threads.member_handles(comment.paper.group))
    context = {"comment": comment, "form": form, "is_mine": is_mine, "html": html}
    context |= _base_context(comment.paper)
    status = 422 if form.errors else 200
    return render(request, "papers/comment_remove.html", context, status=status)


@require_POST
def restore_comment(request, slug, pk):
    """Restore a comment that I removed."""
    comment = access.restorable_comment_for(request.user, slug, pk)
    with or_not_found():
        commenting.restore_comment(comment=comment, by=request.user)
    return redirect(threads.comment_url(comment))


@require_POST
def mark_question(request, slug, pk):
    """Mark a comment as a question for the meeting, or unmark it."""
    comment = access.managed_comment_for(request.user, slug, pk)
    form = MarkQuestionForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    commenting.mark_question(comment=comment, on=form.cleaned_data["on"])
    return redirect(threads.comment_url(comment))


@require_safe
def comment_history(request, slug, pk):
    """The earlier versions of a comment, the latest first. A 404 if the comment is removed."""
    comment = _existing_or_404(access.comment_for(request.user, slug, pk))
    versions = Paginator(comment.revisions.order_by("-pk"), VERSIONS_PER_PAGE)
    page = versions.get_page(page_number(request.GET.get("page")))
    handles = threads.member_handles(comment.paper.group)
    versions = [(one, render_markdown(one.body, handles)) for one in page]
    context = {"comment": comment, "page": page, "versions": versions}
    context |= _base_context(comment.paper) | {"html": render_markdown(comment.body, handles)}
    return render(request, "papers/comment_history.html", context)


def _base_context(paper):
    """The context that every page about a paper has."""
    return {"group": paper.group, "section": "papers", "paper": paper}


def _existing_or_404(comment):
    if comment.removed_at:
        raise Http404
    return comment


@require_safe
def member_handles(request, slug):
    """The handles and names of the members, for mentions, as JSON."""
    group = access.group_for(request.user, slug)
    users = User.objects.filter(memberships__group=group, is_active=True).order_by("name", "pk")
    members = users.values("username", "name")[:MOST_HANDLES]
    return JsonResponse({"members": list(members)})


@require_POST
def set_following(request, slug, pk):
    """Follow or mute a paper, or return to the default."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = FollowForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    with or_not_found():
        watching.set_following(user=request.user, paper=paper, **form.cleaned_data)
    return redirect(f"{paper.get_absolute_url()}#discussion")


@require_POST
def mark_read(request, slug):
    """Mark all present comments in the group as read."""
    group = access.joined_group_for(request.user, slug)
    watching.mark_all_read(user=request.user, group=group)
    messages.success(request, "All is marked as read.")
    return redirect(next_url(request, group))
