"""Words for what happens to sign-ins. Owns nothing else."""

from django.utils.translation import gettext_lazy as _

from zhike.people.models import SecurityEvent

EVENT_KINDS = dict(SecurityEvent.Kind.choices)
METHODS = {
    "password": _("密码"),
    "totp": _("密码和验证器"),
    "webauthn": _("通行密钥"),
    "recovery_codes": _("密码和恢复码"),
    "company": _("企业账号"),
    "one_time_code": _("一次性口令已过期"),
}
