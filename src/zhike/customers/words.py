"""The field's codes in the reader's language, and the masks of personal values. Plain values in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from zhike.core.masking import mask_email, mask_phone, mask_text
from zhike_analytics.contracts.codes import Choices


def choice_name(choices: Choices, code: str) -> str:
    """Return a code's name in the reader's language; the code itself when it is not in the list."""
    names = choices.get(code)
    return names[0 if (get_language() or "").startswith("zh") else 1] if names else code


def choice_list(choices: Choices, empty: Any = None) -> list[tuple[str, str]]:
    """Return the choices of a form in the reader's language, with an empty one first where `empty` says its name."""
    listed = [(code, choice_name(choices, code)) for code in choices]
    return listed if empty is None else [("", str(empty)), *listed]


def mask_day(day: Any) -> str:
    """Return a date with everything hidden: a birthday has too few values to show a part of it.

    >>> mask_day("1970-03-05"), mask_day(None)
    ('****-**-**', '')
    """
    return "****-**-**" if day else ""


MASKS: dict[str, Callable[[Any], str]] = {
    "mobile": mask_phone,
    "phone": mask_phone,
    "email": mask_email,
    "wechat": mask_text,
    "birthday": mask_day,
}
"""How each personal field of a contact looks until somebody gives a reason to see it."""
