"""Drafts of rules, who wrote and who approved a version, and both under audit."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from zhike.core.audit import attach_sql


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("family", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("proposed", "待批准"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("body", models.JSONField()),
                ("valid_from", models.DateField()),
                ("base_hash", models.CharField(blank=True, max_length=64)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("author", models.CharField(max_length=80)),
                ("author_id", models.BigIntegerField(null=True)),
                ("second_person", models.BooleanField(default=False)),
                ("remark", models.CharField(blank=True, max_length=300)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name="policyversion",
            name="approver_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="author_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="note",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="second_person",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="policyversion",
            name="recorded_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_person", False),
                    models.Q(
                        ("approver_id__isnull", False),
                        ("author_id__isnull", False),
                        models.Q(("approver_id", models.F("author_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policy_version_two_people",
            ),
        ),
        migrations.AddField(
            model_name="policydraft",
            name="base",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.policyversion"
            ),
        ),
        migrations.AddField(
            model_name="policydraft",
            name="version",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="draft", to="core.policyversion"
            ),
        ),
        migrations.AddIndex(
            model_name="policydraft",
            index=models.Index(fields=["family", "state", "-id"], name="policy_draft_open"),
        ),
        migrations.AddConstraint(
            model_name="policydraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), ("version__isnull", False)),
                    models.Q(models.Q(("state", "published"), _negated=True), ("version__isnull", True)),
                    _connector="OR",
                ),
                name="policy_draft_version_if_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="policydraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_person", True), ("state", "published"), _negated=True),
                    models.Q(
                        ("author_id__isnull", False),
                        ("decided_by_id__isnull", False),
                        models.Q(("decided_by_id", models.F("author_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policy_draft_two_people",
            ),
        ),
        migrations.RunSQL(attach_sql("core_policyversion", "core_policydraft"), migrations.RunSQL.noop),
    ]
