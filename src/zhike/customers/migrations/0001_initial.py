"""First tables of the room."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AssociationMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('association', models.CharField(max_length=120)),
                ('member_role', models.CharField(blank=True, max_length=20)),
                ('joined_on', models.DateField(null=True)),
            ],
            options={
                'verbose_name': '协会',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='CompetitorHolding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=60)),
                ('business_class', models.CharField(max_length=20)),
                ('operator', models.CharField(max_length=20)),
                ('product', models.CharField(max_length=120)),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('monthly_fee_fen', models.BigIntegerField(null=True)),
                ('fee_estimated', models.BooleanField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('source', models.CharField(blank=True, max_length=120)),
                ('seen_on', models.DateField(null=True)),
                ('confidence', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'verbose_name': '异网业务',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=60)),
                ('title', models.CharField(blank=True, max_length=60)),
                ('department', models.CharField(blank=True, max_length=60)),
                ('decision_role', models.CharField(blank=True, max_length=20)),
                ('mobile', models.CharField(blank=True, max_length=30)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('email', models.CharField(blank=True, max_length=120)),
                ('wechat', models.CharField(blank=True, max_length=60)),
                ('birthday', models.DateField(null=True)),
                ('reports_to_code', models.CharField(blank=True, max_length=40)),
                ('traits', models.TextField(blank=True)),
                ('consent', models.BooleanField(null=True)),
                ('tie_strength', models.PositiveSmallIntegerField(null=True)),
                ('last_met', models.DateField(null=True)),
            ],
            options={
                'verbose_name': '联系人',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=60)),
                ('title', models.CharField(blank=True, max_length=160)),
                ('signed_on', models.DateField(null=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('monthly_minimum_fen', models.BigIntegerField(null=True)),
                ('termination_charge_fen', models.BigIntegerField(null=True)),
                ('auto_renew', models.BooleanField(null=True)),
            ],
            options={
                'verbose_name': '合同',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='MemberLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('number', models.CharField(max_length=30)),
                ('member_name', models.CharField(blank=True, max_length=60)),
                ('department', models.CharField(blank=True, max_length=60)),
                ('plan', models.CharField(blank=True, max_length=80)),
                ('paid_by', models.CharField(blank=True, max_length=10)),
                ('monthly_fee_fen', models.BigIntegerField(null=True)),
                ('joined_on', models.DateField(null=True)),
                ('left_on', models.DateField(null=True)),
                ('status', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'verbose_name': '成员号码',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('longitude', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('latitude', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('employees', models.BigIntegerField(null=True)),
                ('covered', models.BooleanField(null=True)),
            ],
            options={
                'verbose_name': '场所',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=60)),
                ('site_code', models.CharField(blank=True, max_length=40)),
                ('contract_code', models.CharField(blank=True, max_length=60)),
                ('bundle', models.CharField(blank=True, max_length=80)),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('monthly_fee_fen', models.BigIntegerField(null=True)),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('status', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'verbose_name': '在用产品',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='SupplyLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provenance', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('supplier_name', models.CharField(max_length=160)),
                ('goods', models.CharField(blank=True, max_length=120)),
                ('annual_amount_fen', models.BigIntegerField(null=True)),
                ('source', models.CharField(blank=True, max_length=120)),
                ('seen_on', models.DateField(null=True)),
            ],
            options={
                'verbose_name': '供应关系',
                'abstract': False,
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='TeamMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(choices=[('lead', '首席客户经理'), ('backup', '后备客户经理'), ('service', '服务支撑')], max_length=10)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': '客户团队',
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=160)),
                ('short_name', models.CharField(blank=True, max_length=60)),
                ('pinyin_key', models.CharField(default='', max_length=200)),
                ('credit_code', models.CharField(blank=True, max_length=18)),
                ('group_kind', models.CharField(blank=True, max_length=20)),
                ('industry', models.CharField(blank=True, max_length=60)),
                ('industry_section', models.CharField(blank=True, max_length=60)),
                ('ownership', models.CharField(blank=True, max_length=20)),
                ('size', models.CharField(blank=True, max_length=20)),
                ('scope', models.CharField(blank=True, max_length=20)),
                ('lifecycle', models.CharField(blank=True, max_length=20)),
                ('tier', models.CharField(blank=True, max_length=4)),
                ('service_level', models.CharField(blank=True, max_length=20)),
                ('assurance_level', models.CharField(blank=True, max_length=20)),
                ('credit_rating', models.CharField(blank=True, max_length=4)),
                ('employees', models.BigIntegerField(null=True)),
                ('annual_revenue_fen', models.BigIntegerField(null=True)),
                ('registered_capital_fen', models.BigIntegerField(null=True)),
                ('legal_representative', models.CharField(blank=True, max_length=60)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('since', models.DateField(null=True)),
                ('network_situation', models.TextField(blank=True)),
                ('innovation_goals', models.TextField(blank=True)),
                ('decision_process', models.TextField(blank=True)),
                ('latent_needs', models.TextField(blank=True)),
                ('background', models.TextField(blank=True)),
                ('service_preference', models.TextField(blank=True)),
                ('strategic', models.BooleanField(default=False)),
                ('provenance', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='branches', to='customers.account')),
            ],
            options={
                'verbose_name': '客户',
                'default_manager_name': 'plain',
            },
            managers=[
                ('plain', django.db.models.manager.Manager()),
            ],
        ),
    ]
