"""How forms look in the pages: ``{{ form }}``, ``{{ form.title.as_field_group }}``."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """A form and a field as our own templates have them, widgets as Django has them.

    The admin writes its forms by itself, and takes nothing but the widgets from here.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class ListingRenderer(FormRenderer):
    """Fields as they look in the admin, on the pages of a listing."""

    field_template_name = "admin/papers/listing/field.html"
