"""Forms that create something: sent twice, as by a double click, they create it once."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from papers.models import Submission

FIELD = "once"
KEPT_FOR = timedelta(days=1)
CHUNK_BYTES = 1 << 16

View = Callable[..., HttpResponse]


def submit_once(view: View) -> View:
    """Decorate ``view`` so that a repeated form is redirected to what the first one led to.

    It applies to forms with a `{% once_key %}`. The view runs in the transaction that claims the
    key: a second request waits for the first, and gets its turn if the first failed. The page of a
    form with errors claims nothing, nor does `claim_nothing`. Raises Http404 if a row was deleted
    meanwhile.
    """

    @wraps(view)
    def run_once(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = _posted_key(request)
        if key is None:
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                return _first_or_repeated(request, key, lambda: view(request, *args, **kwargs))
        except (IntegrityError, ObjectDoesNotExist) as error:
            raise Http404 from error

    run_once.submits_once = True
    return run_once


def claim_nothing(request):
    """The act of this form was refused, though the response is a redirect: it may be sent again."""
    request.claims_nothing = True


def delete_old_submissions(at: datetime) -> None:
    """Delete what was sent more than `KEPT_FOR` before ``at``."""
    Submission.objects.filter(created_at__lt=at - KEPT_FOR).delete()


def _first_or_repeated(request, key, respond):
    submission, is_first = Submission.objects.get_or_create(
        user=request.user, key=key, digest=_digest_of(request)
    )
    if not is_first:
        messages.info(request, "You had sent this form already: here is the result.")
        return HttpResponseRedirect(submission.location)
    response = respond()
    refused = getattr(request, "claims_nothing", False)
    if isinstance(response, HttpResponseRedirect) and not refused:
        submission.location = response.url
        submission.save(update_fields=["location"])
    else:
        submission.delete()
    return response


def _posted_key(request) -> UUID | None:
    """The key of the form; None if there is none, or nobody is signed in."""
    if request.method == "POST" and request.user.is_authenticated:
        with suppress(ValueError):
            return UUID(request.POST.get(FIELD, ""))
    return None


def _digest_of(request) -> str:
    """A hash of the address and of all that was sent, except for the token against forgery."""
    digest = hashlib.sha256()
    for part in _parts_of(request):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


def _parts_of(request) -> Iterator[bytes]:
    yield request.get_full_path().encode()
    for name, values in sorted(request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            yield from (text.encode() for text in (name, *values))
    for name, files in sorted(request.FILES.lists()):
        yield name.encode()
        for file in files:
            yield file.name.encode()
            yield from file.chunks(CHUNK_BYTES)
            file.seek(0)
