"""Finds organisations written in another way: a key of the name, indexed."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "name_key.sql").read_text(encoding="utf-8")
INDEX = "CREATE INDEX account_name_key ON customers_account (zhike_name_key(name));"


class Migration(migrations.Migration):
    """Function and index."""

    dependencies = [("customers", "0003_audit")]
    operations = [
        migrations.RunSQL(
            SQL + INDEX, "DROP INDEX account_name_key; DROP FUNCTION zhike_name_key(text);"
        )
    ]
