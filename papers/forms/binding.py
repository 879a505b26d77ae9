"""What binds a form."""


def sent(request):
    """What a form was sent with: None where none was. A form that was sent empty is sent."""
    return request.POST if request.method == "POST" else None


def sent_with_files(request):
    """The same for a form that takes files: a pair of what was typed and what was chosen.

    A form with files, be they none, is bound: so there are none but where it was sent.
    """
    return sent(request), request.FILES if request.method == "POST" else None
