"""Builds the demonstration operator as typed Parquet: its files, and the hidden truth that drives them. Seeded.

Each account has a random stream of its own, so that neither the order of work nor the size of a batch changes a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.contracts import periods
from zhike_analytics.contracts.catalogue import ProductSeed, products
from zhike_analytics.datasets.organisations import DISTRICTS, Organisation, organisation, person_name, region_of
from zhike_analytics.datasets.spec import OperatorSpec
from zhike_analytics.datasets.writing import Tables

Report = Callable[[float, str], None]
BATCH = 250
YEARLY_LOSS = {"A1": 0.02, "A2": 0.02, "B1": 0.04, "B2": 0.04, "C": 0.08, "D": 0.15}  # our default, docs/domain.md
VISIT_DAYS = {"A1": 15, "A2": 30, "B1": 60, "B2": 90, "C": 180, "D": 720}
CAUSES = ("response", "quality", "convenience", "transparency", "promise", "personalisation", "price")
SEASON = (1.0, 0.82, 1.02, 1.0, 1.0, 1.0, 0.96, 0.95, 1.03, 1.0, 1.04, 1.08)  # February holds the Spring Festival
PLANTED_DISTRICT, PLANTED_CATEGORY, PLANTED_DAYS = DISTRICTS[8].code, "network_quality", 120
COMPLAINT_WORDS = {
    "network_quality": ("{site}专线丢包，影响办公", "{site}宽带晚高峰时断时续", "{site}专线夜间中断 40 分钟"),
    "installation": ("{site}新装预约两次未上门", "移机后语音中继未测通"),
    "billing": ("{month} 月账单多收一笔功能费", "账单与合同约定的优惠不一致"),
    "tariff_contract": ("合同到期未提醒，按原价续收", "套餐变更口径前后不一"),
    "process": ("变更申请一周无人答复", "退订流程要跑三次"),
    "attitude": ("热线答复推诿，未留回电", "现场人员态度不好"),
    "account_manager": ("客户经理换人没有交接", "多次联系客户经理未回"),
    "security": ("收到冒用我公司名义的短信",),
}


@dataclass(frozen=True)
class OperatorSummary:
    """What was built: rows per table."""

    rows: dict[str, int]


def build_operator(spec: OperatorSpec, target: Path, *, progress: Report | None = None) -> OperatorSummary:
    """Write every table of the operator into `target`, one Parquet file each, and the truth into ``target/truth``."""
    say = progress or (lambda share, stage: None)
    target.mkdir(parents=True, exist_ok=True)
    tables = Tables(target)
    truth: list[dict[str, Any]] = []
    managers = _staff(spec, tables)
    _products(tables)
    organisations: list[Organisation] = []
    for index in range(spec.accounts):
        organisations.append(organisation(spec.seed, index, organisations))
        truth.append(_Account(spec, tables, organisations[-1], managers).write())
        if index % BATCH == BATCH - 1:
            tables.flush()
            say(index / spec.accounts, f"{index + 1} / {spec.accounts}")
    tables.close()
    (target / "truth").mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(truth), target / "truth" / "accounts.parquet")
    say(1.0, "done")
    return OperatorSummary(tables.rows)


def _staff(spec: OperatorSpec, tables: Tables) -> dict[tuple[str, str], list[str]]:
    """Write staff; return the managers' codes per (district, tier group)."""
    rng = np.random.default_rng([spec.seed, 1])
    managers: dict[tuple[str, str], list[str]] = {}
    share = {"A": 0.05, "B": 0.25, "C": 0.70}
    number = 0

    def write(role: str, region: Any, team: str = "", team_name: str = "") -> str:
        nonlocal number
        number += 1
        code = f"M{number:05d}"
        tables.add(
            "staff", staff_code=code, name=person_name(rng), role=role, region_code=region.code,
            region_name=region.name, parent_region_code=region.parent, team_code=team or None,
            team_name=team_name or None, mobile=f"139{rng.integers(10**8):08d}", email=f"{code.lower()}@example.com",
            active=True,
        )  # fmt: skip
        return code

    province = region_of("90")
    for role in ("analyst", "auditor", "administrator"):
        write(role, province)
    for district in DISTRICTS:
        if district.code.endswith("01"):
            city = region_of(str(district.parent))
            for role in ("region_lead", "agent", "back_office"):
                write(role, city)
        team, team_name = f"T{district.code}", f"{district.name}政企班"
        write("team_lead", district, team, team_name)
        for group, part in share.items():
            load = {"A": 18, "B": 50, "C": 250}[group]
            wanted = max(1, round(spec.accounts / len(DISTRICTS) * part / load))
            managers[district.code, group] = [write("manager", district, team, team_name) for _ in range(wanted)]
    return managers


def _products(tables: Tables) -> None:
    for one in products():
        tables.add(
            "products", product_code=one.code, name=one.name, name_en=one.name_en, business_class=one.business_class,
            charging=one.charging, unit=one.unit, list_price_fen=one.list_price_fen,
            floor_price_fen=one.floor_price_fen,
            cost_percent=one.cost_percent, core=one.core, valid_from=date(2024, 1, 1),
        )  # fmt: skip


class _Account:
    """One account with everything that happened to it; its own random stream."""

    def __init__(
        self, spec: OperatorSpec, tables: Tables, org: Organisation, managers: dict[tuple[str, str], list[str]]
    ) -> None:
        self.spec, self.tables, self.org = spec, tables, org
        self.rng = np.random.default_rng([spec.seed, 2, org.index])
        self.today = spec.today
        self.loyalty = float(self.rng.beta(4, 2))
        self.price_sensitivity = float(self.rng.beta(2, 3))
        self.morale = float(self.rng.beta(6, 1.5))
        self.irritability = float(self.rng.beta(2, 5))
        self.care_response = float(self.rng.beta(2, 2))
        self.attraction = float(np.clip(0.55 * (1 - self.loyalty) + 0.3 * self.price_sensitivity, 0, 1))
        chance = YEARLY_LOSS[org.tier] * 2 * (0.4 + 1.6 * self.attraction) * spec.months / 24
        self.leaves_at = int(self.rng.integers(6, spec.months)) if self.rng.random() < chance else None
        self.cause = str(self.rng.choice(CAUSES)) if self.leaves_at is not None else ""
        group = "A" if org.tier in {"A1", "A2"} else "B" if org.tier in {"B1", "B2"} else "C"
        choice = managers[org.district.code, group]
        self.manager = choice[int(self.rng.integers(len(choice)))]
        self.backup = choice[int(self.rng.integers(len(choice)))]
        self.growth = float(self.rng.normal(0.003, 0.008))

    def write(self) -> dict[str, Any]:
        """Write all rows of the account; return its truth."""
        sites = self._sites()
        self._contacts()
        self._profile()
        held = self._subscriptions(sites)
        self._competitors()
        self._members()
        monthly = self._months(held)
        self._complaints(sites)
        self._visits()
        return {
            "account_code": self.org.code, "loyalty": self.loyalty, "price_sensitivity": self.price_sensitivity,
            "payment_morale": self.morale, "irritability": self.irritability, "care_response": self.care_response,
            "competitor_attraction": self.attraction, "value_fen": monthly,
            "left_period": self.spec.periods[self.leaves_at] if self.leaves_at is not None else None,
            "cause": self.cause,
        }  # fmt: skip

    def _maybe(self, text: str, chance: float) -> str | None:
        return text if self.rng.random() < chance else None

    def _profile(self) -> None:
        org, rng = self.org, self.rng
        known = {"A1": 0.95, "A2": 0.9, "B1": 0.8, "B2": 0.65, "C": 0.5, "D": 0.3}[org.tier]
        gone = self.leaves_at is not None
        since = date(2008, 1, 1) + timedelta(days=int(rng.integers(0, 5800)))
        self.tables.add(
            "accounts", account_code=org.code, name=org.name, short_name=org.short, credit_code=org.credit_code,
            parent_code=org.parent, group_kind=org.group_kind, industry=org.industry, industry_section=org.section,
            ownership=org.ownership, size=org.size, scope="local" if org.tier in {"C", "D"} else "provincial",
            lifecycle="left" if gone else "active", tier=org.tier, service_level=org.service_level,
            assurance_level=org.assurance_level, credit_rating="ABCD"[min(3, int((1 - self.morale) * 5))],
            region_code=org.district.code, region_name=org.district.name, manager_code=self.manager,
            backup_code=self.backup if org.tier[0] in "AB" and self.backup != self.manager else None,
            employees=org.employees, annual_revenue_fen=org.employees * int(rng.integers(20, 90)) * 1_000_000,
            registered_capital_fen=int(rng.integers(1, 80)) * 100_000_000 if org.ownership == "enterprise" else None,
            address=org.address, since=since,
            network_situation=self._maybe("两条专线，单路由；语音走数字中继", known),
            innovation_goals=self._maybe(str(rng.choice(["车间 5G 专网试点", "系统上云", "视频质检"])), known * 0.8),
            decision_process=self._maybe("信息部提方案，采购比价，分管领导拍板，年底定预算", known),
            latent_needs=self._maybe(str(rng.choice(["双路由", "等保整改", "降专线资费", "异地备份"])), known * 0.8),
            background=self._maybe(f"{org.district.name}{org.industry}单位，员工 {org.employees} 人", known),
            service_preference=self._maybe("要书面方案，少打电话", known * 0.6), strategic=org.tier == "A1",
        )  # fmt: skip

    def _sites(self) -> list[str]:
        org, rng = self.org, self.rng
        count = 1 + int(rng.poisson({"A1": 4, "A2": 2.5, "B1": 1.2, "B2": 0.6, "C": 0.2, "D": 0.05}[org.tier]))
        names = ["总部", *[f"{kind}{number}" for number in (1, 2, 3) for kind in ("分部", "厂区", "门店")]][
            : min(count, 8)
        ]
        for number, name in enumerate(names):
            self.tables.add(
                "sites", account_code=org.code, site_code=f"S{number + 1:02d}", name=name, address=org.address,
                longitude=Decimal(f"{org.district.longitude + rng.normal(0, 0.03):.6f}"),
                latitude=Decimal(f"{org.district.latitude + rng.normal(0, 0.03):.6f}"),
                employees=max(1, org.employees // len(names)), covered=bool(rng.random() < 0.85),
            )  # fmt: skip
        return names

    def _contacts(self) -> None:
        org, rng = self.org, self.rng
        roles = [
            ("董事长" if org.ownership == "enterprise" else "分管领导", "decides"), ("信息部经理", "influences"),
            ("网络主管", "uses"), ("采购经理", "influences"), ("财务主管", "influences"), ("办公室主任", "handles"),
        ]  # fmt: skip
        count = {"A1": 6, "A2": 5, "B1": 4, "B2": 3, "C": 2, "D": 1}[org.tier]
        for number, (title, role) in enumerate(roles[:count]):
            tied = rng.random() < (0.85 if role != "decides" else 0.4 + 0.45 * self.loyalty)
            met = self.today - timedelta(days=int(rng.integers(3, 200)))
            self.tables.add(
                "contacts", account_code=org.code, contact_code=f"P{number + 1:02d}",
                name=person_name(rng), title=title,
                decision_role=role, mobile=f"138{rng.integers(10**8):08d}",
                email=f"p{org.index}{number}@example.com" if rng.random() < 0.7 else None,
                reports_to="P01" if number else None,
                traits=self._maybe(str(rng.choice(["求稳，重细节", "看重价格", "反应快，要结果", "愿意试新"])), 0.5),
                tie_staff_code=self.manager if tied else None, tie_strength=int(rng.integers(1, 6)) if tied else 0,
                last_met=met if tied else None, consent=bool(rng.random() < 0.8),
            )  # fmt: skip

    def _subscriptions(self, sites: list[str]) -> list[tuple[str, ProductSeed, int, str]]:
        org, rng = self.org, self.rng
        count = max(1, int(rng.poisson({"A1": 9, "A2": 7, "B1": 5, "B2": 3.5, "C": 2.2, "D": 1.2}[org.tier])))
        seeds = products()
        weights = np.array([3.0 if one.core else 1.0 for one in seeds])
        chosen = rng.choice(len(seeds), size=min(count, len(seeds)), replace=False, p=weights / weights.sum())
        budget = {"A1": 140_000, "A2": 50_000, "B1": 17_000, "B2": 5_500, "C": 1_500, "D": 260}[org.tier]
        parts = rng.dirichlet(np.full(len(chosen), 1.5)) * budget * float(rng.lognormal(0, 0.35)) * 100
        ends = self.today + timedelta(days=int(rng.integers(10, 720)))
        starts = ends - timedelta(days=365 * int(rng.integers(1, 4)) + 1)
        contract = f"HT-{starts.year}-{org.index:06d}"
        left = self._left_on()
        if left is None or left > starts:
            self.tables.add(
                "contracts", account_code=org.code, contract_code=contract, title="通信与信息化综合服务",
                signed_on=starts - timedelta(days=10), starts_on=starts, ends_on=min(ends, left) if left else ends,
                auto_renew=bool(rng.random() < 0.3),
            )  # fmt: skip
        held = []
        for number, (position, fee) in enumerate(zip(chosen, parts, strict=True)):
            seed = seeds[int(position)]
            unit_price = max(seed.typical_price_fen, 1)
            quantity = max(1, round(float(fee) / unit_price))
            monthly = max(100, int(fee) // 100 * 100)
            code = f"ZX-{org.index:06d}-{number + 1:02d}"
            self.tables.add(
                "subscriptions", account_code=org.code, subscription_code=code, product_code=seed.code,
                site_code=f"S{int(rng.integers(len(sites))) + 1:02d}", contract_code=contract,
                bundle=str(rng.choice(["简装型", "礼包型", "豪华型"])) if rng.random() < 0.25 else None,
                quantity=Decimal(quantity), unit=seed.unit, monthly_fee_fen=monthly, starts_on=starts,
                ends_on=left or ends, status="ended" if left else "active",
            )  # fmt: skip
            held.append((code, seed, monthly, seed.bill_item))
        return held

    def _left_on(self) -> date | None:
        return periods.first_day(self.spec.periods[self.leaves_at]) if self.leaves_at is not None else None

    def _competitors(self) -> None:
        org, rng = self.org, self.rng
        for number in range(int(rng.poisson(0.4 + 2.2 * self.attraction * (1 if org.tier[0] in "AB" else 0.5)))):
            seed = products()[int(rng.integers(len(products())))]
            self.tables.add(
                "competitor_holdings", account_code=org.code, holding_code=f"Y{number + 1:02d}",
                business_class=seed.business_class, operator=str(rng.choice(["mobile", "unicom", "broadnet"])),
                product=seed.name, quantity=Decimal(int(rng.integers(1, 20))), unit=seed.unit,
                monthly_fee_fen=seed.typical_price_fen * int(rng.integers(1, 6)),
                fee_estimated=bool(rng.random() < 0.6),
                ends_on=self.today + timedelta(days=int(rng.integers(20, 700))),
                source=str(rng.choice(["走访", "采购转述", "招标公告", "现场所见"])),
                seen_on=self.today - timedelta(days=int(rng.integers(5, 300))),
                confidence=str(rng.choice(["high", "medium", "low"])),
            )  # fmt: skip

    def _members(self) -> None:
        org, rng = self.org, self.rng
        for number in range(min(60, int(org.employees * 0.04 * self.loyalty))):
            group = rng.random() < 0.6
            self.tables.add(
                "member_lines", account_code=org.code, number=f"137{org.index % 10000:04d}{number:04d}",
                department=str(rng.choice(["销售部", "采购部", "生产部", "办公室"])), plan="企业手机套餐 99",
                paid_by="group" if group else "person", monthly_fee_fen=9900,
                joined_on=date(2018, 1, 1) + timedelta(days=int(rng.integers(0, 2800))), status="active",
            )  # fmt: skip

    def _months(self, held: list[tuple[str, ProductSeed, int, str]]) -> int:
        """Write bills, payments, costs and usage of all months; return the mean month in fen."""
        org, rng, whole, counted = self.org, self.rng, 0, 0
        minutes = max(5.0, org.employees * 1.6) * float(rng.lognormal(0, 0.4))
        for number, period in enumerate(self.spec.periods):
            if self.leaves_at is not None and number >= self.leaves_at:
                break
            fading = 1.0 if self.leaves_at is None else min(1.0, 0.35 + 0.13 * (self.leaves_at - number))
            level = (1 + self.growth) ** number * fading
            season = SEASON[period % 100 - 1] * float(rng.normal(1, 0.03))
            total = 0
            for line, (_, seed, fee, item) in enumerate(held, start=1):
                amount = int(fee * level * (season if seed.charging in {"usage", "tiered"} else 1))
                total += amount
                self.tables.add(
                    "bills", account_code=org.code, period=period, bill_code=f"B{period}-{org.index:06d}", line=line,
                    product_code=seed.code, item=item, amount_fen=amount, tax_fen=round(amount * 6 / 106),
                    due_on=periods.first_day(periods.shift(period, 1)) + timedelta(days=14),
                )  # fmt: skip
                self.tables.add(
                    "costs", account_code=org.code, period=period, kind="network", product_code=seed.code,
                    amount_fen=int(amount * float(seed.cost_percent) / 100 * (1 + 0.004 * number)),
                )  # fmt: skip
            self._payment(period, total)
            for service, share in (("voice_local", 0.8), ("voice_domestic", 0.2)):
                calls = int(minutes * share * level * season)
                self.tables.add(
                    "usage_month", account_code=org.code, period=period, service=service, direction="out", events=calls,
                    missed=int(calls * 0.05), seconds=calls * int(rng.integers(70, 130)), active_days=21,
                )  # fmt: skip
            whole, counted = whole + total, counted + 1
        return whole // max(counted, 1)

    def _payment(self, period: int, total: int) -> None:
        late = self.rng.random() > self.morale
        if late and self.rng.random() < 0.25:
            return
        day = periods.first_day(periods.shift(period, 1)) + timedelta(days=int(self.rng.integers(2, 14)) + 25 * late)
        if day >= self.today:
            return
        self.tables.add(
            "payments", account_code=self.org.code, payment_code=f"P{period}-{self.org.index:06d}",
            paid_at=datetime(day.year, day.month, day.day, 2, 30, tzinfo=UTC), amount_fen=total,
            method=str(self.rng.choice(["debit", "transfer", "online"])), bill_period=period,
        )  # fmt: skip

    def _complaints(self, sites: list[str]) -> None:
        org, rng = self.org, self.rng
        planted = org.district.code == PLANTED_DISTRICT
        rate = self.irritability * {"A1": 5, "A2": 4, "B1": 2.5, "B2": 1.5, "C": 0.8, "D": 0.3}[org.tier]
        for number in range(int(rng.poisson(rate * (2.5 if planted else 1)))):
            days = int(rng.integers(1, 365))
            category = str(rng.choice(list(COMPLAINT_WORDS), p=[0.28, 0.16, 0.18, 0.1, 0.11, 0.07, 0.07, 0.03]))
            if planted and days < PLANTED_DAYS:
                category = PLANTED_CATEGORY
            day = self.today - timedelta(days=days)
            at = datetime(day.year, day.month, day.day, int(rng.integers(1, 10)), int(rng.integers(60)), tzinfo=UTC)
            open_ = days < 4
            words = str(rng.choice(COMPLAINT_WORDS[category]))
            self.tables.add(
                "complaints", account_code=org.code,
                complaint_code=f"TS{org.index:06d}-{number + 1:02d}", received_at=at,
                category=category, summary=words.format(site=str(rng.choice(sites)), month=day.month),
                department=str(rng.choice(["数据网管中心", "装维中心", "账务中心", "政企客服"])),
                closed_at=None if open_ else at + timedelta(hours=int(rng.integers(3, 70))),
                outcome="open" if open_ else "satisfied" if rng.random() < 0.5 + 0.4 * self.loyalty else "unsatisfied",
                repeated=bool(number and rng.random() < 0.2),
            )  # fmt: skip

    def _visits(self) -> None:
        org, rng = self.org, self.rng
        step = VISIT_DAYS[org.tier]
        day, number = self.today - timedelta(days=int(rng.integers(2, step + 2))), 0
        while (self.today - day).days < 365:
            number += 1
            self.tables.add(
                "visits", account_code=org.code, visit_code=f"V{org.index:06d}-{number:02d}",
                visited_at=datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC),
                kind=str(rng.choice(["onsite", "phone", "onsite", "joint"])), staff_code=self.manager,
                summary=str(rng.choice(["例行走访，网络运行平稳", "客户希望出双路由方案", "谈续约，客户在比价",
                "介绍云备份，约试用"])),
                satisfaction=int(np.clip(round(5 + 4 * self.loyalty + rng.normal(0, 0.8)), 1, 10)),
            )  # fmt: skip
            day -= timedelta(days=max(5, int(step * rng.normal(1, 0.3))))
