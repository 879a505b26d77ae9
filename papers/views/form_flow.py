"""Redirects and error handling for form views."""

from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from papers.submit_once import claim_nothing


def next_url(request, otherwise, anchor=""):
    """The page on our site that ``next`` names, with ``anchor``; ``otherwise`` if it names none.

    ``next`` is the page that the form was on; ``anchor``: a fragment with its "#", or "".
    """
    there = request.POST.get("next", "")
    if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return f"{there.partition('#')[0]}{anchor}"
    return otherwise


def redirect_to_poll(discussion):
    """A redirect to the date poll on the page of ``discussion``."""
    return redirect(f"{discussion.get_absolute_url()}#poll")


@contextmanager
def or_not_found():
    """Raise Http404 if a row was deleted between being fetched and being changed."""
    try:
        yield
    except (IntegrityError, ObjectDoesNotExist) as error:
        raise Http404 from error


def run_or_message(request, act, /, **given):
    """Call ``act``; if it raises ValidationError, add its message and return False."""
    try:
        with or_not_found():
            act(**given)
    except ValidationError as error:
        messages.error(request, error.message)
        claim_nothing(request)
        return False
    return True


def create_or_form_error(form, make, /, **given):
    """Return the result of ``make``; None if it raises ValidationError, which goes to ``form``."""
    try:
        return make(**given)
    except ValidationError as error:
        form.add_error(None, error)
        return None
