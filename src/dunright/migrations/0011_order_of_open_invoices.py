"""The index of open invoices holds what the orders of their list compare."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0010_next_look'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_open',
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['organisation', 'status', 'gone_at', 'due_date', 'number', 'balance', 'currency', 'customer'], name='invoice_open'),
        ),
    ]
