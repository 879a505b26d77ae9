"""Addresses that members give."""

from django import forms
from django.core.validators import URLValidator


class LinkField(forms.URLField):
    """The address of a page of the web, which may stay empty; https where nothing else is said."""

    default_validators = [URLValidator(["http", "https"])]

    def __init__(self, **kwargs):
        super().__init__(required=False, assume_scheme="https", **kwargs)
