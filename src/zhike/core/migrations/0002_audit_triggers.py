"""The audit's trigger functions, and the tables that only grow."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "audit.sql").read_text(encoding="utf-8")
APPEND_ONLY = "".join(
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION zhike_append_only();\n"
    for table in ("core_auditentry", "core_look", "core_policyversion")
)


class Migration(migrations.Migration):
    """Functions and triggers."""

    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(SQL + APPEND_ONLY, migrations.RunSQL.noop)]
