"""One small form per act."""

from papers.forms.attending import PresenterForm, PresentForm, RsvpForm, SwapForm
from papers.forms.binding import sent, sent_with_files
from papers.forms.comments import CommentForm, EditForm, FollowForm, QuestionForm, RemoveForm
from papers.forms.concluding import (
    AskForm,
    ConcludeForm,
    NotesForm,
    ReadingForm,
    TickForm,
    TogetherForm,
)
from papers.forms.discussions import (
    AddPaperForm,
    ClosingForm,
    DirectionForm,
    MeetingForm,
    MinutesForm,
    ScheduleForm,
    WritingForm,
)
from papers.forms.feeds import FeedForm, name_of
from papers.forms.listings import CutForm, EntryForm, ReadAgainForm, UploadForm
from papers.forms.mail_choices import MailChoicesForm
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
from papers.forms.polls import AnswersForm, FixForm, PollEditForm, PollForm
from papers.forms.proposals import EditPaperForm, ProposalForm
from papers.forms.votes import OfferForm, PinForm, VoteForm

__all__ = [
    "LONGEST_TOPIC",
    "MOST_TOPICS",
    "AddPaperForm",
    "AskForm",
    "AnswersForm",
    "ClosingForm",
    "CommentForm",
    "ConcludeForm",
    "CutForm",
    "DeleteAccountForm",
    "DirectionForm",
    "EditForm",
    "EditPaperForm",
    "EntryForm",
    "FeedForm",
    "FixForm",
    "FollowForm",
    "GroupForm",
    "InvitationForm",
    "JoinRequestForm",
    "LinkForm",
    "LoginCodeForm",
    "MailChoicesForm",
    "MailInvitationForm",
    "MeetingForm",
    "MinutesForm",
    "NotesForm",
    "OfferForm",
    "PaperForm",
    "PinForm",
    "PollEditForm",
    "PollForm",
    "PreferencesForm",
    "PresentForm",
    "PresenterForm",
    "ProfileForm",
    "ProposalForm",
    "QuestionForm",
    "ReadAgainForm",
    "ReadingForm",
    "RemoveForm",
    "RoleForm",
    "RsvpForm",
    "ScheduleForm",
    "SignupForm",
    "StatusForm",
    "SwapForm",
    "TickForm",
    "TogetherForm",
    "TopicsForm",
    "UploadForm",
    "VoteForm",
    "WritingForm",
    "name_of",
    "sent",
    "sent_with_files",
]
