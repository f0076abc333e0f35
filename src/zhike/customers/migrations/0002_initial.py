"""Links of the archive to people and to itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0001_initial'),
        ('customers', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='people.region'),
        ),
        migrations.AddField(
            model_name='associationmembership',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='competitorholding',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='contact',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='contact',
            name='tie_staff',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ties', to='people.staff'),
        ),
        migrations.AddField(
            model_name='contract',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='memberline',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='site',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='subscription',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='catalogue.product'),
        ),
        migrations.AddField(
            model_name='supplylink',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='customers.account'),
        ),
        migrations.AddField(
            model_name='supplylink',
            name='supplier',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supplies', to='customers.account'),
        ),
        migrations.AddField(
            model_name='teammembership',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team_memberships', to='customers.account'),
        ),
        migrations.AddField(
            model_name='teammembership',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='account_memberships', to='people.staff'),
        ),
        migrations.AddField(
            model_name='teammembership',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='people.team'),
        ),
        migrations.AddIndex(
            model_name='account',
            index=models.Index(fields=['credit_code'], name='account_credit_code'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='account_not_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='account_has_name'),
        ),
        migrations.AddIndex(
            model_name='associationmembership',
            index=models.Index(fields=['association'], name='association_name'),
        ),
        migrations.AddConstraint(
            model_name='associationmembership',
            constraint=models.UniqueConstraint(fields=('account', 'association'), name='association_once'),
        ),
        migrations.AddConstraint(
            model_name='competitorholding',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='competitor_holding_once'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='contact_once'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('tie_strength__isnull', True), ('tie_strength__lte', 5), _connector='OR'), name='tie_within'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['ends_on'], name='contract_ends'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='contract_once'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='contract_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='memberline',
            constraint=models.UniqueConstraint(fields=('account', 'number'), name='member_line_once'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='site_once'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(fields=('account', 'code'), name='subscription_once'),
        ),
        migrations.AddConstraint(
            model_name='supplylink',
            constraint=models.UniqueConstraint(fields=('account', 'supplier_name'), name='supply_link_once'),
        ),
        migrations.AddIndex(
            model_name='teammembership',
            index=models.Index(condition=models.Q(('valid_to', None)), fields=['staff', 'account'], name='membership_of_staff'),
        ),
        migrations.AddIndex(
            model_name='teammembership',
            index=models.Index(condition=models.Q(('valid_to', None)), fields=['team', 'account'], name='membership_of_team'),
        ),
        migrations.AddIndex(
            model_name='teammembership',
            index=models.Index(condition=models.Q(('valid_to', None)), fields=['account'], name='membership_now'),
        ),
        migrations.AddConstraint(
            model_name='teammembership',
            constraint=models.UniqueConstraint(condition=models.Q(('duty', 'lead'), ('valid_to', None)), fields=('account',), name='one_lead_an_account'),
        ),
        migrations.AddConstraint(
            model_name='teammembership',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('account', 'staff', 'duty'), name='membership_once'),
        ),
    ]
