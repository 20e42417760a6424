"""What is typed on the way in; rules of the trade are asked of the domain."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from dunright.domain.settings import OrganisationSettings, SettingError, changed
from dunright.models import User
from dunright.web.onboarding.regions import Region


class WelcomeForm(forms.Form):
    """The account that a one-time link makes."""

    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask the password rules of the installation, which look at the person's name and address too."""
        cleaned = super().clean() or {}
        if "password" in cleaned:
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class CompanyForm(forms.Form):
    """A company to chase for."""

    name = forms.CharField(label="Company name", max_length=200)
    country = forms.CharField(
        max_length=2,
        required=False,
        help_text="Two letters, such as IE. It decides which public holidays are kept.",
        widget=forms.TextInput(attrs={"list": "countries", "autocomplete": "country"}),
    )
    timezone = forms.CharField(
        label="Time zone",
        max_length=60,
        initial="Europe/Dublin",
        widget=forms.TextInput(attrs={"list": "timezones"}),
    )
    currency = forms.CharField(
        max_length=3, initial="EUR", widget=forms.TextInput(attrs={"list": "currencies"})
    )

    def clean(self) -> dict[str, Any]:
        """Check each value as `organisation set` does."""
        cleaned = super().clean() or {}
        for key, text in list(cleaned.items()):
            try:
                changed(OrganisationSettings(name="-", timezone="UTC", currency="EUR"), {key: text})
            except SettingError as error:
                self.add_error(key, str(error))
        return cleaned

    def settings(self) -> OrganisationSettings:
        """Return what was typed, as settings."""
        return changed(OrganisationSettings(name="-", timezone="UTC", currency="EUR"), self.cleaned_data)


class ConnectForm(forms.Form):
    """Where the books are kept."""

    location = forms.ChoiceField()

    def __init__(self, data: Mapping[str, str] | None, *, regions: Mapping[str, Region]) -> None:
        super().__init__(data)
        field = self.fields["location"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, region.label) for key, region in regions.items()]
