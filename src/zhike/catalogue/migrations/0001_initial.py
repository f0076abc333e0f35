"""First tables of the room."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('business_class', models.CharField(max_length=20)),
                ('charging', models.CharField(max_length=20)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('list_price_fen', models.BigIntegerField(null=True)),
                ('floor_price_fen', models.BigIntegerField(null=True)),
                ('cost_percent', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('core', models.BooleanField(default=False)),
                ('valid_from', models.DateField(null=True)),
                ('valid_to', models.DateField(null=True)),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': '产品',
                'constraints': [models.CheckConstraint(condition=models.Q(('business_class__in', ['communication', 'industry', 'support'])), name='product_class_known')],
            },
        ),
    ]
