"""The thread of a paper: what members write there, and what they have read."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access, reading, threads
from papers.forms import CommentForm, EditForm, FollowForm, QuestionForm, RemoveForm, sent
from papers.models import DEEPEST_COMMENT, User
from papers.pagination import page_number
from papers.rendering import markdown
from papers.services import commenting
from papers.views.ways import back, or_not_found

VERSIONS = 5  # on a page
MOST_HANDLES = 500


def context(request, paper):
    """What the page of ``paper`` shows of its thread. What was new there is seen now."""
    now = timezone.now()
    thread = threads.thread_of(paper, request.user, now)
    if thread.has_unseen and request.method == "GET":
        with or_not_found():
            reading.saw(user=request.user, paper=paper, upto=thread.newest_at, at=now)
    writing = _new(request, paper, CommentForm(paper=paper), label="Write a comment")
    found = {"thread": thread, "writing": writing}
    quote = request.GET.get("quote", "")
    answered = thread.post(quote or request.GET.get("reply", ""))
    if answered and paper.group.is_mine:
        form = _reply_form(answered.comment, quote)
        writing = _new(request, paper, form, answered=answered.comment)
        found["reply"] = {"to": answered, "is_quote": bool(quote), "writing": writing}
    return found


def _new(request, paper, form, *, answered=None, label="Your comment", **more):
    """What is around the ``form`` of a new comment, or of a reply to ``answered``."""
    there = [paper.group.slug, paper.pk]
    return {
        "form": form,
        "paper": paper,
        "label": "Your reply" if answered else label,
        "submit": "Reply" if answered else "Comment",
        "action": reverse("paper-comments", args=there),
        "preview_at": reverse("paper-comment-preview", args=there),
        "cancel_at": threads.address_of(answered) if answered else "",
        "draft": f"{request.user.pk}:{paper.pk}",
        **more,
    }


def _reply_form(comment, quote):
    body = threads.quoted(comment.body) if quote else ""
    if comment.depth == DEEPEST_COMMENT:  # the reply stands beside it: so it says whom it answers
        body += f"@{comment.user.username} "
    initial = {"parent": comment.pk, "body": body}
    return CommentForm(initial=initial, paper=comment.paper)


@require_POST
def add(request, slug, pk):
    """Comment on a paper, or reply to a comment of it."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = CommentForm(request.POST, paper=paper)
    if form.is_valid():
        try:
            with or_not_found():
                made = commenting.comment(paper=paper, user=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(threads.address_of(made))
    return _writing(request, paper, form, status=422)


@require_POST
def preview(request, slug, pk):
    """What a comment will look like: a piece of a page, or a page with the form on it."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = CommentForm(request.POST, paper=paper)
    shown = _preview(form, paper.group)
    if request.htmx:
        return render(request, "papers/_preview.html", {"form": form, "preview": shown})
    return _writing(request, paper, form, preview=shown, status=422 if form.errors else 200)


def _preview(form, group):
    """The text of ``form`` as HTML; "" where it cannot be a comment."""
    if not form.is_valid():
        return ""
    return markdown(form.cleaned_data["body"], threads.handles_of(group))


def _writing(request, paper, form, *, status=200, **more):
    """The page of one form, where a comment is written or changed."""
    answered = form.cleaned_data.get("parent")
    writing = _new(request, paper, form, answered=answered, **more)
    writing["cancel_at"] = writing["cancel_at"] or paper.get_absolute_url()
    context = _around(paper) | {"answered": answered, "writing": writing}
    return render(request, "papers/comment_write.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, slug, pk):
    """Change the text of a comment of mine, or look at what it would be."""
    comment = _there(access.own_comment_for(request.user, slug, pk))
    initial = {"body": comment.body, "is_question": comment.is_question}
    form = EditForm(sent(request), initial=initial, auto_id=f"edit_{pk}_%s")
    writing = _change(request, comment, form)
    if "preview" in request.POST:
        writing["preview"] = _preview(form, comment.paper.group)
    elif form.is_valid():
        with or_not_found():
            commenting.edit(comment=comment, by=request.user, **form.changes())
        return redirect(threads.address_of(comment))
    context = _around(comment.paper) | {"comment": comment, "writing": writing}
    status = 422 if form.errors else 200
    return render(request, "papers/comment_edit.html", context, status=status)


def _change(request, comment, form):
    """What is around the ``form`` of a comment that is there."""
    here = reverse("comment-edit", args=[comment.paper.group.slug, comment.pk])
    return {
        "form": form,
        "paper": comment.paper,
        "label": "Your comment",
        "submit": "Save",
        "action": here,
        "preview_at": here,
        "cancel_at": threads.address_of(comment),
        "draft": f"{request.user.pk}:{comment.paper_id}",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request, slug, pk):
    """Take a comment away: mine, or as an organiser anybody's, with a reason."""
    comment = access.managed_comment_for(request.user, slug, pk)
    if comment.removed_at:
        return redirect(threads.address_of(comment))
    is_mine = comment.user_id == request.user.pk
    form = RemoveForm(sent(request))
    if is_mine:
        del form.fields["reason"]
    if form.is_valid():
        with or_not_found():
            commenting.remove(comment=comment, by=request.user, **form.cleaned_data)
        return redirect(threads.address_of(comment))
    html = markdown(comment.body, threads.handles_of(comment.paper.group))
    context = {"comment": comment, "form": form, "is_mine": is_mine, "html": html}
    context |= _around(comment.paper)
    status = 422 if form.errors else 200
    return render(request, "papers/comment_remove.html", context, status=status)


@require_POST
def restore(request, slug, pk):
    """Bring back a comment that I removed."""
    comment = access.restorable_comment_for(request.user, slug, pk)
    with or_not_found():
        commenting.restore(comment=comment, by=request.user)
    return redirect(threads.address_of(comment))


@require_POST
def mark_question(request, slug, pk):
    """Say that a comment is to be asked at the meeting, or no longer."""
    comment = access.managed_comment_for(request.user, slug, pk)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    commenting.mark_question(comment=comment, on=form.cleaned_data["on"])
    return redirect(threads.address_of(comment))


@require_safe
def history(request, slug, pk):
    """What a comment said before, the latest first. Of one that was removed there is nothing."""
    comment = _there(access.comment_for(request.user, slug, pk))
    versions = Paginator(comment.revisions.order_by("-pk"), VERSIONS)
    page = versions.get_page(page_number(request.GET.get("page")))
    handles = threads.handles_of(comment.paper.group)
    versions = [(one, markdown(one.body, handles)) for one in page]
    context = {"comment": comment, "page": page, "versions": versions}
    context |= _around(comment.paper) | {"html": markdown(comment.body, handles)}
    return render(request, "papers/comment_history.html", context)


def _around(paper):
    """What every page about one paper has."""
    return {"group": paper.group, "section": "papers", "paper": paper}


def _there(comment):
    if comment.removed_at:
        raise Http404
    return comment


@require_safe
def handles(request, slug):
    """Whom one can mention: the members by handle and name."""
    group = access.group_for(request.user, slug)
    users = User.objects.filter(memberships__group=group, is_active=True).order_by("name", "pk")
    members = users.values("username", "name")[:MOST_HANDLES]
    return JsonResponse({"members": list(members)})


@require_POST
def follow(request, slug, pk):
    """Follow a paper, mute it, or neither."""
    paper = access.joined_paper_for(request.user, slug, pk)
    form = FollowForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    with or_not_found():
        reading.follow(user=request.user, paper=paper, **form.cleaned_data)
    return redirect(f"{paper.get_absolute_url()}#discussion")


@require_POST
def mark_read(request, slug):
    """Nothing that is there now is new to me in this group."""
    group = access.joined_group_for(request.user, slug)
    reading.mark_all_read(user=request.user, group=group)
    messages.success(request, "All is marked as read.")
    return redirect(back(request, group))
