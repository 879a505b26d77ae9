"""Renderers of ``{{ form }}`` and ``{{ form.title.as_field_group }}``."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders forms and fields with our own templates, and widgets with those of Django.

    The admin renders its forms itself, and uses this renderer for widgets only.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class ListingRenderer(FormRenderer):
    """Renders fields like those of the admin, for the pages of a listing."""

    field_template_name = "admin/papers/listing/field.html"
