"""The sort and search key of a Chinese name. Owns spelling only; refuses to touch the database."""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin

LONGEST = 200


def pinyin_key(name: str) -> str:
    """Return the name spelt without tones, for sorting and for finding by the start of its spelling.

    >>> pinyin_key("衡岱装备")
    'hengdaizhuangbei'
    """
    spelt = "".join(lazy_pinyin(name, style=Style.NORMAL)).lower()
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", spelt)[:LONGEST]
