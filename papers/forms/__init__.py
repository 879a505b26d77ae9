"""One small form per act."""

from papers.forms.binding import sent
from papers.forms.comments import CommentForm, EditForm, FollowForm, QuestionForm, RemoveForm
from papers.forms.discussions import (
    AddPaperForm,
    DirectionForm,
    MeetingForm,
    MinutesForm,
    ScheduleForm,
    WritingForm,
)
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
from papers.forms.proposals import EditPaperForm, ProposalForm
from papers.forms.votes import OfferForm, PinForm, VoteForm

__all__ = [
    "LONGEST_TOPIC",
    "MOST_TOPICS",
    "AddPaperForm",
    "CommentForm",
    "CutForm",
    "DeleteAccountForm",
    "DirectionForm",
    "EditForm",
    "EditPaperForm",
    "EntryForm",
    "FollowForm",
    "GroupForm",
    "InvitationForm",
    "JoinRequestForm",
    "LinkForm",
    "LoginCodeForm",
    "MailInvitationForm",
    "MeetingForm",
    "MinutesForm",
    "OfferForm",
    "PaperForm",
    "PinForm",
    "PreferencesForm",
    "ProfileForm",
    "ProposalForm",
    "QuestionForm",
    "ReadAgainForm",
    "RemoveForm",
    "RoleForm",
    "ScheduleForm",
    "SignupForm",
    "StatusForm",
    "TopicsForm",
    "UploadForm",
    "VoteForm",
    "WritingForm",
    "sent",
]
