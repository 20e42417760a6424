import dunright.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0004_other_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='contactperson',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='invoice',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='opening_balance',
            field=dunright.models.fields.MoneyField(default=0),
        ),
        migrations.AddField(
            model_name='syncrun',
            name='whole',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
