"""What the books are told, and hints from them that something changed."""

import django.db.models.deletion
import dunright.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0011_order_of_open_invoices'),
    ]

    operations = [
        migrations.AddField(
            model_name='authorisation',
            name='tells',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name='SourceHook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('secret', dunright.models.fields.EncryptedTextField()),
                ('signing_key', dunright.models.fields.EncryptedTextField()),
                ('made_at', models.DateTimeField()),
                ('heard_at', models.DateTimeField(blank=True, null=True)),
                ('minute_starts_at', models.DateTimeField(blank=True, null=True)),
                ('heard_this_minute', models.PositiveIntegerField(default=0)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='dunright.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expected_dates', models.BooleanField(default=False)),
                ('reminders', models.BooleanField(default=False)),
                ('comments', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='dunright.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='HeardCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('heard_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='dunright.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'heard_at'], name='heard_call_age')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'digest'), name='one_row_per_heard_call')],
            },
        ),
        migrations.CreateModel(
            name='Hint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='queued', max_length=12)),
                ('due_at', models.DateTimeField()),
                ('nudge_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('token', models.CharField(blank=True, max_length=32)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True)),
                ('what', models.CharField(blank=True, max_length=10)),
                ('external_id', models.CharField(blank=True, max_length=100)),
                ('heard_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='dunright.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='hint_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'queued')), fields=('organisation', 'what', 'external_id'), name='one_waiting_hint_per_record')],
            },
        ),
        migrations.CreateModel(
            name='SourceWrite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='queued', max_length=12)),
                ('due_at', models.DateTimeField()),
                ('nudge_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('token', models.CharField(blank=True, max_length=32)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True)),
                ('kind', models.CharField(choices=[('expected_date', 'Expected payment date'), ('date_off', 'Expected payment date taken back'), ('reminders', 'Zoho’s own reminders switched off'), ('comment', 'Comment')], max_length=16)),
                ('key', models.CharField(max_length=80)),
                ('date', models.DateField(blank=True, null=True)),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('planned_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='source_writes', to='dunright.customer')),
                ('hold', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dunright.hold')),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='source_writes', to='dunright.invoice')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dunright.outboxmessage')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='dunright.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='source_write_due'), models.Index(fields=['organisation', 'state', 'settled_at'], name='source_write_of_organisation')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'key'), name='one_write_per_cause')],
            },
        ),
    ]
