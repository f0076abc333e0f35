"""Publications, and the partitioned tables that they publish."""

from django.db import migrations, models

from zhike.insights.sql import GRAMS, SERIES, SERIES_TABLE, SUMMARY, SUMMARY_TABLE


class Migration(migrations.Migration):
    """First tables of the room."""

    initial = True
    dependencies = [("customers", "0003_audit"), ("facts", "0002_import_counts")]
    operations = [
        migrations.RunSQL(GRAMS, "DROP FUNCTION zhike_grams(text)"),
        migrations.RunSQL(SUMMARY_TABLE, f"DROP TABLE {SUMMARY}"),
        migrations.RunSQL(SERIES_TABLE, f"DROP TABLE {SERIES}"),
    ]
