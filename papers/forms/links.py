"""The field for a link to a web page."""

from django import forms
from django.core.validators import URLValidator


class LinkField(forms.URLField):
    """An optional link to a web page; https if the scheme is missing."""

    default_validators = [URLValidator(["http", "https"])]

    def __init__(self, **kwargs):
        super().__init__(required=False, assume_scheme="https", **kwargs)
