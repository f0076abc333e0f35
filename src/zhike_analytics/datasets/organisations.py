"""Who the made-up organisations are: name, kind, place, size, tier. Refuses anything of a real company or person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢"
GIVEN = "知远砚秋正山启明玉衡以宁澄叙言清越文博思齐景行若谷怀瑾书瑶子安云舒嘉树南乔明轩雨桐星野长风亦凡守拙致和"
BRAND = "衡岱云杉澜汀拓岸钧石泊远明岐栖湖桐安沐川恒汐蓝屿奕川禾木岱南青禾启润鸿渐瑞泽博雅卓衡嘉禾宏图致远天工海纳"
TIERS = (("A1", 0.01), ("A2", 0.04), ("B1", 0.10), ("B2", 0.15), ("C", 0.30), ("D", 0.40))  # our default shares
LEVELS = {
    "A1": ("diamond", "AAA"), "A2": ("gold", "AA"), "B1": ("silver", "A"), "B2": ("bronze", "A"),
    "C": ("standard", "normal"), "D": ("standard", "normal"),
}  # fmt: skip
KINDS = (  # industry, section, ownership, endings, weight
    ("装备制造", "制造业", "enterprise", ("装备集团有限公司", "机械有限公司", "重工股份有限公司"), 14),
    ("电子制造", "制造业", "enterprise", ("半导体有限公司", "电子科技有限公司"), 8),
    ("化工材料", "制造业", "enterprise", ("新材料有限公司", "化工有限公司"), 7),
    ("食品制造", "制造业", "enterprise", ("食品有限公司",), 6),
    ("物流仓储", "交通运输业", "enterprise", ("物流有限公司", "冷链物流有限公司", "港务有限公司"), 9),
    ("软件服务", "信息服务业", "enterprise", ("软件有限公司", "信息技术有限公司"), 8),
    ("批发零售", "批发零售业", "enterprise", ("商贸有限公司", "连锁超市有限公司"), 14),
    ("住宿餐饮", "住宿餐饮业", "enterprise", ("酒店管理有限公司", "餐饮有限公司"), 7),
    ("金融保险", "金融业", "enterprise", ("保险代理有限公司", "融资租赁有限公司"), 4),
    ("建筑工程", "建筑业", "enterprise", ("建设集团有限公司", "工程有限公司"), 8),
    ("政府机关", "公共管理", "government", ("政务服务中心", "行政审批局", "统计局"), 4),
    ("教育", "教育", "institution", ("职业学院", "外国语学校", "实验中学"), 5),
    ("医疗卫生", "卫生", "institution", ("人民医院", "中医院", "卫生信息中心"), 4),
    ("行业协会", "社会组织", "association", ("装备工业协会", "电子商务协会"), 2),
)


@dataclass(frozen=True)
class Place:
    """A region of the fictional province."""

    code: str
    name: str
    parent: str | None
    longitude: float
    latitude: float


@cache
def _places() -> dict[str, Place]:
    content = yaml.safe_load((Path(__file__).parent / "seeds" / "geography.yaml").read_text(encoding="utf-8"))
    province = content["province"]
    found = {province["code"]: Place(province["code"], province["name"], None, 119.0, 36.0)}
    for city in content["cities"]:
        lon, lat = float(city["longitude"]), float(city["latitude"])
        found[city["code"]] = Place(city["code"], city["name"], province["code"], lon, lat)
        for number, district in enumerate(city["districts"], start=1):
            code = f"{city['code']}{number:02d}"
            angle = number * 1.1
            found[code] = Place(
                code, district[0], city["code"], lon + 0.18 * float(np.cos(angle)), lat + 0.14 * float(np.sin(angle))
            )
    return found


def region_of(code: str) -> Place:
    """Return the region with this code."""
    return _places()[code]


DISTRICTS: tuple[Place, ...] = tuple(place for place in _places().values() if len(place.code) == 6)


@dataclass(frozen=True)
class Organisation:
    """One made-up organisation."""

    index: int
    code: str
    name: str
    short: str
    credit_code: str
    parent: str | None
    group_kind: str
    industry: str
    section: str
    ownership: str
    size: str
    tier: str
    service_level: str
    assurance_level: str
    employees: int
    district: Place
    address: str


def person_name(rng: np.random.Generator) -> str:
    """Return a made-up name of two or three characters."""
    given = "".join(GIVEN[int(rng.integers(len(GIVEN)))] for _ in range(int(rng.integers(1, 3))))
    return SURNAMES[int(rng.integers(len(SURNAMES)))] + given


def credit_code(index: int, district: str, kind: int) -> str:
    """Return a unified social credit code with its check digits (GB 32100-2015, GB 11714-1997)."""
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"{index + 70_000_000:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(one) * weight for one, weight in zip(body, weights, strict=True)) % 11
    organisation_code = body + {10: "X", 11: "0"}.get(rest, str(rest))
    first = f"9{kind}{district}{organisation_code}"
    total = sum(digits.index(one) * pow(3, place, 31) for place, one in enumerate(first))
    return first + digits[(31 - total % 31) % 31]


def organisation(seed: int, index: int, earlier: list[Organisation]) -> Organisation:
    """Return organisation number `index`; some are branches of an earlier headquarters of tier A or B."""
    rng = np.random.default_rng([seed, 3, index])
    tier = str(rng.choice([one for one, _ in TIERS], p=[share for _, share in TIERS]))
    weights = np.array([kind[4] for kind in KINDS], dtype=float)
    kind: Any = KINDS[int(rng.choice(len(KINDS), p=weights / weights.sum()))]
    district = DISTRICTS[int(rng.integers(len(DISTRICTS)))]
    base = {"A1": 2600, "A2": 900, "B1": 260, "B2": 90, "C": 28, "D": 8}[tier]
    employees = max(1, int(base * float(rng.lognormal(0, 0.7))))
    code = f"G{index + 1:07d}"
    parent, group_kind = None, "single"
    brand = BRAND[(pair := 2 * int(rng.integers(len(BRAND) // 2)))] + BRAND[pair + 1]
    extra = GIVEN[int(rng.integers(len(GIVEN)))] if rng.random() < 0.7 else ""
    town = region_of(str(district.parent)).name.removesuffix("市")
    heads = [one for one in earlier[-2000:] if one.group_kind == "headquarters"] if rng.random() < 0.08 else []
    ending = str(rng.choice(kind[3]))
    if kind[2] == "enterprise" and heads:
        head = heads[int(rng.integers(len(heads)))]
        parent, group_kind = head.code, "branch"
        name, short = f"{head.name}{district.name}分公司", f"{head.short}{district.name}"
    elif kind[2] == "enterprise":
        name, short = f"{town}{brand}{extra}{ending}", f"{brand}{extra}"
        group_kind = "headquarters" if tier in {"A1", "A2", "B1"} and rng.random() < 0.5 else "single"
    elif kind[2] == "government":
        name = short = f"{town}市{district.name}{ending}"
    else:
        name = short = f"{town}{brand}{ending}" if kind[2] == "institution" else f"{town}{ending}"
    size = "huge" if employees >= 2000 else "large" if employees >= 300 else "medium" if employees >= 50 else "small"
    street = str(rng.choice(["海港", "文澜", "东屏", "锦绣", "人民", "学府"]))
    return Organisation(
        index=index, code=code, name=name, short=short[:60],
        credit_code=credit_code(index, district.code, 1 if kind[2] == "enterprise" else 2),
        parent=parent, group_kind=group_kind, industry=kind[0], section=kind[1], ownership=kind[2],
        size=size, tier=tier,
        service_level=LEVELS[tier][0], assurance_level=LEVELS[tier][1], employees=employees, district=district,
        address=f"{district.name}{street}路 {int(rng.integers(1, 300))} 号",
    )  # fmt: skip
