"""The URL patterns of the app. The pages of a group begin with its slug."""

from django.conf import settings
from django.urls import path

from papers.views import (
    agenda,
    calendars,
    comments,
    discussion_list,
    discussions,
    feeds,
    group,
    group_zone,
    health,
    home,
    joining,
    mail_choices,
    me,
    meeting,
    members,
    outbox,
    outcomes,
    paper,
    papers,
    poll_decisions,
    polls,
    proposals,
    rsvps,
    set_up,
    votes,
)

urlpatterns = [
    path("", home.home_page, name="home"),
    path("favicon.ico", home.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("join/", joining.join_group, name="join"),
    path("join/forget/", joining.forget_link, name="join-forget"),
    path("join/<str:token>/", joining.open_link, name="join-link"),
    path("me/", me.profile_page, name="me"),
    path("me/preferences/", me.set_preferences, name="preferences"),
    path("me/data/", me.download_my_data, name="my-data"),
    path("me/mail/", mail_choices.choices_page, name="mail-choices"),
    path("mail/stop/<str:token>/", mail_choices.unsubscribe_page, name="mail-stop"),
    path("me/delete/", me.delete_account, name="delete-account"),
    path("me/feeds/", feeds.feeds_page, name="feeds"),
    path("me/feeds/<int:pk>/revoke/", feeds.revoke_feed, name="feed-revoke"),
    path("feeds/<str:token>/calendar.ics", feeds.calendar_feed, name="feed-calendar"),
    path("feeds/<str:token>/news.xml", feeds.news_feed, name="feed-news"),
    path("<slug:slug>/", group.group_home, name="group"),
    path("<slug:slug>/settings/", group.settings_page, name="group-settings"),
    path("<slug:slug>/settings/time-zone/", group_zone.change_zone, name="group-zone"),
    path("<slug:slug>/set-up/", set_up.set_up_group, name="set-up"),
    path("<slug:slug>/set-up/dismiss/", set_up.dismiss_steps, name="set-up-dismiss"),
    path("<slug:slug>/join-as-organiser/", set_up.join_as_organiser, name="join-as-organiser"),
    path("<slug:slug>/ask/", joining.ask_page, name="ask"),
    path("<slug:slug>/ask/send/", joining.ask_to_join, name="ask-send"),
    path("<slug:slug>/ask/withdraw/", joining.withdraw_request, name="ask-withdraw"),
    path("<slug:slug>/leave/", me.leave_group, name="leave"),
    path("<slug:slug>/members/", members.members_page, name="members"),
    path("<slug:slug>/members/<int:pk>/role/", members.set_role, name="member-role"),
    path("<slug:slug>/members/<int:pk>/remove/", members.remove_member, name="member-remove"),
    path("<slug:slug>/members/handles/", comments.member_handles, name="member-handles"),
    path("<slug:slug>/invitations/link/", members.invite_by_link, name="invite-link"),
    path("<slug:slug>/invitations/mail/", members.invite_by_mail, name="invite-mail"),
    path(
        "<slug:slug>/invitations/<int:pk>/revoke/",
        members.revoke_invitation,
        name="invitation-revoke",
    ),
    path("<slug:slug>/requests/<int:pk>/admit/", members.accept_request, name="request-admit"),
    path("<slug:slug>/requests/<int:pk>/decline/", members.decline_request, name="request-decline"),
    path("<slug:slug>/papers/", papers.paper_list, name="papers"),
    path("<slug:slug>/papers/propose/", proposals.propose_paper, name="paper-propose"),
    path("<slug:slug>/papers/<int:pk>/", paper.paper_page, name="paper"),
    path("<slug:slug>/papers/<int:pk>/bibtex/", paper.bibtex_text, name="paper-bibtex"),
    path("<slug:slug>/papers/<int:pk>/edit/", proposals.edit_paper, name="paper-edit"),
    path(
        "<slug:slug>/papers/<int:pk>/withdraw/", proposals.withdraw_proposal, name="paper-withdraw"
    ),
    path("<slug:slug>/papers/<int:pk>/status/", paper.set_status, name="paper-status"),
    path("<slug:slug>/papers/<int:pk>/topics/", paper.set_topics, name="paper-topics"),
    path("<slug:slug>/papers/<int:pk>/vote/", votes.set_vote, name="paper-vote"),
    path("<slug:slug>/papers/<int:pk>/offer/", votes.set_offer, name="paper-offer"),
    path("<slug:slug>/papers/<int:pk>/reading/", outcomes.set_reading_state, name="paper-reading"),
    path("<slug:slug>/papers/<int:pk>/pin/", votes.set_pin, name="paper-pin"),
    path("<slug:slug>/papers/<int:pk>/follow/", comments.set_following, name="paper-follow"),
    path("<slug:slug>/papers/<int:pk>/comments/", comments.add_comment, name="paper-comments"),
    path(
        "<slug:slug>/papers/<int:pk>/comments/preview/",
        comments.preview_comment,
        name="paper-comment-preview",
    ),
    path("<slug:slug>/comments/<int:pk>/edit/", comments.edit_comment, name="comment-edit"),
    path("<slug:slug>/comments/<int:pk>/remove/", comments.remove_comment, name="comment-remove"),
    path(
        "<slug:slug>/comments/<int:pk>/restore/", comments.restore_comment, name="comment-restore"
    ),
    path(
        "<slug:slug>/comments/<int:pk>/question/",
        comments.mark_question,
        name="comment-question",
    ),
    path(
        "<slug:slug>/comments/<int:pk>/history/", comments.comment_history, name="comment-history"
    ),
    path("<slug:slug>/discussions/", discussion_list.list_page, name="discussions"),
    path("<slug:slug>/discussions/month/", discussion_list.month_page, name="discussion-month"),
    path("<slug:slug>/discussions/new/", discussions.new_meeting, name="discussion-new"),
    path("<slug:slug>/discussions/poll/", polls.new_poll, name="discussion-poll"),
    path("<slug:slug>/discussions/<int:pk>/poll/", polls.edit_poll, name="discussion-poll-edit"),
    path("<slug:slug>/discussions/<int:pk>/answer/", polls.answer_poll, name="discussion-answer"),
    path(
        "<slug:slug>/discussions/<int:pk>/fix/", poll_decisions.choose_date, name="discussion-fix"
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/remind/", polls.remind_members, name="discussion-remind"
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/poll/reopen/",
        poll_decisions.reopen_poll,
        name="discussion-poll-reopen",
    ),
    path(
        "<slug:slug>/discussions/record/",
        discussions.record_past_meeting,
        name="discussion-record",
    ),
    path(
        "<slug:slug>/discussions/write/",
        discussions.new_written_discussion,
        name="discussion-write",
    ),
    path("<slug:slug>/discussions/<int:pk>/", discussions.discussion_page, name="discussion"),
    path(
        "<slug:slug>/discussions/<int:pk>/calendar.ics", calendars.ics_file, name="discussion-ics"
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/edit/",
        discussions.edit_discussion,
        name="discussion-edit",
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/cancel/",
        discussions.cancel_discussion,
        name="discussion-cancel",
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/reinstate/",
        discussions.reinstate_discussion,
        name="discussion-reinstate",
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/meeting/", meeting.meeting_page, name="discussion-meeting"
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/sheet/", meeting.printable_sheet, name="discussion-sheet"
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/question/",
        meeting.tick_question,
        name="discussion-question",
    ),
    path("<slug:slug>/discussions/<int:pk>/ask/", meeting.ask_question, name="discussion-ask"),
    path("<slug:slug>/discussions/<int:pk>/notes/", meeting.save_notes, name="discussion-notes"),
    path(
        "<slug:slug>/discussions/<int:pk>/read-together/",
        outcomes.set_read_together,
        name="discussion-read-together",
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/conclude/",
        outcomes.record_outcomes,
        name="discussion-conclude",
    ),
    path(
        "<slug:slug>/discussions/<int:pk>/reopen/",
        outcomes.reopen_discussion,
        name="discussion-reopen",
    ),
    path("<slug:slug>/discussions/<int:pk>/papers/", agenda.add_paper, name="discussion-add"),
    path("<slug:slug>/discussions/<int:pk>/rsvp/", rsvps.set_rsvp, name="discussion-rsvp"),
    path("<slug:slug>/agenda/<int:pk>/present/", rsvps.presenter_action, name="agenda-present"),
    path("<slug:slug>/agenda/<int:pk>/hand-over/", rsvps.hand_over_paper, name="agenda-hand-over"),
    path("<slug:slug>/agenda/<int:pk>/swap/", rsvps.offer_swap, name="agenda-swap"),
    path("<slug:slug>/agenda/<int:pk>/ask/", rsvps.ask_presenter, name="agenda-ask"),
    path("<slug:slug>/agenda/<int:pk>/clear/", rsvps.clear_presenter, name="agenda-clear"),
    path("<slug:slug>/agenda/<int:pk>/remove/", agenda.remove_item, name="agenda-remove"),
    path("<slug:slug>/agenda/<int:pk>/move/", agenda.move_item, name="agenda-move"),
    path("<slug:slug>/agenda/<int:pk>/minutes/", agenda.set_minutes, name="agenda-minutes"),
    path("<slug:slug>/read/", comments.mark_read, name="mark-read"),
]
if settings.DEBUG:
    urlpatterns.insert(0, path("demo/outbox/", outbox.outbox_page, name="outbox"))
