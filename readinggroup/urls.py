"""The URL patterns of the whole site."""

from allauth.mfa.totp.views import activate_totp
from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path

from papers.views.sessions import sessions_page

# The page embeds, as a data: URL, the QR code that an authenticator app scans.
with_image_in_page = csp_update({"img-src": [SELF, "data:"]})

urlpatterns = [
    path("admin/", admin.site.urls),
    path(
        "accounts/2fa/totp/activate/",
        with_image_in_page(activate_totp),
        name="mfa_activate_totp",
    ),
    path("accounts/sessions/", sessions_page, name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    path("", include("papers.urls")),
]
