"""A list of accounts in which some were entered twice in other words. Owns the draw; refuses to look at any result."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
from pypinyin import Style, lazy_pinyin

from zhike_analytics.datasets import names, population
from zhike_analytics.datasets.archive import addresses, credit_codes
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.seeds_reader import districts
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.datasets.text import pick

VARIANTS = ("short", "long", "wide", "sound", "slip", "left_out", "bracket", "blank", "town")


def listed(accounts: int, seed: int, share: float = 0.03) -> tuple[pa.Table, pa.Table, dict[tuple[str, str], str]]:
    """Return accounts, their phones, and which pairs are one: (code, second code) → how the name was written.

    The operator's own second entries are left out; of second entries half have no credit code, half another phone, and
    half another address.
    """
    everyone = population.build(OperatorSpec(accounts=accounts, seed=seed))
    rows = np.flatnonzero(everyone.duplicate_of < 0)
    draw = np.random.default_rng(seed)
    known = names.build(everyone).full.take(pa.array(rows)).to_pylist()
    codes = account_codes(rows).to_pylist()
    enterprise = np.flatnonzero(np.array(["公司" in one for one in known]))
    credit = credit_codes(account_numbers(rows), everyone.district[rows], everyone.kind[rows]).to_pylist()
    place = addresses(everyone, rows * 16, everyone.district[rows]).to_pylist()
    region = pick([one.code for one in districts()], everyone.district[rows]).to_pylist()
    parent = np.where(everyone.parent[rows] >= 0, everyone.parent[rows], 0)
    head = account_codes(parent).to_pylist()
    parents = [one if has else None for one, has in zip(head, (everyone.parent[rows] >= 0).tolist(), strict=True)]
    phones = [f"13{one:09d}" for one in draw.integers(0, 10**9, len(rows)).tolist()]
    absent = draw.random(len(rows)) < 0.1
    credit = [None if gone else one for one, gone in zip(credit, absent.tolist(), strict=True)]
    alike = _alike("".join(known[:20_000]))
    truth: dict[tuple[str, str], str] = {}
    chosen = np.sort(draw.choice(enterprise, int(share * len(rows)), replace=False)).tolist()
    for number, row in enumerate(chosen):
        variant = VARIANTS[number % len(VARIANTS)]
        written = _written(known[row], variant, draw, alike)
        if written == known[row]:
            continue
        keeps = draw.random(3) < 0.5
        code = f"Z{number:08d}"
        truth[codes[row], code] = variant
        codes.append(code)
        known.append(written)
        credit.append(credit[row] if keeps[0] else None)
        phones.append(phones[row] if keeps[1] else f"13{int(draw.integers(0, 10**9)):09d}")
        place.append(place[row] if keeps[2] else f"{place[row]}东侧{number}号楼")
        region.append(region[row])
        parents.append(parents[row])
    table = pa.table(
        {
            "account_code": codes, "name": known, "credit_code": pa.array(credit, pa.string()), "address": place,
            "region_code": region, "parent_code": pa.array(parents, pa.string()),
        }
    )  # fmt: skip
    return table, pa.table({"account_code": codes, "phone": phones}), truth


def _alike(signs: str) -> dict[str, list[str]]:
    """Return other signs of the same sound for each sign in use."""
    by_sound = defaultdict(list)
    for sign in sorted(set(signs)):
        by_sound[lazy_pinyin(sign, style=Style.NORMAL)[0]].append(sign)
    return {sign: [one for one in group if one != sign] for group in by_sound.values() for sign in group}


def _written(name: str, variant: str, draw: np.random.Generator, alike: dict[str, list[str]]) -> str:
    """Return a name as somebody else would write it."""
    place = int(draw.integers(2, max(len(name) - 5, 3)))
    match variant:
        case "short":
            return name.replace("有限公司", "公司") if "有限公司" in name else name.replace("公司", "")
        case "long":
            return name.replace("有限公司", "有限责任公司") if "股份" not in name else name.replace("股份有限", "")
        case "wide":
            return name.replace("（", "(").replace("）", ")") + "　" if "（" in name else f"　{name[:3]}　{name[3:]}"
        case "sound":
            others = [(k, one) for k, sign in enumerate(name[:-4]) for one in alike.get(sign, ())]
            if not others:
                return name
            k, one = others[int(draw.integers(0, len(others)))]
            return name[:k] + one + name[k + 1 :]
        case "slip":
            return name[:place] + "鑫" + name[place + 1 :]
        case "left_out":
            return name[:place] + name[place + 1 :]
        case "bracket":
            return f"{name}（新）"
        case "blank":
            return f"{name[:place]} {name[place:]}。"
        case _:
            return f"{name[:2]}市{name[2:]}"
