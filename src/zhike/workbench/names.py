"""Names of the field's codes in the reader's language. Plain values in and out."""

from __future__ import annotations

from django.utils.translation import get_language


def choice_name(choices: dict[str, tuple[str, str]], code: str) -> str:
    """Return a code's name in the reader's language; the code itself when it is not in the list."""
    names = choices.get(code)
    return names[0 if (get_language() or "").startswith("zh") else 1] if names else code
