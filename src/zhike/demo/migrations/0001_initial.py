"""The row that marks an installation as a demonstration."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Demonstration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accounts', models.PositiveIntegerField()),
                ('seed', models.BigIntegerField()),
                ('done', models.JSONField(default=list)),
                ('begun_at', models.DateTimeField(auto_now_add=True)),
                ('completed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '演示',
            },
        ),
    ]
