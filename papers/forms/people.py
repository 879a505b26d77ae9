"""Forms for accounts, profiles and groups."""

import unicodedata

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from papers.forms.links import LinkField
from papers.forms.time_zones import TimeZoneField
from papers.models import Group, User
from papers.services import joining

LONGEST_NAME = User._meta.get_field("name").max_length
LONGEST_ADDRESS = User._meta.get_field("email").max_length


class SignupForm(AllauthSignupForm):
    """A new account. It adds a name and a time zone to the fields of allauth."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="The group will see it.",
    )
    time_zone = TimeZoneField(empty="Same as the group")

    field_order = ["name", "email", "password1", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.invitation = joining.opened_invitation(context.request.session)
        if self.invitation and self.invitation.email:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True
            self.fields["email"].help_text = "The invitation is for this address only."
        self.fields["password1"].help_text = "At least 12 characters. A few words work well."
        self.fields["password1"].widget.attrs.pop("placeholder", None)
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def try_save(self, request):
        """Hash the password even if the account exists.

        Otherwise the response time would reveal who has an account.
        """
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def clean_email(self):
        """Refuse any other address if the invitation is bound to one."""
        email = super().clean_email()
        if self.invitation and self.invitation.email not in ("", email):
            raise ValidationError("The invitation is for another address. Sign up with that one.")
        return email

    def clean_name(self):
        return clean_person_name(self.cleaned_data["name"])


class LoginCodeForm(RequestLoginCodeForm):
    """A sign-in code, only for an account whose address is verified.

    Otherwise an attacker could sign up with somebody else's address, let its owner verify it by
    entering a code, and then sign in with the password that the attacker chose.
    """

    def clean_email(self):
        email = super().clean_email()
        verified = EmailAddress.objects.filter(user=self._user, verified=True)
        if self._user and not verified.filter(email__iexact=email).exists():
            self._user = None
        return email


class ProfileForm(forms.ModelForm):
    """A member's own profile and preferences."""

    time_zone = TimeZoneField(
        empty="Same as the group", help_text="Dates and times are shown in this zone."
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme", "single_keys"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def clean_name(self):
        return clean_person_name(self.cleaned_data["name"])


class PreferencesForm(forms.ModelForm):
    """The preferences that a switch on a page sets; fields that were not sent stay."""

    class Meta:
        model = User
        fields = ["theme", "single_keys"]

    def __init__(self, data, *args, **kwargs):
        super().__init__(data, *args, **kwargs)
        for name in self._meta.fields:
            if name not in data:
                del self.fields[name]


def clean_person_name(text):
    """``text`` on one line.

    Raises ValidationError for a link, for a name without a letter or digit or with more than 100
    characters, and for characters that turn or hide the text around them.
    """
    name = " ".join(text.split())
    odd = any(unicodedata.category(character) in ("Cf", "Cc", "Co") for character in name)
    if odd or "://" in name or not any(character.isalnum() for character in name):
        raise ValidationError("Enter a name with letters or digits, without links.")
    if len(name) > LONGEST_NAME:
        raise ValidationError(f"Enter {LONGEST_NAME} characters at most.")
    return name


class SetUpForm(forms.ModelForm):
    """The basics of a new group. Its time zone is asked for: the default is nobody's choice."""

    time_zone = TimeZoneField(empty="Choose a time zone", required=True)

    class Meta:
        model = Group
        fields = ["name", "slug", "time_zone", "weekday", "meets_at"]
        labels = {"slug": "Address of its pages"}
        help_texts = {"slug": "Leave it empty to make it from the name."}
        widgets = {"meets_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        self.fields["slug"].required = False
        if instance.slug == instance.unused_slug(instance.name):
            self.initial["slug"] = ""
        if instance.time_zone == "UTC":
            self.initial["time_zone"] = "" if settings.TIME_ZONE == "UTC" else settings.TIME_ZONE

    def clean_slug(self):
        name = self.cleaned_data.get("name", self.instance.name)
        return self.cleaned_data["slug"] or self.instance.unused_slug(name)


class GroupForm(forms.ModelForm):
    """The settings of a group, for its organisers."""

    time_zone = TimeZoneField()
    link = LinkField(max_length=Group._meta.get_field("link").max_length, label="Usual video link")

    class Meta:
        model = Group
        fields = ["name", "time_zone", "weekday", "meets_at", "meets_for", "place", "link"]
        fields += [
            "anyone_may_ask",
            "anyone_may_schedule",
            "votes_are_named",
            "fairness_weight",
            "fairness_meetings",
        ]
        widgets = {"meets_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def clean_time_zone(self):
        return self.cleaned_data["time_zone"] or self.instance.time_zone


class DeleteAccountForm(forms.Form):
    """Deletes an account. It asks what happens to the member's texts, and confirms by address."""

    KEEP, REMOVE = "keep", "remove"

    writings = forms.ChoiceField(
        choices=[
            (KEEP, "Keep it, without my name (“a former member”)"),
            (REMOVE, "Delete it, unless the group has built on it"),
        ],
        initial=KEEP,
        label="What I wrote",
        help_text="Deleting removes the text of your comments (replies to them stay), papers you "
        "proposed that nobody else voted for, commented on, offered to present or put on an "
        "agenda, and listings that added no papers.",
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        label="Type your e-mail address to confirm", max_length=LONGEST_ADDRESS
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self):
        if self.cleaned_data["email"].lower() != self.user.email.lower():
            raise ValidationError("This is not the e-mail address of your account.")
        return self.cleaned_data["email"]
