"""The organisation's settings, and its local date at a moment."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dunright.domain.calendar import ChaseCalendar, calendar_of
from dunright.domain.settings import OrganisationSettings, from_texts
from dunright.models import Organisation


def settings_of(organisation: Organisation) -> OrganisationSettings:
    """The settings in force."""
    version = organisation.settings_version
    assert version is not None, "every organisation is made with a first version of its settings"
    return from_texts(version.values)


def zone_of(organisation: Organisation) -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(settings_of(organisation).timezone)


def local_date(organisation: Organisation, now: datetime) -> date:
    """The date at this moment where the organisation is."""
    return now.astimezone(zone_of(organisation)).date()


def chase_calendar(organisation: Organisation) -> ChaseCalendar:
    """When the organisation's runs take place."""
    return calendar_of(settings_of(organisation))
