"""The addresses of the app. Everything of a group begins with its slug."""

from django.conf import settings
from django.urls import path

from papers.views import group, health, home, joining, me, members, outbox, paper, papers

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("join/", joining.join, name="join"),
    path("join/forget/", joining.forget_link, name="join-forget"),
    path("join/<str:token>/", joining.open_link, name="join-link"),
    path("me/", me.me, name="me"),
    path("me/preferences/", me.preferences, name="preferences"),
    path("me/data/", me.my_data, name="my-data"),
    path("me/delete/", me.delete_account, name="delete-account"),
    path("<slug:slug>/", papers.group_home, name="group"),
    path("<slug:slug>/settings/", group.settings, name="group-settings"),
    path("<slug:slug>/ask/", joining.ask_page, name="ask"),
    path("<slug:slug>/ask/send/", joining.ask, name="ask-send"),
    path("<slug:slug>/ask/withdraw/", joining.withdraw, name="ask-withdraw"),
    path("<slug:slug>/leave/", me.leave, name="leave"),
    path("<slug:slug>/members/", members.members, name="members"),
    path("<slug:slug>/members/<int:pk>/role/", members.set_role, name="member-role"),
    path("<slug:slug>/members/<int:pk>/remove/", members.remove_member, name="member-remove"),
    path("<slug:slug>/invitations/link/", members.invite_by_link, name="invite-link"),
    path("<slug:slug>/invitations/mail/", members.invite_by_mail, name="invite-mail"),
    path(
        "<slug:slug>/invitations/<int:pk>/revoke/",
        members.revoke_invitation,
        name="invitation-revoke",
    ),
    path("<slug:slug>/requests/<int:pk>/admit/", members.admit, name="request-admit"),
    path("<slug:slug>/requests/<int:pk>/decline/", members.decline, name="request-decline"),
    path("<slug:slug>/papers/", papers.paper_list, name="papers"),
    path("<slug:slug>/papers/<int:pk>/", paper.paper, name="paper"),
    path("<slug:slug>/papers/<int:pk>/bibtex/", paper.bibtex, name="paper-bibtex"),
    path("<slug:slug>/papers/<int:pk>/status/", paper.set_status, name="paper-status"),
    path("<slug:slug>/papers/<int:pk>/topics/", paper.set_topics, name="paper-topics"),
]
if settings.DEBUG:
    urlpatterns.insert(0, path("demo/outbox/", outbox.outbox, name="outbox"))
