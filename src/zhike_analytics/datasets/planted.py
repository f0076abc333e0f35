"""Causes planted on purpose, so that analyses can be judged by whether they find them. Refuses anything by chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from zhike_analytics.contracts import periods
from zhike_analytics.datasets.seeds_reader import cities, districts
from zhike_analytics.datasets.spec import OperatorSpec


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted cause; months are numbers from the first month, `until` included."""

    code: str
    about_zh: str
    about_en: str
    family: str
    category: str
    department: str
    region_code: str  # empty: the whole province
    since: int
    until: int
    rate: float  # complaints a month and account concerned, before irritability


def planted(spec: OperatorSpec) -> tuple[Planted, ...]:
    """Return the causes planted in `spec`."""
    last = spec.months
    fault_district = next(one for one in districts() if one.short == "临港")
    slow_city = next(one for one in cities() if one.short == "望川")
    return (
        Planted("line_fault", "临港区互联网专线自该月起频繁丢包中断，责任在城域网设备",
                "Dedicated internet lines in Lingang fail often from this month on: metro network equipment",
                "dia", "network_quality", "数据网管中心", fault_district.code, last - 7, last, 0.16),
        Planted("billing_wave", "企业手机套餐计费规则变更，流量重复计费，三个月内集中投诉",
                "A change to the billing of mobile plans charges data twice: a wave of complaints for three months",
                "mobile", "billing", "计费中心", "", last - 13, last - 11, 0.045),
        Planted("slow_installation", "望川市交付班组人手不足，开通超期",
                "Too few installers in Wangchuan: openings run late",
                "", "installation", "望川交付班", slow_city.code, last - 10, last, 0.035),
    )  # fmt: skip


def as_rows(spec: OperatorSpec) -> list[dict[str, object]]:
    """Return the planted causes with months as YYYYMM, as written to the truth."""
    rows = []
    for one in planted(spec):
        row: dict[str, object] = asdict(one)
        row["since_period"] = periods.shift(spec.periods[0], one.since)
        row["until_period"] = periods.shift(spec.periods[0], one.until)
        del row["since"], row["until"]
        rows.append(row)
    return rows
