"""Note a day for invoices that were paid before such days were noted, so that nobody is thanked for them months late."""

from typing import Any

from django.db import migrations
from django.db.models import F


def note(apps: Any, schema_editor: Any) -> None:
    """As if they had been paid on the day on which they were first seen open: it cannot have been earlier."""
    invoices = apps.get_model("dunright", "Invoice").objects.using(schema_editor.connection.alias)
    paid = invoices.filter(status="paid", paid_seen_date=None, first_open_date__isnull=False)
    paid.update(paid_seen_date=F("first_open_date"))


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0006_what_lists_read'),
    ]

    operations = [
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
