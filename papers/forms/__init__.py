"""All forms, one small form for each action."""

from papers.forms.comments import (
    CommentForm,
    EditCommentForm,
    FollowForm,
    MarkQuestionForm,
    RemoveCommentForm,
)
from papers.forms.discussions import (
    AddPaperForm,
    ClosingDayForm,
    DirectionForm,
    MeetingForm,
    MinutesForm,
    PastMeetingForm,
    ScheduleForm,
    WrittenDiscussionForm,
)
from papers.forms.feeds import FeedForm, feed_name
from papers.forms.group_zone import GroupAdminForm, ZoneChangeForm
from papers.forms.joining import (
    InvitationForm,
    JoinRequestForm,
    LinkInvitationForm,
    MailInvitationForm,
    RoleForm,
)
from papers.forms.listings import CutForm, EntryForm, ReadAgainForm, UploadForm
from papers.forms.mail_choices import MailChoicesForm
from papers.forms.outcomes import (
    AskQuestionForm,
    ConcludeForm,
    NotesForm,
    ReadingStateForm,
    ReadTogetherForm,
    TickQuestionForm,
)
from papers.forms.papers import LONGEST_TOPIC, MOST_TOPICS, PaperForm, StatusForm, TopicsForm
from papers.forms.people import (
    DeleteAccountForm,
    GroupForm,
    LoginCodeForm,
    PreferencesForm,
    ProfileForm,
    SetUpForm,
    SignupForm,
    clean_person_name,
)
from papers.forms.polls import AvailabilityForm, ChooseDateForm, PollEditForm, PollForm
from papers.forms.proposals import EditPaperForm, ProposalForm
from papers.forms.rsvps import ChoosePresenterForm, PresenterActionForm, RsvpForm, SwapForm
from papers.forms.submission import post_data, post_data_and_files
from papers.forms.time_zones import TimeZoneField
from papers.forms.votes import OfferForm, PinForm, VoteForm

__all__ = [
    "LONGEST_TOPIC",
    "MOST_TOPICS",
    "AddPaperForm",
    "AskQuestionForm",
    "AvailabilityForm",
    "ClosingDayForm",
    "CommentForm",
    "ConcludeForm",
    "CutForm",
    "DeleteAccountForm",
    "DirectionForm",
    "EditCommentForm",
    "EditPaperForm",
    "EntryForm",
    "FeedForm",
    "ChooseDateForm",
    "FollowForm",
    "GroupAdminForm",
    "GroupForm",
    "InvitationForm",
    "JoinRequestForm",
    "LinkInvitationForm",
    "LoginCodeForm",
    "MailChoicesForm",
    "MailInvitationForm",
    "MeetingForm",
    "MinutesForm",
    "NotesForm",
    "OfferForm",
    "PaperForm",
    "PastMeetingForm",
    "PinForm",
    "PollEditForm",
    "PollForm",
    "PreferencesForm",
    "PresenterActionForm",
    "ChoosePresenterForm",
    "ProfileForm",
    "ProposalForm",
    "MarkQuestionForm",
    "ReadAgainForm",
    "ReadingStateForm",
    "RemoveCommentForm",
    "RoleForm",
    "RsvpForm",
    "ScheduleForm",
    "SetUpForm",
    "SignupForm",
    "StatusForm",
    "SwapForm",
    "TickQuestionForm",
    "TimeZoneField",
    "ReadTogetherForm",
    "TopicsForm",
    "UploadForm",
    "VoteForm",
    "WrittenDiscussionForm",
    "ZoneChangeForm",
    "feed_name",
    "post_data",
    "post_data_and_files",
    "clean_person_name",
]
