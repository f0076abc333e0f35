"""Indexes by which whoever calls or writes is recognised: numbers as digits, codes, WeChat and e-mail addresses."""

from django.db import migrations

from zhike.customers.queries_recognition import INDEXES


class Migration(migrations.Migration):
    """Indexes over expressions, as the queries spell them."""

    dependencies = [("customers", "0005_erasure")]
    operations = [migrations.RunSQL(forward, backward) for forward, backward in INDEXES]
