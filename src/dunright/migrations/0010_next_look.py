"""Note from which day on a run may send something to a customer; what lists of invoices read stands in one index."""

from datetime import date
from typing import Any

from django.db import migrations, models

LONG_AGO = date(2000, 1, 1)


def note(apps: Any, schema_editor: Any) -> None:
    """As if the day had come for everybody who owes something: the next sync or change of day tells the right one."""
    customers = apps.get_model("dunright", "Customer").objects.using(schema_editor.connection.alias)
    customers.exclude(next_verdict="").update(next_look_date=LONG_AGO)


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0009_calls_and_proofs'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_ageing',
        ),
        migrations.AddField(
            model_name='customer',
            name='next_look_date',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('next_look_date__isnull', False)), fields=['organisation', 'gone_at', 'next_look_date', 'last_message_date', 'next_verdict'], name='customer_next_look'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['organisation', 'status', 'gone_at', 'currency', 'due_date', 'balance', 'customer', 'is_chasing', 'payment_pending', 'number', 'reference'], name='invoice_ageing'),
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
