"""Names of the parts of scores, of rules' families and of reasons, in both languages. Owns values only."""

from __future__ import annotations

from zhike_analytics.contracts.codes import Choices

SCORE: Choices = {
    "value": ("价值", "Value"),
    "loyalty": ("忠诚", "Loyalty"),
    "lock_in": ("异网锁定", "Competitor lock-in"),
}
PART: Choices = {
    "rate": ("收入贡献率", "Revenue contribution rate"),
    "income": ("月均收入", "Monthly income"),
    "usage": ("话务量", "Traffic"),
    "employees": ("员工数", "Employees"),
    "size": ("规模", "Size"),
    "scope": ("经营范围", "Scope"),
    "group": ("集团层级", "Place in group"),
    "association": ("协会地位", "Standing in associations"),
    "followers": ("带动的供应商", "Suppliers that follow it"),
    "ownership": ("单位性质", "Ownership"),
    "revenue": ("年营业额", "Annual revenue"),
    "capital": ("注册资本", "Registered capital"),
    "credit": ("信用级别", "Credit rating"),
    "punctual": ("缴费及时", "Punctual payment"),
    "breadth_communication": ("通信类宽度", "Breadth, communication"),
    "depth_communication": ("通信类深度", "Depth, communication"),
    "breadth_industry": ("行业应用类宽度", "Breadth, industry applications"),
    "depth_industry": ("行业应用类深度", "Depth, industry applications"),
    "breadth_support": ("支撑服务类宽度", "Breadth, support services"),
    "depth_support": ("支撑服务类深度", "Depth, support services"),
    "wallet": ("钱包份额", "Share of wallet"),
    "members": ("自付成员", "Members who pay themselves"),
    "ties": ("人脉", "Ties with our people"),
    "contract": ("合同剩余期", "Contract months left"),
    "bundle": ("融合套餐", "Bundles"),
}
"""Parts of the three scores; the depth and breadth of lock-in are those of competitors' services."""
BECAUSE: Choices = {
    **PART,
    "bill": ("月账单", "Monthly bill"),
    "list": ("战略客户名单", "Strategic list"),
}
"""What moved a tier most."""
TIER_REASON: Choices = {
    "score": ("价值达到", "Value reaches it"),
    "bill": ("账单达到", "Bill reaches it"),
    "strategic": ("战略客户名单", "Strategic list"),
    "held": ("未跌出缓冲带，保持原级", "Within the band, kept"),
    "unknown": ("价值与账单都未知，保持原级", "Value and bill unknown, kept"),
    "hand": ("人工设定", "Set by hand"),
    "no_customer": ("不在网", "No customer"),
}
FAMILY: Choices = {
    "value": ("价值", "Value"),
    "loyalty": ("忠诚", "Loyalty"),
    "competitor": ("异网锁定与策反", "Lock-in and win-back"),
    "tiers": ("等级", "Tiers"),
    "alerts": ("预警门限", "Alert thresholds"),
}
WEIGHT: Choices = {
    "contribution": ("收入贡献", "Revenue contribution"),
    "standing": ("社会属性", "Social standing"),
    "ability": ("支付能力", "Ability to pay"),
}
NEED: Choices = {
    "accounts.manager_since": ("客户经理更替记录", "records of managers replaced"),
    "contacts.known_since": ("联系人新增记录", "records of contacts who came later"),
    "bills.earlier": ("更早月份的账单", "bills of earlier months"),
    "usage_month.earlier": ("更早月份的用量", "usage of earlier months"),
}
"""What a rule may lack beyond a table."""
