"""Forms for invitations, for requests to join a group, and for roles."""

from django import forms
from django.core.exceptions import ValidationError

from papers.models import Invitation, JoinRequest, Membership
from papers.models.people import clean_address

MOST_ADDRESSES = 50
LONGEST_ADDRESS = Invitation._meta.get_field("email").max_length
Role = Membership.Role
DEFAULT_DAYS = 7  # validity of an invitation
# How many people a link admits. Whoever it makes an organiser can read and change everything.
DEFAULT_USES = {Role.MEMBER: 20, Role.ORGANISER: 1}


class AddressField(forms.EmailField):
    """An e-mail address in the form that the app stores."""

    def clean(self, value):
        return clean_address(super().clean(value))


class InvitationForm(forms.Form):
    """The role that an invitation gives, and its validity."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.MEMBER)
    days = forms.IntegerField(
        min_value=1,
        max_value=90,
        initial=DEFAULT_DAYS,
        label="Valid for (days)",
        widget=forms.NumberInput,
    )


class LinkInvitationForm(InvitationForm):
    """An invitation link, which the organiser passes on."""

    uses = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=500,
        label="How many people can use it",
        help_text=f"Leave it empty for {DEFAULT_USES[Role.MEMBER]} members or "
        f"{DEFAULT_USES[Role.ORGANISER]} organiser.",
    )
    email = AddressField(
        required=False,
        max_length=LONGEST_ADDRESS,
        label="Only for this address",
        help_text="Leave it empty to let in anyone who has the link.",
    )

    def clean(self):
        data = super().clean()
        if data.get("email"):
            data["uses"] = 1
        elif data.get("uses", 0) is None:
            data["uses"] = DEFAULT_USES.get(data.get("role"), 1)
        return data


class MailInvitationForm(InvitationForm):
    """Invitations by mail, one for each address."""

    addresses = forms.CharField(
        max_length=MOST_ADDRESSES * (LONGEST_ADDRESS + 2),
        label="E-mail addresses",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One per line, or separated by commas or spaces.",
    )

    def clean_addresses(self) -> list[str]:
        """The addresses in lower case, without duplicates, in their order."""
        words = self.cleaned_data["addresses"].replace(",", " ").replace(";", " ").split()
        addresses = list(dict.fromkeys(word.strip("<>").lower() for word in words))
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(
                f"These are {len(addresses)} addresses. Enter {MOST_ADDRESSES} at most."
            )
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
        labels = {"message": "Message to the organisers (optional)"}
        widgets = {"message": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"message": "For example, who you are."}

    def clean_message(self):
        """Fold the message into one line, so that the mail can set it apart from its own text."""
        return " ".join(self.cleaned_data["message"].split())


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
