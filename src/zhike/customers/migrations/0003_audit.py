"""Puts the archive under audit."""

from django.db import migrations

from zhike.core.audit import attach_sql

TABLES = (
    "customers_account",
    "customers_site",
    "customers_contact",
    "customers_contract",
    "customers_subscription",
    "customers_memberline",
    "customers_competitorholding",
    "customers_associationmembership",
    "customers_supplylink",
    "customers_teammembership",
)


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("customers", "0002_initial"), ("core", "0002_audit_triggers")]
    operations = [migrations.RunSQL(attach_sql(*TABLES), migrations.RunSQL.noop)]
