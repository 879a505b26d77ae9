"""Where a form leads when it is done, or when what it was about is gone."""

from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.utils.http import url_has_allowed_host_and_scheme


def next_url(request, otherwise, anchor=""):
    """The page of ours that the form was on, which ``next`` says; ``otherwise`` where it does not.

    ``anchor``: a place on that page.
    """
    there = request.POST.get("next", "")
    if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        return f"{there.partition('#')[0]}{anchor}"
    return otherwise


@contextmanager
def or_not_found():
    """What one acts on may go between its fetching and the act: it is not found then."""
    try:
        yield
    except (IntegrityError, ObjectDoesNotExist) as error:
        raise Http404 from error


def run_or_message(request, act, /, **given):
    """Do ``act``; False, and a message why, where it cannot be done."""
    try:
        with or_not_found():
            act(**given)
    except ValidationError as error:
        messages.error(request, error.message)
        return False
    return True


def create_or_form_error(form, make, /, **given):
    """What ``make`` makes of a valid form; None, and the form says why, where it cannot be."""
    try:
        return make(**given)
    except ValidationError as error:
        form.add_error(None, error)
        return None
