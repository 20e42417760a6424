"""Addresses of one customer: the page, and each thing a person decides about it."""

from django.urls import path

from dunright.web.customers import actions, dialogs, views

app_name = "customers"
_customer = "o/<int:organisation>/customers/<int:pk>/"
urlpatterns = [
    path(_customer, views.page, name="page"),
    path(f"{_customer}paid/", views.paid, name="paid"),
    path(f"{_customer}chasing/", actions.chasing, name="chasing"),
    path(f"{_customer}schedule/", actions.schedule, name="schedule"),
    path(f"{_customer}resume/", actions.resume, name="resume"),
    path(f"{_customer}people/<int:person>/level/", actions.level, name="level"),
    path(f"{_customer}holds/<int:hold>/end/", actions.end_hold, name="end_hold"),
    path(f"{_customer}stop/", dialogs.stop, name="stop"),
    path(f"{_customer}answered/", dialogs.answered, name="answered"),
    path(f"{_customer}contact/", dialogs.contact, name="contact"),
]
