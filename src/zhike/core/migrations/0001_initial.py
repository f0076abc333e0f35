"""First tables of the room."""

import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=80)),
                ('action', models.CharField(max_length=80)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('table_name', models.CharField(max_length=80)),
                ('row_id', models.BigIntegerField()),
                ('account_id', models.BigIntegerField(null=True)),
                ('operation', models.CharField(max_length=1)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='audit_recent'), models.Index(fields=['table_name', 'row_id', '-id'], name='audit_row'), models.Index(fields=['account_id', '-id'], name='audit_account'), models.Index(fields=['actor_id', '-id'], name='audit_actor')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=80)),
                ('subject_table', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
                ('subject_name', models.CharField(blank=True, max_length=80)),
                ('account_id', models.BigIntegerField(null=True)),
                ('field', models.CharField(max_length=60)),
                ('reason', models.CharField(max_length=300)),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='look_recent'), models.Index(fields=['account_id', '-id'], name='look_account'), models.Index(fields=['actor_id', '-id'], name='look_actor')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(max_length=60)),
                ('valid_from', models.DateField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('body', models.JSONField()),
                ('body_hash', models.CharField(max_length=64)),
                ('author', models.CharField(max_length=80)),
                ('approver', models.CharField(blank=True, max_length=80)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('family', 'valid_from', 'revision'), name='policy_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=60)),
                ('value', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user_id', 'key'), name='preference_once')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('queued', '排队'), ('running', '进行中'), ('done', '完成'), ('failed', '未完成'), ('cancelled', '已取消')], default='queued', max_length=12)),
                ('progress_permille', models.PositiveSmallIntegerField(default=0)),
                ('stage', models.CharField(blank=True, max_length=120)),
                ('started_by_id', models.BigIntegerField(null=True)),
                ('started_by_name', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('result', models.JSONField(default=dict)),
                ('error_zh', models.TextField(blank=True)),
                ('error_en', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', '-created_at'], name='run_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('progress_permille__lte', 1000)), name='run_progress_within')],
            },
        ),
    ]
