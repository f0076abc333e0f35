"""Puts what people decide under audit."""

from django.db import migrations

from zhike.worklist.sql import AUDIT


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("worklist", "0001_initial"), ("core", "0002_audit_triggers")]
    operations = [migrations.RunSQL(AUDIT, migrations.RunSQL.noop)]
