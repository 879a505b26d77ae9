"""The posted data that a form is bound to."""

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict


def post_data(request: HttpRequest) -> QueryDict | None:
    """The posted data, or None unless the request is a POST. An empty post still binds a form."""
    return request.POST if request.method == "POST" else None


def post_data_and_files(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict | None]:
    """The posted data and files, as the first two arguments of a form; None, None on a GET.

    `request.FILES` is never None, and would bind a form even if it is empty.
    """
    return post_data(request), request.FILES if request.method == "POST" else None
