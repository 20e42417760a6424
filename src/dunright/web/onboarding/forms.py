"""What is typed on the way in; rules of the trade are asked of the domain."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from dunright.connectors.zoho_books.data_centres import data_centres
from dunright.domain.settings import OrganisationSettings, SettingError, changed


class WelcomeForm(forms.Form):
    """The account that a one-time link makes."""

    name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters.",
    )

    def clean_password(self) -> str:
        """Ask the password rules of the installation."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class CompanyForm(forms.Form):
    """A company to chase for."""

    name = forms.CharField(label="Company name", max_length=200)
    country = forms.CharField(max_length=2, required=False, help_text="Two letters, such as IE.")
    timezone = forms.CharField(label="Time zone", max_length=60, initial="Europe/Dublin")
    currency = forms.CharField(max_length=3, initial="EUR")

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

    location = forms.ChoiceField(label="Where is your Zoho account?")

    def __init__(self, *args: Any, sandbox_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        centres = data_centres(sandbox_url).values()
        field = self.fields["location"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(centre.key, centre.label) for centre in centres]
        if sandbox_url:
            field.initial = "sandbox"
