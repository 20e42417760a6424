"""The way in: the one-time link of the first account, and a first company."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dunright.models import User
from dunright.services import accounts, organisations
from dunright.web.onboarding import suggestions
from dunright.web.onboarding.forms import CompanyForm, WelcomeForm
from dunright.web.onboarding.problems import Kind

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GONE = 410
REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the first account, or take over the demo's; looking at the link does not use it up."""
    now = timezone.now()
    link = accounts.open_link(secret, now=now)
    if link is None:
        sentence = "This link was used already or is too old; log in, or start Dunright again for a new one."
        gone = {
            "title": "This link does not work any more",
            "kind": Kind("", "link-2-off"),
            "sentence": sentence,
            "back_url": "/",
            "back": "Go to the log-in",
        }
        return render(request, "onboarding/problem.html", gone, status=GONE)
    known = {"name": link.user.name, "email": link.user.email} if link.user else {}
    form = WelcomeForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            user = accounts.claim(secret, now=now, **form.cleaned_data)
        except accounts.AccountError as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend=BACKEND)
            return redirect("/")
    context = {"title": "Welcome to Dunright", "form": form, "is_demo": link.user is not None}
    return render(request, "onboarding/welcome.html", context, status=REFUSED if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Make a company for a person who belongs to none, or wants another."""
    form = CompanyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        made = organisations.add(form.settings(), owner=request.user, now=timezone.now())
        return redirect(reverse("onboarding:connect", args=[made.pk]))
    context = {
        "title": "Set up your account",
        "form": form,
        "countries": suggestions.countries(),
        "timezones": suggestions.timezones(),
        "currencies": suggestions.currencies(),
    }
    return render(request, "onboarding/company.html", context, status=REFUSED if form.errors else 200)
