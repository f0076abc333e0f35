"""Counts of what an import did, and the phase of imports that were called off."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_audit_triggers'),
        ('facts', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='import',
            name='import_recent',
        ),
        migrations.AddField(
            model_name='import',
            name='mapping_name',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='import',
            name='rows_new',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='import',
            name='rows_unchanged',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='import',
            name='phase',
            field=models.CharField(choices=[('checking', '核对中'), ('checked', '待确认'), ('loading', '装入中'), ('loaded', '已装入'), ('refused', '已拒绝'), ('cancelled', '已取消')], default='checking', max_length=10),
        ),
        migrations.AlterField(
            model_name='import',
            name='table',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['-created_at', '-id'], name='import_recent'),
        ),
    ]
