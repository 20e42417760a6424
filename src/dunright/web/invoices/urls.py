"""Addresses of one invoice: the page, and each thing a person decides about it."""

from django.urls import path

from dunright.web.invoices import actions, views

app_name = "invoices"
_invoice = "o/<int:organisation>/invoices/<int:pk>/"
urlpatterns = [
    path(_invoice, views.page, name="page"),
    path(f"{_invoice}chasing/", actions.chasing, name="chasing"),
    path(f"{_invoice}schedule/", actions.schedule, name="schedule"),
    path(f"{_invoice}resume/", actions.resume, name="resume"),
    path(f"{_invoice}stop/", actions.stop, name="stop"),
]
