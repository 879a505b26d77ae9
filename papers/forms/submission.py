"""What binds a form."""


def post_data(request):
    """What a form was sent with: None where none was. A form that was sent empty is sent."""
    return request.POST if request.method == "POST" else None
