"""Middleware for addresses that take forms only: nobody is led to one of them and finds nothing."""

from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import render, resolve_url

SHOWN_METHODS = ("GET", "HEAD")


class SignInFirst(LoginRequiredMiddleware):
    """Asks to sign in, and leads back to the page then: after a form, to the page of the form."""

    def handle_no_permission(self, request, view_func):
        if request.method in SHOWN_METHODS:
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.headers.get("Referer", ""))
        there = page._replace(scheme="", netloc="").geturl()
        is_here = page.netloc == request.get_host() and there.startswith("/")
        return redirect_to_login(
            there if is_here and not there.startswith("//") else "/",
            resolve_url(self.get_login_url(view_func)),
            self.get_redirect_field_name(view_func),
        )


def not_a_page(get_response):
    """Show a page at addresses that take forms only, which browsers open from their history."""

    def middleware(request):
        response = get_response(request)
        if response.status_code != 405 or request.method not in SHOWN_METHODS or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware
