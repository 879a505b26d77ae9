"""The members of a group, invitations and requests to join."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access
from papers.forms import LinkInvitationForm, MailInvitationForm, RoleForm
from papers.library.pagination import page_number
from papers.models import Invitation, JoinRequest, Membership
from papers.notifications import encryption
from papers.services import joining, memberships
from papers.submit_once import submit_once

PER_PAGE = 100
NEW_LINK_KEY = "new_link"  # in the session


@require_safe
def members_page(request, slug):
    """The members of the group; for organisers also invitations and requests to join."""
    group = access.group_for(request.user, slug)
    return _render_page(request, group, **_new_link_context(request, group))


def _new_link_context(request, group):
    """The context of the link just created, to show once; empty if there is none."""
    pk, token = request.session.pop(NEW_LINK_KEY, (None, ""))
    made = pk and group.invitations.filter(pk=pk, created_by=request.user).first()
    link = _link_builder(request)(encryption.decrypt(token)) if made else ""
    return {"new_link": link, "new_invitation": made} if made else {}


def _render_page(request, group, *, status=200, **more):
    """Render the page; ``more``: a form with errors, or a link to show once."""
    rows = group.memberships.select_related("user").order_by("-role", "user__name", "pk")
    page = Paginator(rows, PER_PAGE).get_page(page_number(request.GET.get("page")))
    context = {"group": group, "section": "members", "page": page}
    if group.viewer.may_organise:
        usable = group.invitations.usable(timezone.now()).select_related("created_by")
        number = page_number(request.GET.get("invitations"))
        context |= {
            "invitations": Paginator(usable, PER_PAGE).get_page(number),
            "join_requests": group.join_requests.select_related("user")[:PER_PAGE],
            "link_form": LinkInvitationForm(auto_id="link_%s"),
            "mail_form": MailInvitationForm(auto_id="mail_%s"),
        }
    return render(request, "papers/members.html", context | more, status=status)


@require_POST
@submit_once
def invite_by_link(request, slug):
    """Create an invitation link. Only the next page shows it, because it is not stored."""
    group = access.organised_group_for(request.user, slug)
    form = LinkInvitationForm(request.POST, auto_id="link_%s")
    if not form.is_valid():
        return _render_page(request, group, link_form=form, status=422)
    invitation, token = joining.create_invitation(group=group, by=request.user, **form.cleaned_data)
    # In the session until the page is shown; encrypted: no token is stored in clear text.
    request.session[NEW_LINK_KEY] = [invitation.pk, encryption.encrypt(token)]
    return redirect(reverse("members", args=[group.slug]) + "#invite")


@require_POST
@submit_once
def invite_by_mail(request, slug):
    """Send invitations, one to each address."""
    group = access.organised_group_for(request.user, slug)
    form = MailInvitationForm(request.POST, auto_id="mail_%s")
    if not form.is_valid():
        return _render_page(request, group, mail_form=form, status=422)
    try:
        sent = joining.send_invitations(
            group=group, by=request.user, link=_link_builder(request), **form.cleaned_data
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _render_page(request, group, mail_form=form, status=422)
    messages.success(request, _sent_message(len(sent), len(form.cleaned_data["addresses"])))
    return redirect("members", group.slug)


def _sent_message(number, asked):
    sent = f"{number or 'No'} invitation{'' if number == 1 else 's'} sent."
    known = asked - number
    people = "1 person is a member" if known == 1 else f"{known} people are members"
    return f"{sent} {people} already." if known else sent


def _link_builder(request):
    """A function from a token to the URL of its invitation."""
    return lambda token: request.build_absolute_uri(reverse("join-link", args=[token]))


@require_POST
def revoke_invitation(request, slug, pk):
    """Revoke an invitation."""
    invitation = access.organised_row_for(request.user, slug, Invitation, pk)
    joining.revoke_invitation(invitation=invitation, by=request.user)
    messages.success(request, "The invitation is revoked. Its link no longer works.")
    return redirect("members", slug)


@require_POST
def accept_request(request, slug, pk):
    """Accept a request to join."""
    asked = access.organised_row_for(request.user, slug, JoinRequest, pk)
    link = request.build_absolute_uri(reverse("group", args=[slug]))
    try:
        joining.accept_request(request=asked, by=request.user, link=link)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{asked.user} is now a member.")
    return redirect("members", slug)


@require_POST
def decline_request(request, slug, pk):
    """Decline a request to join."""
    asked = access.organised_row_for(request.user, slug, JoinRequest, pk)
    joining.decline_request(request=asked, by=request.user)
    messages.success(request, f"You declined the request of {asked.user}.")
    return redirect("members", slug)


@require_POST
def set_role(request, slug, pk):
    """Make a member an organiser, or an organiser a member."""
    membership = access.organised_row_for(request.user, slug, Membership, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _render_refusal(request, membership, "Choose member or organiser.")
    try:
        memberships.set_role(membership=membership, role=form.cleaned_data["role"], by=request.user)
    except ValidationError as error:
        return _render_refusal(request, membership, error.message)
    became = "an organiser" if form.cleaned_data["role"] == "organiser" else "a member"
    messages.success(request, f"{membership.user} is now {became}.")
    return redirect("members", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request, slug, pk):
    """Remove a member from the group, after confirmation; their writings stay."""
    membership = access.organised_row_for(request.user, slug, Membership, pk)
    if request.method != "POST":
        context = {"group": membership.group, "membership": membership}
        return render(request, "papers/member_remove.html", context)
    try:
        memberships.end_membership(membership=membership, by=request.user)
    except ValidationError as error:
        return _render_refusal(request, membership, error.message)
    messages.success(
        request,
        f"{membership.user} is no longer in the group. Invitation links that anyone could use are "
        "revoked.",
    )
    return redirect("members", slug) if membership.user != request.user else redirect("home")


def _render_refusal(request, membership, sentence):
    messages.error(request, sentence)
    return _render_page(request, membership.group, status=422)
