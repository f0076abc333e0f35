"""Declarations of the archive's tables: things that have one row each. Refuses facts of months and events."""

from __future__ import annotations

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.columns import Column, ColumnType, Table, TableKind

CODE, TEXT, INTEGER = ColumnType.CODE, ColumnType.TEXT, ColumnType.INTEGER
DECIMAL, MONEY, DATE = ColumnType.DECIMAL, ColumnType.MONEY, ColumnType.DATE
BOOLEAN, ENUM = ColumnType.BOOLEAN, ColumnType.ENUM
ARCHIVE = TableKind.ARCHIVE


def account_reference(example: str = "G3700012345") -> Column:
    """Return the column by which a row belongs to an account."""
    return Column(
        "account_code", "客户编码", "Account code", CODE, required=True, max_length=40,
        references="accounts.account_code", example=example,
    )  # fmt: skip


BUSINESS_CLASS = Column(
    "business_class", "业务大类", "Business class", ENUM, required=True, choices=codes.BUSINESS_CLASS,
    example="communication",
)  # fmt: skip

STAFF = Table(
    "staff", "员工", "Staff", ARCHIVE,
    (
        Column("staff_code", "工号", "Staff code", CODE, required=True, max_length=40, example="M0042"),
        Column("name", "姓名", "Name", TEXT, required=True, max_length=60, example="沈知远"),
        Column("role", "角色", "Role", ENUM, required=True, choices=codes.STAFF_ROLE, example="manager"),
        Column("region_code", "区域编码", "Region code", CODE, max_length=40, example="370203"),
        Column("region_name", "区域名称", "Region name", TEXT, max_length=60, example="临港区"),
        Column("parent_region_code", "上级区域编码", "Parent region code", CODE, max_length=40, example="3702"),
        Column("team_code", "班组编码", "Team code", CODE, max_length=40, example="LG-1"),
        Column("team_name", "班组名称", "Team name", TEXT, max_length=60, example="临港组"),
        Column("mobile", "手机", "Mobile", CODE, max_length=30, personal=True, example="13800001234"),
        Column("email", "邮箱", "E-mail", CODE, max_length=120, personal=True, example="shen@example.com"),
        Column("active", "在岗", "Active", BOOLEAN, example="是"),
    ),
    key=("staff_code",),
    about_zh="客户经理与后台人员，连同其区域与班组。", about_en="Managers and desks, with their region and team.",
)  # fmt: skip

ACCOUNTS = Table(
    "accounts", "客户", "Accounts", ARCHIVE,
    (
        Column("account_code", "客户编码", "Account code", CODE, required=True, max_length=40, example="G3700012345"),
        Column("name", "名称", "Name", TEXT, required=True, max_length=160, example="临州衡岱装备集团有限公司"),
        Column("short_name", "简称", "Short name", TEXT, max_length=60, example="衡岱装备"),
        Column("credit_code", "统一社会信用代码", "Unified social credit code", CODE, max_length=18,
               pattern="[0-9A-HJ-NPQRTUWXY]{18}", example="91370200MA3C7P2X5K"),
        Column("parent_code", "上级客户编码", "Parent account code", CODE, max_length=40,
               references="accounts.account_code", example="G3700010001"),
        Column("group_kind", "集团层级", "Place in group", ENUM, choices=codes.GROUP_KIND, example="headquarters"),
        Column("industry", "行业大类", "Industry", TEXT, max_length=60, example="装备制造"),
        Column("industry_section", "行业门类", "Industry section", TEXT, max_length=60, example="制造业"),
        Column("ownership", "单位性质", "Ownership", ENUM, choices=codes.OWNERSHIP, example="enterprise"),
        Column("size", "规模", "Size", ENUM, choices=codes.SIZE, example="large"),
        Column("scope", "范围", "Scope", ENUM, choices=codes.SCOPE, example="national"),
        Column("lifecycle", "在网状态", "Lifecycle", ENUM, choices=codes.LIFECYCLE, example="active"),
        Column("tier", "集团级别", "Tier", ENUM, choices=codes.TIER, example="A2"),
        Column("service_level", "客户服务等级", "Service level", ENUM, choices=codes.SERVICE_LEVEL, example="gold"),
        Column("assurance_level", "业务保障等级", "Assurance level", ENUM, choices=codes.ASSURANCE_LEVEL,
               example="AA"),
        Column("credit_rating", "信用级别", "Credit rating", ENUM, choices=codes.CREDIT_RATING, example="A"),
        Column("region_code", "区域编码", "Region code", CODE, required=True, max_length=40, example="370203"),
        Column("region_name", "区域名称", "Region name", TEXT, max_length=60, example="临港区"),
        Column("manager_code", "首席客户经理工号", "Lead manager's staff code", CODE, max_length=40, example="M0042"),
        Column("backup_code", "后备客户经理工号", "Back-up manager's staff code", CODE, max_length=40,
               example="M0043"),
        Column("employees", "员工数", "Employees", INTEGER, unit="人", minimum=0, maximum=5_000_000, example="2340"),
        Column("annual_revenue", "年营业额", "Annual revenue", MONEY, unit="元", minimum=0, maximum=1e13,
               example="860000000.00"),
        Column("registered_capital", "注册资本", "Registered capital", MONEY, unit="元", minimum=0, maximum=1e13,
               example="50000000.00"),
        Column("legal_representative", "法人代表", "Legal representative", TEXT, max_length=60, personal=True,
               example="裴正山"),
        Column("address", "地址", "Address", TEXT, max_length=300, example="临港区海港路 88 号"),
        Column("since", "入网日期", "Customer since", DATE, future=False, example="2017-05-01"),
        Column("network_situation", "网络与服务现状", "Network and service situation", TEXT, max_length=2000,
               example="双厂区，各一条专线，单路由"),
        Column("innovation_goals", "技术创新目标", "Technology-innovation goals", TEXT, max_length=2000,
               example="焊装车间 5G 专网"),
        Column("decision_process", "决策过程", "Decision process", TEXT, max_length=2000,
               example="信息部提方案 → 采购比价 → 董事长拍板，年底定预算"),
        Column("latent_needs", "潜在需求", "Latent needs", TEXT, max_length=2000, example="双路由、等保整改"),
        Column("background", "背景", "Background", TEXT, max_length=2000, example="装备产业集群龙头，带动 41 家供应商"),
        Column("service_preference", "服务偏好", "Service preference", TEXT, max_length=500,
               example="求稳、重细节，要书面方案"),
        Column("strategic", "战略客户", "Strategic account", BOOLEAN, example="否"),
    ),
    key=("account_code",),
    about_zh="客户档案：身份、集团树、区域、责任人与六件必知的事。",
    about_en="The archive: identity, group tree, region, owner and the six things one must know.",
)  # fmt: skip

SITES = Table(
    "sites", "场所", "Sites", ARCHIVE,
    (
        account_reference(),
        Column("site_code", "场所编码", "Site code", CODE, required=True, max_length=40, example="S001"),
        Column("name", "名称", "Name", TEXT, required=True, max_length=120, example="临港厂区"),
        Column("address", "地址", "Address", TEXT, max_length=300, example="临港区海港路 88 号"),
        Column("longitude", "经度", "Longitude", DECIMAL, unit="°", minimum=-180, maximum=180, example="120.382600"),
        Column("latitude", "纬度", "Latitude", DECIMAL, unit="°", minimum=-90, maximum=90, example="36.067100"),
        Column("employees", "人数", "Employees", INTEGER, unit="人", minimum=0, maximum=5_000_000, example="860"),
        Column("covered", "本网资源已覆盖", "Covered by our network", BOOLEAN, example="是"),
    ),
    key=("account_code", "site_code"),
    about_zh="客户的办公与生产地点。", about_en="Where an account works.",
)  # fmt: skip

CONTACTS = Table(
    "contacts", "联系人", "Contacts", ARCHIVE,
    (
        account_reference(),
        Column("contact_code", "联系人编码", "Contact code", CODE, required=True, max_length=40, example="P001"),
        Column("name", "姓名", "Name", TEXT, required=True, max_length=60, personal=True, example="裴正山"),
        Column("title", "职务", "Title", TEXT, max_length=60, example="董事长"),
        Column("department", "部门", "Department", TEXT, max_length=60, example="董事会"),
        Column("decision_role", "决策角色", "Role in decisions", ENUM, choices=codes.DECISION_ROLE,
               example="decides"),
        Column("mobile", "手机", "Mobile", CODE, max_length=30, personal=True, example="13800001234"),
        Column("phone", "座机", "Phone", CODE, max_length=30, personal=True, example="0532-88880000"),
        Column("email", "邮箱", "E-mail", CODE, max_length=120, personal=True, example="pei@example.com"),
        Column("wechat", "微信", "WeChat", CODE, max_length=60, personal=True, example="pei_zs"),
        Column("reports_to", "上级联系人编码", "Reports to (contact code)", CODE, max_length=40, example="P000"),
        Column("traits", "性格与偏好", "Traits that matter to service", TEXT, max_length=500,
               example="追求完美、细心"),
        Column("birthday", "生日", "Birthday", DATE, future=False, personal=True, example="1970-03-05"),
        Column("tie_staff_code", "关系人工号", "Our relationship owner", CODE, max_length=40, example="M0042"),
        Column("tie_strength", "关系强度", "Strength of the tie", INTEGER, minimum=0, maximum=5, example="4",
               note_zh="0 尚无联系，5 非常熟悉", note_en="0 no contact yet, 5 very close"),
        Column("last_met", "上次会面", "Last met", DATE, future=False, example="2026-09-12"),
        Column("consent", "同意营销联系", "Consents to marketing", BOOLEAN, example="是"),
    ),
    key=("account_code", "contact_code"),
    about_zh="谁说了算、谁影响、谁使用，以及我方与其关系。",
    about_en="Who decides, influences and uses, and our tie to them.",
)  # fmt: skip

PRODUCTS = Table(
    "products", "产品", "Products", ARCHIVE,
    (
        Column("product_code", "产品编码", "Product code", CODE, required=True, max_length=40, example="dia-100m"),
        Column("name", "名称", "Name", TEXT, required=True, max_length=120, example="互联网专线 100M"),
        Column("name_en", "英文名称", "English name", TEXT, max_length=120, example="Dedicated internet 100M"),
        BUSINESS_CLASS,
        Column("charging", "计费方式", "Charging", ENUM, required=True, choices=codes.CHARGING, example="bandwidth"),
        Column("unit", "计量单位", "Unit", TEXT, max_length=20, example="条"),
        Column("list_price", "目录价", "List price", MONEY, unit="元/月", minimum=0, maximum=1e9, example="3000.00"),
        Column("floor_price", "底价", "Floor price", MONEY, unit="元/月", minimum=0, maximum=1e9, example="800.00"),
        Column("cost_percent", "成本率", "Cost share", DECIMAL, unit="%", minimum=0, maximum=100, example="45"),
        Column("core", "核心产品", "Core product", BOOLEAN, example="是"),
        Column("valid_from", "生效日", "Valid from", DATE, example="2024-01-01"),
        Column("valid_to", "失效日", "Valid to", DATE, example=""),
    ),
    key=("product_code",),
    about_zh="三大类产品目录。", about_en="The catalogue in three classes.",
)  # fmt: skip

CONTRACTS = Table(
    "contracts", "合同", "Contracts", ARCHIVE,
    (
        account_reference(),
        Column("contract_code", "合同编号", "Contract code", CODE, required=True, max_length=60,
               example="HT-2025-0188"),
        Column("title", "名称", "Title", TEXT, max_length=160, example="专线及语音综合服务"),
        Column("signed_on", "签订日", "Signed on", DATE, future=False, example="2024-12-20"),
        Column("starts_on", "起始日", "Starts on", DATE, required=True, example="2025-01-01"),
        Column("ends_on", "到期日", "Ends on", DATE, example="2026-12-31"),
        Column("monthly_minimum", "保底月消费", "Monthly minimum", MONEY, unit="元", minimum=0, maximum=1e9,
               example="30000.00"),
        Column("termination_charge", "违约金", "Termination charge", MONEY, unit="元", minimum=0, maximum=1e10,
               example="120000.00"),
        Column("auto_renew", "自动续约", "Renews by itself", BOOLEAN, example="否"),
    ),
    key=("account_code", "contract_code"),
    about_zh="与客户签订的合同及期限。", about_en="Contracts and their terms.",
)  # fmt: skip

SUBSCRIPTIONS = Table(
    "subscriptions", "在用产品", "Subscriptions", ARCHIVE,
    (
        account_reference(),
        Column("subscription_code", "用户编码", "Subscription code", CODE, required=True, max_length=60,
               example="ZX-53200881"),
        Column("product_code", "产品编码", "Product code", CODE, required=True, max_length=40,
               references="products.product_code", example="dia-500m"),
        Column("site_code", "场所编码", "Site code", CODE, max_length=40, example="S001"),
        Column("contract_code", "合同编号", "Contract code", CODE, max_length=60, example="HT-2025-0188"),
        Column("bundle", "融合套餐", "Bundle", TEXT, max_length=80, example="豪华型"),
        Column("quantity", "规模", "Quantity", DECIMAL, minimum=0, maximum=1e9, example="2"),
        Column("unit", "单位", "Unit", TEXT, max_length=20, example="条"),
        Column("monthly_fee", "月费", "Monthly fee", MONEY, unit="元", minimum=0, maximum=1e9, example="19600.00"),
        Column("starts_on", "起始日", "Starts on", DATE, example="2025-01-01"),
        Column("ends_on", "到期日", "Ends on", DATE, example="2026-12-31"),
        Column("status", "状态", "Status", ENUM, choices=codes.HOLDING_STATUS, example="active"),
    ),
    key=("account_code", "subscription_code"),
    about_zh="客户在用的我方产品，含套餐与合同。", about_en="What the account uses of ours.",
)  # fmt: skip

MEMBER_LINES = Table(
    "member_lines", "成员号码", "Member lines", ARCHIVE,
    (
        account_reference(),
        Column("number", "号码", "Number", CODE, required=True, max_length=30, personal=True, example="13800001234"),
        Column("member_name", "成员姓名", "Member", TEXT, max_length=60, personal=True, example="李明"),
        Column("department", "部门", "Department", TEXT, max_length=60, example="采购部"),
        Column("plan", "套餐", "Plan", TEXT, max_length=80, example="企业手机套餐 99"),
        Column("paid_by", "付费方", "Paid by", ENUM,
               choices={"group": ("统付", "The account"), "person": ("个人", "The member")}, example="group"),
        Column("monthly_fee", "月费", "Monthly fee", MONEY, unit="元", minimum=0, maximum=1e6, example="99.00"),
        Column("joined_on", "入网日", "Joined on", DATE, future=False, example="2022-03-01"),
        Column("left_on", "离网日", "Left on", DATE, example=""),
        Column("status", "状态", "Status", ENUM, choices=codes.LINE_STATUS, example="active"),
    ),
    key=("account_code", "number"),
    about_zh="员工号码，作为客户的成员；个人与集团付费分开。",
    about_en="Employees' lines as members of the account; personal and group use kept apart.",
)  # fmt: skip

COMPETITOR_HOLDINGS = Table(
    "competitor_holdings", "异网业务", "Competitor holdings", ARCHIVE,
    (
        account_reference(),
        Column("holding_code", "记录编码", "Record code", CODE, required=True, max_length=60, example="Y-0001"),
        BUSINESS_CLASS,
        Column("operator", "异网运营商", "Operator", ENUM, required=True, choices=codes.OPERATOR, example="telecom"),
        Column("product", "产品", "Product", TEXT, required=True, max_length=120, example="互联网专线 1000M"),
        Column("quantity", "规模", "Quantity", DECIMAL, minimum=0, maximum=1e9, example="1"),
        Column("unit", "单位", "Unit", TEXT, max_length=20, example="条"),
        Column("monthly_fee", "月费", "Monthly fee", MONEY, unit="元", minimum=0, maximum=1e9, example="14500.00"),
        Column("fee_estimated", "月费为估计", "Fee is an estimate", BOOLEAN, example="否"),
        Column("ends_on", "到期日", "Ends on", DATE, example="2027-01-15"),
        Column("source", "来源", "Source", TEXT, max_length=120, example="采购转述"),
        Column("seen_on", "获知日", "Seen on", DATE, future=False, example="2026-11-12"),
        Column("confidence", "可信", "Confidence", ENUM, choices=codes.CONFIDENCE, example="high"),
    ),
    key=("account_code", "holding_code"),
    about_zh="客户在用的异网产品，与我方同样的形状，另记来源与可信度。",
    about_en="What the account uses of competitors, in the same shape, with source and confidence.",
)  # fmt: skip

SUPPLY_LINKS = Table(
    "supply_links", "供应关系", "Supply links", ARCHIVE,
    (
        Column("supplier_code", "供应方编码", "Supplier's account code", CODE, max_length=40,
               references="accounts.account_code", example="G3700012001"),
        Column("supplier_name", "供应方名称", "Supplier's name", TEXT, required=True, max_length=160,
               example="钧石新材料有限公司"),
        Column("buyer_code", "采购方编码", "Buyer's account code", CODE, required=True, max_length=40,
               references="accounts.account_code", example="G3700012345"),
        Column("goods", "物料", "Goods", TEXT, max_length=120, example="特种钢材"),
        Column("annual_amount", "年交易额", "Yearly amount", MONEY, unit="元", minimum=0, maximum=1e13,
               example="12000000.00"),
        Column("source", "来源", "Source", TEXT, max_length=120, example="产业集群调研"),
        Column("seen_on", "获知日", "Seen on", DATE, future=False, example="2026-05-20"),
    ),
    key=("buyer_code", "supplier_name"),
    about_zh="谁供应谁；供应方可以还不是客户。", about_en="Who supplies whom; a supplier need not be a customer yet.",
)  # fmt: skip

ASSOCIATIONS = Table(
    "associations", "协会", "Associations", ARCHIVE,
    (
        account_reference(),
        Column("association", "协会", "Association", TEXT, required=True, max_length=120, example="临州装备工业协会"),
        Column("member_role", "身份", "Role", ENUM, choices=codes.ASSOCIATION_ROLE, example="vice_chair"),
        Column("joined_on", "加入日", "Joined on", DATE, future=False, example="2019-06-01"),
    ),
    key=("account_code", "association"),
    about_zh="客户所属的行业协会。", about_en="Which associations an account belongs to.",
)  # fmt: skip

ARCHIVE_TABLES = (
    STAFF, ACCOUNTS, SITES, CONTACTS, PRODUCTS, CONTRACTS, SUBSCRIPTIONS, MEMBER_LINES, COMPETITOR_HOLDINGS,
    SUPPLY_LINKS, ASSOCIATIONS,
)  # fmt: skip
