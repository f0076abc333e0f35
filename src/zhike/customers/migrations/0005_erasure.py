"""Contacts and member lines whose personal data was erased, and the keyed hashes that keep imports from undoing it."""

from django.db import migrations, models

from zhike.core.erasure import attach_personal_sql

PERSONAL = attach_personal_sql(
    "customers_contact", ("name", "mobile", "phone", "email", "wechat", "birthday", "traits")
) + attach_personal_sql("customers_memberline", ("number", "member_name", "department"))


class Migration(migrations.Migration):
    """Columns, table, declarations."""

    dependencies = [("customers", "0004_name_key"), ("core", "0003_erasure")]
    operations = [
        migrations.CreateModel(
            name="ErasedIdentifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("erased_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField("contact", "erased_at", models.DateTimeField(null=True)),
        migrations.AddField("memberline", "erased_at", models.DateTimeField(null=True)),
        migrations.RunSQL(PERSONAL, migrations.RunSQL.noop),
    ]
