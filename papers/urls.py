"""The addresses of the app. Everything of a group begins with its slug."""

from django.urls import path

from papers.views import health, home, paper, papers

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("<slug:slug>/", papers.group_home, name="group"),
    path("<slug:slug>/papers/", papers.paper_list, name="papers"),
    path("<slug:slug>/papers/<int:pk>/", paper.paper, name="paper"),
    path("<slug:slug>/papers/<int:pk>/bibtex/", paper.bibtex, name="paper-bibtex"),
    path("<slug:slug>/papers/<int:pk>/status/", paper.set_status, name="paper-status"),
    path("<slug:slug>/papers/<int:pk>/topics/", paper.set_topics, name="paper-topics"),
]
