"""My account: profile, preferences, my data, leaving a group, deleting the account."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from papers import access
from papers.forms import DeleteAccountForm, PreferencesForm, ProfileForm, post_data
from papers.my_data import export_zip
from papers.services import memberships, profiles


@require_http_methods(["GET", "HEAD", "POST"])
def profile_page(request):
    """Edit my name, zone and preferences; links to e-mail, password, second factor, sessions."""
    form = ProfileForm(post_data(request), instance=request.user)
    if form.is_valid():
        profiles.save_account(user=form.instance, fields=form.Meta.fields)
        messages.success(request, "Saved.")
        return redirect("me")
    if form.errors:
        request.user.refresh_from_db(fields=form.Meta.fields)  # the page has my name on top
    memberships = request.user.memberships.select_related("group").order_by("group__name", "pk")
    context = {"form": form, "memberships": memberships}
    return render(request, "account/me.html", context, status=422 if form.errors else 200)


@require_POST
def set_preferences(request):
    """Save the theme or the shortcuts; the switches can be on any page."""
    form = PreferencesForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponse(status=422)
    form.instance.save(update_fields=list(form.fields))
    return HttpResponse(status=204)


@require_safe
@reauthentication_required
def download_my_data(request):
    """All data stored about me, as a zip of JSON and Markdown."""
    response = HttpResponse(export_zip(request.user), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="reading-group-my-data.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def leave_group(request, slug):
    """Leave a group."""
    membership = access.own_membership_for(request.user, slug)
    problem = ""
    if request.method == "POST":
        try:
            memberships.end_membership(membership=membership, by=request.user)
        except ValidationError as error:
            problem = error.message
        else:
            messages.success(request, f"You have left {membership.group}.")
            return redirect("home")
    context = {"group": membership.group, "problem": problem}
    return render(request, "account/leave.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_account(request):
    """Delete my account; I choose whether my writings stay."""
    if problem := memberships.why_not_delete(request.user):
        context = {"problem": problem, "is_refused": request.method == "POST"}
        status = 422 if context["is_refused"] else 200
        return render(request, "account/delete.html", context, status=status)
    form = DeleteAccountForm(post_data(request), user=request.user)
    if form.is_valid():
        keep = form.cleaned_data["writings"] == form.KEEP
        try:
            memberships.delete_account(user=request.user, keep_writings=keep)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            return render(request, "account/deleted.html")
    status = 422 if form.errors else 200
    return render(request, "account/delete.html", {"form": form}, status=status)
