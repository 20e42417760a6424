"""The Django app that holds tables and commands."""

from django.apps import AppConfig


class DunrightConfig(AppConfig):
    name = "dunright"
    label = "dunright"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Dunright"
