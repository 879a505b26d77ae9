"""The data a form is bound to."""


def post_data(request):
    """The posted data; None unless the request is a POST. A form posted empty is bound."""
    return request.POST if request.method == "POST" else None


def post_data_and_files(request):
    """The posted data and files, as the first two arguments of a form; None, None on a GET.

    `request.FILES` is never None, and a form that is given files, even none, is bound.
    """
    return post_data(request), request.FILES if request.method == "POST" else None
