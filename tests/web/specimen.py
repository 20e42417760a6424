"""Pages that show every part of the design once, on the real shell: what the browser tests look at.

Used as an URLconf; the entries of the menu are there under the names that the features will have.
"""

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import include, path

from dunright.models import Role
from dunright.project.urls import urlpatterns as real
from dunright.web.charts import AGE_LABELS, Band
from dunright.web.organisation import organisation_page

AMOUNTS = ("74747.00", "52950.00", "32369.00", "13570.00", "12215.10")
CUSTOMERS = (
    (
        "Lissadoon Quarries",
        "accounts@lissadoon.example",
        "15060.00",
        104,
        "no_schedule",
        "with the solicitor",
    ),
    ("Castlemoyle Dairies", "ledger@castlemoyle.example", "13555.50", 67, "", "Weekly reminder"),
    ("Halloran Bearings", "orla@halloran.example", "10743.40", 53, "", "Follow-up"),
    ("Inver Precision", "accounts@inver.example", "7215.00", 34, "paused_until", "until 1 December"),
    ("Portlaw Textiles", "finance@portlaw.example", "5760.00", 29, "promised", "for 30 November"),
    ("Kestrel Lifts", "ap@kestrel.example", "5402.80", 23, "uncertain", "Firm of 17 November"),
    ("Ulster Gearbox Centre", "finance@ulstergearbox.example", "4480.00", 53, "disputed", "since 20 October"),
    (
        "Slieve Energy Services",
        "accounts@slieve.example",
        "1900.00",
        18,
        "credit_covers",
        "€2,150.00 not yet used",
    ),
    (
        "Sankt Georg Maschinenbau Vertriebsgesellschaft mbH & Co. KG",
        "",
        "0.00",
        0,
        "no_recipient",
        "no address",
    ),
)


class SpecimenForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label="Business name", help_text="Your customers see this name.")
    email = forms.EmailField(label="E-mail", required=False)
    country = forms.ChoiceField(label="Country", choices=[("ie", "Ireland"), ("de", "Germany")])
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    level = forms.ChoiceField(
        label="Whom",
        choices=[("all", "All or most customers"), ("few", "A few customers")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="I have read what is sent")


@organisation_page()
def lists(request):
    messages.success(request, "Halloran Bearings is on hold until 1 December.")
    rows = [
        {
            "name": name,
            "email": email,
            "overdue": Decimal(overdue),
            "due": request.today - timedelta(days=days),
            "days": days,
            "reason": reason,
            "note": note,
        }
        for name, email, overdue, days, reason, note in CUSTOMERS
    ]
    bands = [
        Band(label, Decimal(amount), "7 customers", "?band=1")
        for label, amount in zip(AGE_LABELS, AMOUNTS, strict=True)
    ]
    page = Paginator(rows * 3, len(rows)).get_page(2)
    return render(
        request,
        "specimen/lists.html",
        {
            "title": "Receivables",
            "rows": rows,
            "bands": bands,
            "page": page,
            "sort": request.GET.get("sort", "-overdue"),
        },
    )


@organisation_page()
def stories(request):
    form = SpecimenForm(request.POST or None)
    return render(
        request,
        "specimen/stories.html",
        {"title": "Halloran Bearings", "form": form, "due": date(2026, 10, 29)},
        status=422 if request.method == "POST" else 200,
    )


@organisation_page(Role.OWNER)
def owners(request):
    return render(request, "specimen/lists.html", {"title": "Settings", "rows": [], "bands": []})


def missing(request):
    raise Http404


def broken(request):
    raise RuntimeError("a page that fails")


def feature(name, view):
    pattern = path(f"o/<int:organisation>/{name}/", view, name="index")
    return path("", include(([pattern], name)))


urlpatterns = [
    *(
        feature(name, lists)
        for name in (
            "today",
            "receivables",
            "upcoming",
            "sent",
            "todo",
            "schedules",
            "templates",
            "statements",
        )
    ),
    feature("customers", stories),
    feature("settings", owners),
    feature("connect", stories),
    path("missing/", missing),
    path("broken/", broken),
    *real,
]
