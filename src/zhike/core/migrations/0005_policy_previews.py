"""Which run shows what a draft of rules would change."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_policy_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="policydraft",
            name="preview",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="previewed", to="core.run"
            ),
        ),
        migrations.AddField(
            model_name="policydraft",
            name="previewed_edition",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
