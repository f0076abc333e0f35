"""Takes payments off the timeline: they stand beside the bill that they pay, read from the lake."""

from django.db import migrations


class Migration(migrations.Migration):
    """The lake keeps every payment."""

    dependencies = [("facts", "0002_import_counts")]
    operations = [
        migrations.RunSQL("DELETE FROM facts_importedevent WHERE \"table\" = 'payments'", migrations.RunSQL.noop)
    ]
