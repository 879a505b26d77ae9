"""The members of a group, and what organisers do about them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access, vault
from papers.forms import LinkForm, MailInvitationForm, RoleForm
from papers.models import Invitation, JoinRequest, Membership
from papers.pagination import page_number
from papers.services import belonging, joining

PAGE = 100
NEW_LINK = "new_link"  # in the session


@require_safe
def members(request, slug):
    """Who is in the group; to organisers also who is invited and who asks."""
    group = access.group_for(request.user, slug)
    return _page(request, group, **_new_link(request, group))


def _new_link(request, group):
    """The link that was just made, to show once; nothing where there is none."""
    pk, token = request.session.pop(NEW_LINK, (None, ""))
    made = pk and group.invitations.filter(pk=pk, created_by=request.user).first()
    link = _link(request)(vault.decrypt(token)) if made else ""
    return {"new_link": link, "new_invitation": made} if made else {}


def _page(request, group, *, status=200, **more):
    """The page, with a form that came back, or a link to show once, in ``more``."""
    rows = group.memberships.select_related("user").order_by("-role", "user__name", "pk")
    page = Paginator(rows, PAGE).get_page(page_number(request.GET.get("page")))
    context = {"group": group, "section": "members", "page": page}
    if group.may_organise:
        usable = group.invitations.usable(timezone.now()).select_related("created_by")
        number = page_number(request.GET.get("invitations"))
        context |= {
            "invitations": Paginator(usable, PAGE).get_page(number),
            "join_requests": group.join_requests.select_related("user")[:PAGE],
            "link_form": LinkForm(auto_id="link_%s"),
            "mail_form": MailInvitationForm(auto_id="mail_%s"),
        }
    return render(request, "papers/members.html", context | more, status=status)


@require_POST
def invite_by_link(request, slug):
    """Make a link. It is shown on the page that comes next, and nowhere else: it is not kept."""
    group = access.organised_group_for(request.user, slug)
    form = LinkForm(request.POST, auto_id="link_%s")
    if not form.is_valid():
        return _page(request, group, link_form=form, status=422)
    invitation, token = joining.invite(group=group, by=request.user, **form.cleaned_data)
    # In the session until the page is shown: encrypted, for a token is kept nowhere in clear.
    request.session[NEW_LINK] = [invitation.pk, vault.encrypt(token)]
    return redirect(reverse("members", args=[group.slug]) + "#invite")


@require_POST
def invite_by_mail(request, slug):
    """Send invitations, one to each address."""
    group = access.organised_group_for(request.user, slug)
    form = MailInvitationForm(request.POST, auto_id="mail_%s")
    if not form.is_valid():
        return _page(request, group, mail_form=form, status=422)
    try:
        sent = joining.invite_by_mail(
            group=group, by=request.user, link=_link(request), **form.cleaned_data
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, group, mail_form=form, status=422)
    messages.success(request, _sent(len(sent), len(form.cleaned_data["addresses"])))
    return redirect("members", group.slug)


def _sent(number, asked):
    sent = "An invitation is" if number == 1 else f"{number or 'No'} invitations are"
    known = asked - number
    are = "is a member's" if known == 1 else "are members'"
    return f"{sent} on the way{f'; {known} of the addresses {are} already' if known else ''}."


def _link(request):
    """A function from a token to the address that is passed on."""
    return lambda token: request.build_absolute_uri(reverse("join-link", args=[token]))


@require_POST
def revoke_invitation(request, slug, pk):
    """Withdraw an invitation."""
    invitation = access.organised_row_for(request.user, slug, Invitation, pk)
    joining.revoke(invitation, by=request.user)
    messages.success(request, "The invitation is withdrawn: its link lets nobody in any more.")
    return redirect("members", slug)


@require_POST
def admit(request, slug, pk):
    """Let in who asked."""
    asked = access.organised_row_for(request.user, slug, JoinRequest, pk)
    link = request.build_absolute_uri(reverse("group", args=[slug]))
    try:
        joining.admit(asked, by=request.user, link=link)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{asked.user} is a member now.")
    return redirect("members", slug)


@require_POST
def decline(request, slug, pk):
    """Do not let in who asked."""
    asked = access.organised_row_for(request.user, slug, JoinRequest, pk)
    joining.decline(asked, by=request.user)
    messages.success(request, f"The request of {asked.user} is declined.")
    return redirect("members", slug)


@require_POST
def set_role(request, slug, pk):
    """Make a member an organiser, or an organiser a member."""
    membership = access.organised_row_for(request.user, slug, Membership, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, membership, "Choose member or organiser.")
    try:
        belonging.set_role(membership, form.cleaned_data["role"], by=request.user)
    except ValidationError as error:
        return _refused(request, membership, error.message)
    became = "an organiser" if form.cleaned_data["role"] == "organiser" else "a plain member"
    messages.success(request, f"{membership.user} is {became} now.")
    return redirect("members", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request, slug, pk):
    """Take a member out of the group; what they wrote stays."""
    membership = access.organised_row_for(request.user, slug, Membership, pk)
    if request.method != "POST":
        context = {"group": membership.group, "membership": membership}
        return render(request, "papers/member_remove.html", context)
    try:
        belonging.end(membership, by=request.user)
    except ValidationError as error:
        return _refused(request, membership, error.message)
    messages.success(
        request,
        f"{membership.user} is not in the group any more. Links that were open to anyone are "
        "withdrawn: they may know them.",
    )
    return redirect("members", slug) if membership.user != request.user else redirect("home")


def _refused(request, membership, sentence):
    messages.error(request, sentence)
    return _page(request, membership.group, status=422)
