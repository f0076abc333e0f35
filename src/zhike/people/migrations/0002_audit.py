"""Puts the tables of people under audit."""

from django.db import migrations

from zhike.core.audit import attach_sql


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("people", "0001_initial"), ("core", "0002_audit_triggers")]
    operations = [migrations.RunSQL(attach_sql("people_staff", "people_team", "people_region"), migrations.RunSQL.noop)]
