"""The Django app that holds pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "dunright.web"
    label = "dunright_web"
    verbose_name = "Dunright pages"
