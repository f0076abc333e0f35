"""Writes names, codes, phones and addresses in one way, so that variants of one thing are equal. Refuses judgement.

Everything runs over Arrow columns: a million names take seconds.
"""

from __future__ import annotations

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pypinyin import Style, lazy_pinyin

_LEGAL = (
    r"(股份有限责任公司|有限责任公司|股份有限公司|集团有限公司|有限公司|总公司|分公司|集团公司|集团|公司"
    r"|co\.?,?ltd\.?|company|limited|ltd|inc|corp)$"
)
_BRACKETS = r"[(\[【〔「『《<][^)\]】〕」』》>]*[)\]】〕」』》>]"
_MARKS = r"[\s\p{P}\p{S}]+"
_PLACE = r"^(\p{Han}{2,3})(?:省|市|县)(\p{Han}{2,})"
_CODE = r"^[0-9A-HJ-NPQRTUWXY]{18}$"
Texts: TypeAlias = pa.Array


def _replaced(column: Texts, pattern: str, by: str) -> Texts:
    return pc.replace_substring_regex(column, pattern=pattern, replacement=by)


def _known(column: Texts) -> Texts:
    """Return texts, empty where there is nothing left of them."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def plain(column: Texts) -> Texts:
    """Return texts in half width and small letters, without blanks and marks.

    >>> plain(pa.array(["ＡＢＣ（临州） 贸易", None])).to_pylist()
    ['abc临州贸易', None]
    """
    return _known(_replaced(pc.utf8_lower(pc.utf8_normalize(column, form="NFKC")), _MARKS, ""))


def name_core(column: Texts) -> Texts:
    """Return names without legal form, without what stands in brackets, and without 市 after the place.

    >>> name_core(pa.array(["岱阳市裕沃钢铁有限责任公司", "岱阳裕沃钢铁（东屏）公司", "公司"])).to_pylist()
    ['岱阳裕沃钢铁', '岱阳裕沃钢铁', '公司']
    """
    flat = pc.utf8_lower(pc.utf8_normalize(column, form="NFKC"))
    bare = _replaced(_replaced(flat, _BRACKETS, ""), _MARKS, "")
    core = _replaced(_replaced(bare, _LEGAL, ""), _LEGAL, "")
    core = _replaced(core, _PLACE, r"\1\2")
    # Of a name that is nothing but a legal form or brackets, the name itself is what is left.
    return pc.if_else(pc.greater(pc.utf8_length(core), 1), core, plain(column))


def sounds(column: Texts) -> Texts:
    """Return texts as they sound, without tones: another sign of the same sound is a frequent slip.

    >>> sounds(pa.array(["璟盈消防", "景盈消防"])).to_pylist()
    ['jing ying xiao fang ', 'jing ying xiao fang ']
    """
    signs = {sign for text in column.drop_null().to_pylist() for sign in text}
    table = {ord(sign): lazy_pinyin(sign, style=Style.NORMAL)[0] + " " for sign in sorted(signs)}
    return pa.array([None if text is None else text.translate(table) for text in column.to_pylist()], pa.string())


def credit_code(column: Texts) -> Texts:
    """Return unified social credit codes in half width and capitals, empty where they are none.

    >>> credit_code(pa.array(["91900803700120011a", "９１900803700120011A", "0", "000000000000000000"])).to_pylist()
    ['91900803700120011A', '91900803700120011A', None, None]
    """
    code = _replaced(pc.utf8_upper(pc.utf8_normalize(column, form="NFKC")), r"\s|-", "")
    sound = pc.and_(pc.match_substring_regex(code, _CODE), pc.invert(pc.match_substring_regex(code, r"^(0+|1+|9+)$")))
    return pc.if_else(sound, code, pa.scalar(None, pa.string()))


def phone(column: Texts) -> Texts:
    """Return phone numbers as digits without 86 and leading zeros, empty below seven digits.

    >>> phone(pa.array(["+86 138-0000-1234", "0532-88880000", "12345"])).to_pylist()
    ['13800001234', '53288880000', None]
    """
    digits = _replaced(pc.utf8_normalize(column, form="NFKC"), r"[^0-9]", "")
    digits = _replaced(_replaced(digits, r"^(00)?86([0-9]{10,11})$", r"\2"), "^0+", "")
    return pc.if_else(pc.greater_equal(pc.utf8_length(digits), 7), digits, pa.scalar(None, pa.string()))


def address(column: Texts) -> Texts:
    """Return addresses without marks; one without a number names a street, not a place, and is empty.

    >>> address(pa.array(["临港区海港路 88 号", "临港区海港路８８号", "海港路"])).to_pylist()
    ['临港区海港路88号', '临港区海港路88号', None]
    """
    flat = plain(column)
    return pc.if_else(pc.match_substring_regex(flat, r"[0-9一二三四五六七八九十]"), flat, pa.scalar(None, pa.string()))
