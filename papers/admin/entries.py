"""Views that change one staged entry: cut, agree, leave out, edit."""

from copy import copy
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from papers.admin.import_preview import entry_url
from papers.forms import CutForm, EntryForm, post_data
from papers.models import Listing
from papers.models.keys import set_keys
from papers.services import importing

TEXT_FIELDS = ["title", "abstract", "title_key", "body_key", "identity", "citation_stem"]
TEXT_FIELDS += ["edited", "checked"]


def entry_urls(listing_admin):
    """The URL patterns of these views, for ``listing_admin``."""
    acts = {
        "cut": require_POST(cut_title),
        "agree": require_POST(confirm_entry),
        "leave-out": require_POST(toggle_left_out),
        "edit": edit_entry,
    }
    return [
        path(
            f"<int:pk>/entries/<int:entry_pk>/{name}/",
            listing_admin.admin_site.admin_view(_with_staged_entry(listing_admin, view)),
            name=f"papers_listing_entry_{name.replace('-', '_')}",
        )
        for name, view in acts.items()
    ]


def _with_staged_entry(listing_admin, view):
    """Call ``view`` with an entry of a staged listing that the user may change.

    The lock on the listing is held meanwhile, so nobody applies or re-reads it in between.
    """

    @wraps(view)
    @transaction.atomic
    def wrapped_view(request, pk, entry_pk):
        listing_admin.get_listing(request, pk)
        group, listing = importing.lock_group_and_listing(pk)
        entry = get_object_or_404(listing.entries, pk=entry_pk)
        if listing.state != Listing.State.STAGED:
            messages.warning(request, "This listing can no longer be corrected.")
            return redirect(entry_url(entry))
        return view(request, listing_admin, group, entry)

    return wrapped_view


def _redirect_to_entry(request, entry):
    """Redirect to the entry in the list, with the filters that the user had set."""
    url = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return HttpResponseRedirect(f"{url}#e{entry.pk}")
    return redirect(entry_url(entry))


def cut_title(request, listing_admin, group, entry):
    """Let the abstract begin at the word that was clicked."""
    form, before = CutForm(request.POST), copy(entry)
    body = entry.title_and_abstract
    if form.is_valid() and form.cleaned_data["at"] <= len(body):
        at = form.cleaned_data["at"]
        entry.title, entry.abstract = body[:at].strip(), body[at:].strip()
        entry.checked = True
        entry.edited = entry.edited or entry.title != before.title
        set_keys(entry)
        entry.save(update_fields=TEXT_FIELDS)
        importing.compare_related(group, entry.listing, before, entry)
        messages.success(request, f"The title is “{entry.title}” now.")
    else:
        messages.error(request, "Click the word where the abstract begins.")
    return _redirect_to_entry(request, entry)


def confirm_entry(request, listing_admin, group, entry):
    """Confirm that the entry was read correctly."""
    entry.checked = True
    entry.save(update_fields=["checked"])
    return _redirect_to_entry(request, entry)


def toggle_left_out(request, listing_admin, group, entry):
    """Leave the entry out, or put it back."""
    entry.left_out = not entry.left_out
    entry.save(update_fields=["left_out"])
    importing.compare_related(group, entry.listing, entry)
    return _redirect_to_entry(request, entry)


def edit_entry(request, listing_admin, group, entry):
    """Correct the fields of an entry. A problem becomes an ordinary entry by this."""
    before = copy(entry)
    form = EntryForm(post_data(request), instance=entry)
    if form.is_valid():
        entry.problem, entry.checked = "", True
        entry.edited = entry.edited or bool({"title", "abstract"} & set(form.changed_data))
        set_keys(entry)
        entry.save(update_fields=list({*form.Meta.fields, *TEXT_FIELDS, "problem"}))
        importing.compare_related(group, entry.listing, before, entry)
        messages.success(request, f"“{entry.title}” is corrected.")
        return _redirect_to_entry(request, entry)
    context = {"form": form, "entry": entry, "listing": entry.listing, "title": "Correct an entry"}
    status = 422 if form.errors else 200
    return listing_admin.render_page(request, "entry", context, status=status)
