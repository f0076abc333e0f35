"""What signing in needs: open sessions, the log of what happens to sign-ins, one-time codes, the person's language."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON people_securityevent "
    "FOR EACH ROW EXECUTE FUNCTION zhike_append_only();"
)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_audit_triggers'),
        ('people', '0002_audit'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='code_expires_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.CreateModel(
            name='SecurityEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('kind', models.CharField(choices=[('signed_in', '登录成功'), ('signed_out', '退出登录'), ('idle_exit', '久未操作，自动退出'), ('session_ended', '会话被结束'), ('failed', '登录失败'), ('factor_failed', '第二步验证失败'), ('locked', '已锁定'), ('refused', '拒绝登录'), ('unlocked', '解除锁定'), ('code_issued', '发放一次性口令'), ('password_changed', '修改密码'), ('factor_added', '启用第二步验证'), ('factor_removed', '停用第二步验证'), ('codes_made', '生成恢复码'), ('company_linked', '关联企业账号')], max_length=20)),
                ('user_id', models.BigIntegerField(null=True)),
                ('name', models.CharField(blank=True, max_length=150)),
                ('by_id', models.BigIntegerField(null=True)),
                ('by_name', models.CharField(blank=True, max_length=80)),
                ('method', models.CharField(blank=True, max_length=20)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('agent', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='security_recent'), models.Index(fields=['user_id', '-id'], name='security_user')],
            },
        ),
        migrations.CreateModel(
            name='SignInSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('method', models.CharField(blank=True, max_length=20)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('agent', models.CharField(blank=True, max_length=200)),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['user', '-seen_at'], name='sign_in_open')],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
