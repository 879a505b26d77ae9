"""Forms for accounts, profiles, groups, invitations and membership."""

import unicodedata
from functools import cache

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError

from papers.forms.links import LinkField
from papers.models import Group, Invitation, JoinRequest, Membership, User
from papers.models.people import clean_address, time_zones
from papers.services import joining

MOST_ADDRESSES = 50
LONGEST_ADDRESS = Invitation._meta.get_field("email").max_length
DEFAULT_DAYS = 7  # validity of an invitation


class AddressField(forms.EmailField):
    """An e-mail address in the form that the app stores."""

    def clean(self, value):
        return clean_address(super().clean(value))


@cache
def zone_choices() -> list[tuple[str, str]]:
    """The choices of a time zone, (name, label), UTC first."""
    names = sorted(name for name in time_zones() if name[0].isupper())
    places = [name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/"))]
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class TimeZoneField(forms.ChoiceField):
    """A choice of time zones; a script points out the browser's own."""

    def __init__(self, *, empty, **kwargs):
        self.empty = empty
        super().__init__(
            choices=lambda: [("", self.empty), *zone_choices()],
            required=False,
            widget=forms.Select(attrs={"data-time-zone": True}),
            **kwargs,
        )

    def valid_value(self, value):
        """Also accept older names, which some browsers use."""
        return value in time_zones()


class SignupForm(AllauthSignupForm):
    """A new account. It adds a name and a time zone to the fields of allauth."""

    name = forms.CharField(
        max_length=User._meta.get_field("name").max_length,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As the group knows you.",
    )
    time_zone = TimeZoneField(label="Time zone", empty="The group's")

    field_order = ["name", "email", "password1", "time_zone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.invitation = joining.opened_invitation(context.request.session)
        if self.invitation and self.invitation.email:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True
            self.fields["email"].help_text = "The invitation is for this address."
        self.fields["password1"].help_text = "At least 12 characters; a few words do well."
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
            raise ValidationError("The invitation is for another address: use that one.")
        return email

    def clean_name(self):
        return _validated_name(self.cleaned_data["name"])


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
        label="Time zone", empty="The group's", help_text="Dates and hours are shown in it."
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme", "single_keys"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def clean_name(self):
        return _validated_name(self.cleaned_data["name"])


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


def _validated_name(text: str) -> str:
    """``text`` on one line.

    Raises ValidationError for a link, for a name without a letter or digit, and for characters that
    turn or hide the text around them.
    """
    name = " ".join(text.split())
    odd = any(unicodedata.category(character) in ("Cf", "Cc", "Co") for character in name)
    if odd or "://" in name or not any(character.isalnum() for character in name):
        raise ValidationError("Give a name that the others can call you by.")
    return name


class InvitationForm(forms.Form):
    """The role that an invitation gives, and its validity."""

    role = forms.ChoiceField(choices=Membership.Role.choices, initial=Membership.Role.MEMBER)
    days = forms.IntegerField(
        min_value=1,
        max_value=90,
        initial=DEFAULT_DAYS,
        label="Valid for (days)",
        widget=forms.NumberInput,
    )


class LinkInvitationForm(InvitationForm):
    """An invitation link, which the organiser passes on."""

    uses = forms.IntegerField(min_value=1, max_value=500, initial=20, label="For how many people")
    email = AddressField(
        required=False,
        max_length=LONGEST_ADDRESS,
        label="Only for this address",
        help_text="Empty: whoever has the link.",
    )

    def clean(self):
        data = super().clean()
        if data.get("email"):
            data["uses"] = 1
        return data


class MailInvitationForm(InvitationForm):
    """Invitations by mail, one for each address."""

    addresses = forms.CharField(
        max_length=MOST_ADDRESSES * (LONGEST_ADDRESS + 2),
        label="E-mail addresses",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, or separated by commas or spaces.",
    )

    def clean_addresses(self) -> list[str]:
        """The addresses in lower case, without duplicates, in their order."""
        words = self.cleaned_data["addresses"].replace(",", " ").replace(";", " ").split()
        addresses = list(dict.fromkeys(word.strip("<>").lower() for word in words))
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(f"These are {len(addresses)}; {MOST_ADDRESSES} is the limit.")
        if wrong := [address for address in addresses if not _is_address(address)]:
            are = "is not an e-mail address" if len(wrong) == 1 else "are not e-mail addresses"
            raise ValidationError(f"“{'”, “'.join(wrong)}” {are}.")
        return addresses


def _is_address(text):
    try:
        return bool(AddressField().clean(text))
    except ValidationError:
        return False


class JoinRequestForm(forms.ModelForm):
    """A request to join a group."""

    class Meta:
        model = JoinRequest
        fields = ["message"]
        labels = {"message": "A word to the organisers"}
        widgets = {"message": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"message": "Who you are, say. It may stay empty."}

    def clean_message(self):
        """Fold the message into one line, so that the mail can set it apart from its own text."""
        return " ".join(self.cleaned_data["message"].split())


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class GroupForm(forms.ModelForm):
    """The settings of a group, for its organisers."""

    time_zone = TimeZoneField(label="Time zone", empty="UTC")
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
        return self.cleaned_data["time_zone"] or "UTC"


class DeleteAccountForm(forms.Form):
    """Deletes an account. It asks what happens to the member's texts, and confirms by address."""

    KEEP, REMOVE = "keep", "remove"

    writings = forms.ChoiceField(
        choices=[
            (KEEP, "It stays, under “a former member”"),
            (REMOVE, "It goes, where nothing of the group depends on it"),
        ],
        initial=KEEP,
        label="What I wrote",
        help_text="What goes: the text of comments, whose places stay for the replies; papers you "
        "proposed, unless others voted or commented on them, offered to present them or put them "
        "on an agenda; listings of which no paper came.",
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(label="Your e-mail address, to be sure", max_length=LONGEST_ADDRESS)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self):
        if self.cleaned_data["email"].lower() != self.user.email.lower():
            raise ValidationError("This is not the address of this account.")
        return self.cleaned_data["email"]
