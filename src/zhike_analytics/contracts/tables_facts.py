"""Declarations of the lake's tables: what happened in a month or at a moment. Refuses things with one row each."""

from __future__ import annotations

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.columns import Column, ColumnType, Table, TableKind
from zhike_analytics.contracts.tables_archive import account_reference

CODE, TEXT, INTEGER = ColumnType.CODE, ColumnType.TEXT, ColumnType.INTEGER
DECIMAL, MONEY, DATE = ColumnType.DECIMAL, ColumnType.MONEY, ColumnType.DATE
DATETIME, MONTH, BOOLEAN, ENUM = ColumnType.DATETIME, ColumnType.MONTH, ColumnType.BOOLEAN, ColumnType.ENUM

PERIOD = Column("period", "账期", "Month", MONTH, required=True, future=False, example="202610")
SERVICE = Column("service", "业务", "Service", ENUM, required=True, choices=codes.USAGE_SERVICE, example="voice_local")
DIRECTION = Column("direction", "方向", "Direction", ENUM, choices=codes.DIRECTION, example="out")

USAGE_EVENTS = Table(
    "usage_events", "用量明细", "Usage events", TableKind.EVENT,
    (
        account_reference(),
        Column("event_code", "话单编码", "Record code", CODE, required=True, max_length=60, example="C20261022-000001"),
        Column("happened_at", "发生时间", "Moment", DATETIME, required=True, future=False,
               example="2026-10-22 09:14:05"),
        SERVICE,
        DIRECTION,
        Column("number", "号码", "Number", CODE, max_length=30, personal=True, example="053288880000"),
        Column("counterpart", "对端号码", "Other number", CODE, max_length=30, personal=True, example="13900005678"),
        Column("events", "次数", "Events", INTEGER, unit="次", minimum=0, maximum=1e9, example="1"),
        Column("seconds", "时长", "Duration", INTEGER, unit="秒", minimum=0, maximum=1e9, example="185"),
        Column("megabytes", "流量", "Volume", DECIMAL, unit="MB", minimum=0, maximum=1e10, example="0"),
    ),
    key=("account_code", "event_code"), moment="happened_at",
    about_zh="逐条通话、会话、短信；映射文件可把它汇成月用量。",
    about_en="Calls, sessions and messages one by one; a mapping may sum them to months.",
)  # fmt: skip

USAGE_MONTH = Table(
    "usage_month", "月用量", "Monthly usage", TableKind.MONTHLY,
    (
        account_reference(),
        PERIOD,
        SERVICE,
        DIRECTION,
        Column("events", "次数", "Events", INTEGER, unit="次", minimum=0, maximum=1e10, example="1820"),
        Column("missed", "未接", "Missed", INTEGER, unit="次", minimum=0, maximum=1e10, example="96"),
        Column("seconds", "时长", "Duration", INTEGER, unit="秒", minimum=0, maximum=1e11, example="236600"),
        Column("megabytes", "流量", "Volume", DECIMAL, unit="MB", minimum=0, maximum=1e11, example="0"),
        Column("active_days", "活跃天数", "Active days", INTEGER, unit="天", minimum=0, maximum=31, example="22"),
        Column("active_lines", "活跃号码", "Active lines", INTEGER, unit="个", minimum=0, maximum=1e8, example="36"),
    ),
    key=("account_code", "period", "service", "direction"), moment="period",
    about_zh="每客户、每月、每业务的用量。", about_en="Usage per account, month and service.",
)  # fmt: skip

BILLS = Table(
    "bills", "账单", "Bills", TableKind.MONTHLY,
    (
        account_reference(),
        PERIOD,
        Column("bill_code", "账单编号", "Bill code", CODE, required=True, max_length=60, example="B202610-00012345"),
        Column("line", "行号", "Line", INTEGER, required=True, minimum=1, maximum=1e6, example="1"),
        Column("product_code", "产品编码", "Product code", CODE, max_length=40, example="dia-500m"),
        Column("item", "账目", "Bill item", TEXT, required=True, max_length=120, example="互联网专线月租费"),
        Column("amount", "金额（含税）", "Amount incl. VAT", MONEY, required=True, unit="元", minimum=-1e9, maximum=1e9,
               example="19600.00", note_zh="减免与退费为负", note_en="credits are negative"),
        Column("tax", "其中税额", "VAT within", MONEY, unit="元", minimum=-1e9, maximum=1e9, example="1109.43"),
        Column("due_on", "缴费期限", "Due on", DATE, example="2026-11-15"),
    ),
    key=("account_code", "period", "bill_code", "line"), moment="period",
    about_zh="账单逐行。", about_en="Bills line by line.",
)  # fmt: skip

PAYMENTS = Table(
    "payments", "缴费", "Payments", TableKind.EVENT,
    (
        account_reference(),
        Column("payment_code", "缴费流水号", "Payment code", CODE, required=True, max_length=60,
               example="P20261108-0091"),
        Column("paid_at", "缴费时间", "Paid at", DATETIME, required=True, future=False, example="2026-11-08 10:20:00"),
        Column("amount", "金额", "Amount", MONEY, required=True, unit="元", minimum=-1e9, maximum=1e9,
               example="86414.00", note_zh="退款为负", note_en="refunds are negative"),
        Column("method", "方式", "Method", ENUM, choices=codes.PAYMENT_METHOD, example="debit"),
        Column("bill_period", "对应账期", "For the bill of", MONTH, example="202610"),
    ),
    key=("account_code", "payment_code"), moment="paid_at",
    about_zh="客户的缴费。", about_en="What the account paid.",
)  # fmt: skip

COSTS = Table(
    "costs", "成本", "Costs", TableKind.MONTHLY,
    (
        account_reference(),
        PERIOD,
        Column("kind", "成本类别", "Kind of cost", ENUM, required=True, choices=codes.COST_KIND, example="network"),
        Column("product_code", "产品编码", "Product code", CODE, max_length=40, example="dia-500m"),
        Column("amount", "金额", "Amount", MONEY, required=True, unit="元", minimum=-1e9, maximum=1e9,
               example="8820.00"),
    ),
    key=("account_code", "period", "kind", "product_code"), moment="period",
    about_zh="服务该客户的成本。", about_en="What serving the account cost.",
)  # fmt: skip

COMPLAINTS = Table(
    "complaints", "投诉", "Complaints", TableKind.EVENT,
    (
        account_reference(),
        Column("complaint_code", "投诉编号", "Complaint code", CODE, required=True, max_length=60,
               example="TS20261118-0031"),
        Column("received_at", "受理时间", "Received at", DATETIME, required=True, future=False,
               example="2026-11-18 19:12:00"),
        Column("category", "类别", "Category", ENUM, required=True, choices=codes.COMPLAINT_CATEGORY,
               example="network_quality"),
        Column("product_code", "产品编码", "Product code", CODE, max_length=40, example="dia-500m"),
        Column("summary", "摘要", "Summary", TEXT, max_length=500, example="临港厂区专线丢包"),
        Column("department", "责任部门", "Department", TEXT, max_length=60, example="数据网管中心"),
        Column("closed_at", "办结时间", "Closed at", DATETIME, future=False, example="2026-11-19 15:00:00"),
        Column("outcome", "结果", "Outcome", ENUM, choices=codes.COMPLAINT_OUTCOME, example="satisfied"),
        Column("repeated", "重复投诉", "Repeated", BOOLEAN, example="否"),
    ),
    key=("account_code", "complaint_code"), moment="received_at",
    about_zh="投诉记录。", about_en="Complaints.",
)  # fmt: skip

VISITS = Table(
    "visits", "走访", "Visits", TableKind.EVENT,
    (
        account_reference(),
        Column("visit_code", "走访编号", "Visit code", CODE, required=True, max_length=60, example="V20261113-007"),
        Column("visited_at", "走访时间", "Visited at", DATETIME, required=True, future=False,
               example="2026-11-13 14:00:00"),
        Column("kind", "方式", "Kind", ENUM, choices=codes.VISIT_KIND, example="onsite"),
        Column("staff_code", "走访人工号", "Visitor's staff code", CODE, max_length=40, example="M0042"),
        Column("contact_codes", "会见联系人", "Contacts met", TEXT, max_length=200, example="P001;P003"),
        Column("summary", "纪要", "Summary", TEXT, max_length=1000, example="客户希望双路由方案"),
        Column("satisfaction", "满意度", "Satisfaction", INTEGER, unit="分", minimum=1, maximum=10, example="8"),
    ),
    key=("account_code", "visit_code"), moment="visited_at",
    about_zh="客户走访记录。", about_en="Visits to accounts.",
)  # fmt: skip

ORDERS = Table(
    "orders", "订单", "Orders", TableKind.EVENT,
    (
        account_reference(),
        Column("order_code", "订单编号", "Order code", CODE, required=True, max_length=60, example="D20261109-0102"),
        Column("ordered_at", "下单时间", "Ordered at", DATETIME, required=True, future=False,
               example="2026-11-09 09:30:00"),
        Column("kind", "类型", "Kind", ENUM, required=True, choices=codes.ORDER_KIND, example="install"),
        Column("product_code", "产品编码", "Product code", CODE, max_length=40, example="dia-500m"),
        Column("site_code", "场所编码", "Site code", CODE, max_length=40, example="S002"),
        Column("quantity", "数量", "Quantity", DECIMAL, minimum=0, maximum=1e9, example="1"),
        Column("status", "状态", "Status", ENUM, choices=codes.ORDER_STATUS, example="open"),
        Column("promised_on", "承诺日", "Promised for", DATE, example="2026-12-07"),
        Column("completed_at", "竣工时间", "Completed at", DATETIME, future=False, example=""),
    ),
    key=("account_code", "order_code"), moment="ordered_at",
    about_zh="装、移、改、拆订单。", about_en="Orders to install, move, change and remove.",
)  # fmt: skip

NETWORK_RESOURCES = Table(
    "network_resources", "网络资源", "Network resources", TableKind.REFERENCE,
    (
        Column("resource_code", "资源编码", "Resource code", CODE, required=True, max_length=60, example="LY-LG-0012"),
        Column("kind", "类型", "Kind", ENUM, required=True, choices=codes.RESOURCE_KIND, example="building"),
        Column("name", "名称", "Name", TEXT, required=True, max_length=120, example="临港大厦"),
        Column("region_code", "区域编码", "Region code", CODE, max_length=40, example="370203"),
        Column("longitude", "经度", "Longitude", DECIMAL, unit="°", minimum=-180, maximum=180, example="120.382600"),
        Column("latitude", "纬度", "Latitude", DECIMAL, unit="°", minimum=-90, maximum=90, example="36.067100"),
        Column("capacity", "容量", "Capacity", DECIMAL, minimum=0, maximum=1e12, example="64"),
        Column("in_use", "已用", "In use", DECIMAL, minimum=0, maximum=1e12, example="41"),
        Column("unit", "单位", "Unit", TEXT, max_length=20, example="端口"),
        Column("measured_on", "盘点日", "Measured on", DATE, future=False, example="2026-10-31"),
    ),
    key=("resource_code",),
    about_zh="楼宇、园区、光缆与端口的容量。", about_en="Capacity of buildings, parks, fibre and ports.",
)  # fmt: skip

FACT_TABLES = (
    USAGE_EVENTS, USAGE_MONTH, BILLS, PAYMENTS, COSTS, COMPLAINTS, VISITS, ORDERS, NETWORK_RESOURCES,
)  # fmt: skip
