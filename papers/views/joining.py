"""Joining a group: by an invitation, or by a request."""

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access
from papers.forms import JoinRequestForm
from papers.services import joining

INVALID = "This invitation link is invalid or has expired. Ask for a new one."


@login_not_required
@require_safe
def open_link(request, token):
    """Remember the opened invitation, and redirect to a URL without its token."""
    joining.remember_invitation(request.session, token)
    return redirect("join")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_group(request):
    """Accept the opened invitation; users who are not signed in first sign up or in."""
    invitation = joining.opened_invitation(request.session)
    problem = invitation.problem() if invitation else INVALID
    if problem:
        joining.forget_invitation(request.session)
        return render(request, "account/join.html", {"problem": problem}, status=410)
    if request.user.is_anonymous:
        return redirect(_entrance_url_name(invitation))
    if request.method == "POST":
        joined = joining.accept_invitation(invitation=invitation, by=request.user)
        if not joined.problem:
            joining.forget_invitation(request.session)
            messages.success(request, joined.welcome)
            return redirect(invitation.group)
        problem = joined.problem
    context = {"invitation": invitation, "problem": problem}
    return render(request, "account/join.html", context, status=422 if problem else 200)


@login_not_required
@require_POST
def forget_link(request):
    """Sign in without joining: forget the invitation opened in this browser."""
    joining.forget_invitation(request.session)
    return redirect("account_login")


def _entrance_url_name(invitation):
    """The sign-in page if the link was mailed to somebody with an account; else the sign-up."""
    known = EmailAddress.objects.filter(email=invitation.email, verified=True)
    is_known = invitation.was_mailed and known.exists()
    return "account_login" if is_known else "account_signup"


@login_not_required
@require_safe
def ask_page(request, slug):
    """The form to ask to join a group that accepts requests."""
    group = access.joinable_group_for(request.user, slug)
    if group.viewer.is_member:
        return redirect(group)
    return _render_ask_page(request, group, JoinRequestForm())


def _render_ask_page(request, group, form, status=200):
    asked = None
    if request.user.is_authenticated:
        asked = group.join_requests.filter(user=request.user).first()
    context = {"asked_group": group, "form": form, "asked": asked}
    return render(request, "account/ask.html", context, status=status)


@require_POST
def ask_to_join(request, slug):
    """Send the request to join; the organisers are notified."""
    group = access.joinable_group_for(request.user, slug)
    if group.viewer.is_member:
        return redirect(group)
    form = JoinRequestForm(request.POST)
    if not form.is_valid():
        return _render_ask_page(request, group, form, status=422)
    joining.request_to_join(
        group=group,
        by=request.user,
        message=form.cleaned_data["message"],
        link=request.build_absolute_uri(reverse("members", args=[group.slug])),
    )
    return redirect("ask", group.slug)


@require_POST
def withdraw_request(request, slug):
    """Withdraw my request to join."""
    group = access.joinable_group_for(request.user, slug)
    group.join_requests.filter(user=request.user).delete()
    messages.success(request, "Your request is withdrawn.")
    return redirect("ask", group.slug)
