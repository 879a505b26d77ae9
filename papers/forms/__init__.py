"""One small form per act."""

from papers.forms.binding import sent
from papers.forms.listings import CutForm, EntryForm, ReadAgainForm, UploadForm
from papers.forms.papers import LONGEST_TOPIC, MOST_TOPICS, PaperForm, StatusForm, TopicsForm
from papers.forms.people import (
    DeleteAccountForm,
    GroupForm,
    InvitationForm,
    JoinRequestForm,
    LinkForm,
    LoginCodeForm,
    MailInvitationForm,
    PreferencesForm,
    ProfileForm,
    RoleForm,
    SignupForm,
)

__all__ = [
    "LONGEST_TOPIC",
    "MOST_TOPICS",
    "CutForm",
    "DeleteAccountForm",
    "EntryForm",
    "GroupForm",
    "InvitationForm",
    "JoinRequestForm",
    "LinkForm",
    "LoginCodeForm",
    "MailInvitationForm",
    "PaperForm",
    "PreferencesForm",
    "ProfileForm",
    "ReadAgainForm",
    "RoleForm",
    "SignupForm",
    "StatusForm",
    "TopicsForm",
    "UploadForm",
    "sent",
]
