"""Puts the catalogue under audit."""

from django.db import migrations

from zhike.core.audit import attach_sql


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("catalogue", "0001_initial"), ("core", "0002_audit_triggers")]
    operations = [migrations.RunSQL(attach_sql("catalogue_product"), migrations.RunSQL.noop)]
