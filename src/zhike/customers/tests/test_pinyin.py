"""Names are spelt by the same words as pypinyin cuts them into."""

from __future__ import annotations

import random

from pypinyin.constants import PHRASES_DICT
from pypinyin.seg import mmseg

from zhike.customers.pinyin import LONGEST, _spell, pinyin_key


def test_names_are_cut_into_words_as_pypinyin_does() -> None:
    dice = random.Random(7)  # noqa: S311  a seed, no secret
    phrases = dice.sample(list(PHRASES_DICT), 500)
    parts = [*phrases, *(phrase[:2] for phrase in phrases), *"重庆银行长乐单于", "A1", " ", "有限公司", ""]
    for _ in range(3000):
        name = "".join(dice.choices(parts, k=dice.randrange(6)))
        assert pinyin_key(name) == "".join(_spell(word) for word in mmseg.seg.cut(name))[:LONGEST], name


def test_letters_of_several_sounds_follow_their_word() -> None:
    assert pinyin_key("重庆银行") == "chongqingyinhang"
    assert pinyin_key("重型装备") == "zhongxingzhuangbei"
