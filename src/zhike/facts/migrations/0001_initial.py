"""First tables of the room."""

import django.db.models.deletion
import django.db.models.manager
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('table', models.CharField(max_length=40)),
                ('mapping', models.TextField(blank=True)),
                ('files', models.JSONField(default=list)),
                ('strict', models.BooleanField(default=False)),
                ('dry_run', models.BooleanField(default=False)),
                ('phase', models.CharField(choices=[('checking', '核对中'), ('checked', '待确认'), ('loading', '装入中'), ('loaded', '已装入'), ('refused', '已拒绝')], default='checking', max_length=10)),
                ('summary', models.JSONField(default=dict)),
                ('rows_read', models.BigIntegerField(default=0)),
                ('rows_accepted', models.BigIntegerField(default=0)),
                ('rows_refused', models.BigIntegerField(default=0)),
                ('rows_duplicate', models.BigIntegerField(default=0)),
                ('rows_changed', models.BigIntegerField(default=0)),
                ('rejects_path', models.CharField(blank=True, max_length=400)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('created_by_name', models.CharField(max_length=80)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='imported', to='core.run')),
            ],
            options={
                'indexes': [models.Index(fields=['-created_at'], name='import_recent')],
            },
        ),
        migrations.CreateModel(
            name='ImportedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('detail', models.JSONField()),
                ('source', models.UUIDField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_events', to='customers.account')),
            ],
            options={
                'default_manager_name': 'plain',
                'indexes': [models.Index(fields=['account', '-at', '-id'], name='imported_event_timeline')],
                'constraints': [models.UniqueConstraint(fields=('account', 'table', 'key'), name='imported_event_once')],
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
    ]
