"""Addresses of Receivables: customers and invoices that are open."""

from django.urls import path

from dunright.web.receivables import views

app_name = "receivables"
urlpatterns = [
    path("o/<int:organisation>/receivables/", views.index, name="index"),
    path("o/<int:organisation>/receivables/invoices/", views.invoices, name="invoices"),
]
