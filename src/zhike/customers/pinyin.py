"""The sort and search key of a Chinese name. Owns spelling only; refuses to touch the database."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg import mmseg

LONGEST = 200


def pinyin_key(name: str) -> str:
    """Return the name spelt without tones, for sorting and for finding by the start of its spelling.

    The name is cut into words as pypinyin itself does, the longest first, and each word is spelt once: imports spell a
    million names.

    >>> pinyin_key("衡岱装备")
    'hengdaizhuangbei'
    >>> pinyin_key("重庆银行 A1")
    'chongqingyinhanga1'
    """
    begins = mmseg.p_set._set  # asked for each letter: its own ``in`` would take half of all time
    spelt, start, length = [], 0, len(name)
    while start < length:
        word_ends = end = start + 1
        while end < length and name[start : end + 1] in begins:
            end += 1
            if name[start:end] in PHRASES_DICT:
                word_ends = end
        spelt.append(_spell(name[start:word_ends]))
        start = word_ends
    return "".join(spelt)[:LONGEST]


@lru_cache(maxsize=1 << 16)
def _spell(word: str) -> str:
    spelt = "".join(lazy_pinyin(word, style=Style.NORMAL)).lower()
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", spelt)
