"""Triggers of the log and of calling back, sequences of numbers, audit, search in titles."""

from django.db import migrations

from zhike.service.sql import APPEND_ONLY, AUDIT, CALLER_BACK, PERSONAL, SEARCH, SEQUENCES


class Migration(migrations.Migration):
    """Triggers, sequences, an index."""

    dependencies = [
        ("service", "0001_initial"),
        ("core", "0003_erasure"),
        ("insights", "0001_initial"),  # zhike_grams
    ]
    operations = [
        migrations.RunSQL(APPEND_ONLY + CALLER_BACK + SEQUENCES + AUDIT + PERSONAL + SEARCH, migrations.RunSQL.noop)
    ]
