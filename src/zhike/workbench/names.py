"""Names of the field's codes in the reader's language, for the pages. Owns nothing: the archive's words do."""

from __future__ import annotations

from zhike.customers.words import choice_name

__all__ = ["choice_name"]
