"""The sort and search key of a Chinese name. Owns spelling only; refuses to touch the database."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.seg import mmseg

LONGEST = 200


def pinyin_key(name: str) -> str:
    """Return the name spelt without tones, for sorting and for finding by the start of its spelling.

    The name is cut into words as pypinyin itself does, and each word is spelt once: imports spell a million names.

    >>> pinyin_key("衡岱装备")
    'hengdaizhuangbei'
    >>> pinyin_key("重庆银行 A1")
    'chongqingyinhanga1'
    """
    return "".join(_spell(word) for word in mmseg.seg.cut(name))[:LONGEST]


@lru_cache(maxsize=1 << 16)
def _spell(word: str) -> str:
    spelt = "".join(lazy_pinyin(word, style=Style.NORMAL)).lower()
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", spelt)
