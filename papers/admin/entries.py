"""What is done to one staged entry: cut, agree, leave out, edit. One address per act."""

from copy import copy
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from papers.admin.look import look_at
from papers.forms import CutForm, EntryForm, sent
from papers.models import Listing
from papers.models.keys import set_keys
from papers.services import importing

TEXT = ["title", "abstract", "title_key", "body_key", "identity", "edited", "checked"]


def urls(listing_admin):
    """The addresses below a listing of ``listing_admin``."""
    acts = {
        "cut": require_POST(cut),
        "agree": require_POST(agree),
        "leave-out": require_POST(leave_out),
        "edit": edit,
    }
    return [
        path(
            f"<int:pk>/entries/<int:entry_pk>/{name}/",
            listing_admin.admin_site.admin_view(_of_staged(listing_admin, view)),
            name=f"papers_listing_entry_{name.replace('-', '_')}",
        )
        for name, view in acts.items()
    ]


def _of_staged(listing_admin, view):
    """Give ``view`` the entry of a listing that the user may work on and that is not applied.

    It holds the lock of the listing: nobody applies it, or reads it again, in between.
    """

    @wraps(view)
    @transaction.atomic
    def wrapped(request, pk, entry_pk):
        listing_admin.fetch(request, pk)
        group, listing = importing.lock(pk)
        entry = get_object_or_404(listing.entries, pk=entry_pk)
        if listing.state != Listing.State.STAGED:
            messages.warning(request, "The listing is not waiting for corrections any more.")
            return redirect(look_at(entry))
        return view(request, listing_admin, group, entry)

    return wrapped


def _back(request, entry):
    """To the list as it was filtered, at the entry."""
    url = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return HttpResponseRedirect(f"{url}#e{entry.pk}")
    return redirect(look_at(entry))


def cut(request, listing_admin, group, entry):
    """The abstract begins at the word that was clicked."""
    form, before = CutForm(request.POST), copy(entry)
    body = entry.body
    if form.is_valid() and form.cleaned_data["at"] <= len(body):
        at = form.cleaned_data["at"]
        entry.title, entry.abstract = body[:at].strip(), body[at:].strip()
        entry.checked = True
        entry.edited = entry.edited or entry.title != before.title
        set_keys(entry)
        entry.save(update_fields=TEXT)
        importing.compare_like(group, entry.listing, before, entry)
        messages.success(request, f"The title is “{entry.title}” now.")
    else:
        messages.error(request, "Click the word where the abstract begins.")
    return _back(request, entry)


def agree(request, listing_admin, group, entry):
    """The entry is right as it was read."""
    entry.checked = True
    entry.save(update_fields=["checked"])
    return _back(request, entry)


def leave_out(request, listing_admin, group, entry):
    """Leave the entry out, or put it back."""
    entry.left_out = not entry.left_out
    entry.save(update_fields=["left_out"])
    importing.compare_like(group, entry.listing, entry)
    return _back(request, entry)


def edit(request, listing_admin, group, entry):
    """Correct the fields of an entry; what was a problem becomes an entry so."""
    before = copy(entry)
    form = EntryForm(sent(request), instance=entry)
    if form.is_valid():
        entry.problem, entry.checked = "", True
        entry.edited = entry.edited or bool({"title", "abstract"} & set(form.changed_data))
        set_keys(entry)
        entry.save(update_fields=list({*form.Meta.fields, *TEXT, "problem"}))
        importing.compare_like(group, entry.listing, before, entry)
        messages.success(request, f"“{entry.title}” is corrected.")
        return _back(request, entry)
    context = {"form": form, "entry": entry, "listing": entry.listing, "title": "Correct an entry"}
    status = 422 if form.errors else 200
    return listing_admin.show(request, "entry", context, status=status)
