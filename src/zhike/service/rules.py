"""What policy says about steps at this moment. Refuses to hold any rule of its own."""

from __future__ import annotations

from zhike.service.steps import Rules

_DEFAULTS = Rules()


def rules_now() -> Rules:
    """Return the rules by which steps are judged now."""
    return _DEFAULTS
