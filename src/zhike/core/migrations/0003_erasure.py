"""Erasure of a person: its record, the columns that are personal, and the one door into the append-only books."""

import django.db.models.functions.datetime
from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parents[1] / "sql" / "erasure.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Tables, functions and triggers."""

    dependencies = [("core", "0002_audit_triggers")]
    operations = [
        migrations.CreateModel(
            name="PersonalColumn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_name", models.CharField(max_length=80)),
                ("column_name", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("table_name", "column_name"), name="personal_column_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=80)),
                ("reason", models.CharField(max_length=300)),
                ("subject_table", models.CharField(max_length=80)),
                ("subject_id", models.BigIntegerField()),
                ("account_id", models.BigIntegerField(null=True)),
                ("columns", models.JSONField()),
            ],
            options={
                "indexes": [models.Index(fields=["subject_table", "subject_id"], name="erasure_subject")],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
