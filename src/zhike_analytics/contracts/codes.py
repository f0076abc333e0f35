"""Code lists of the field with their names in both languages. Owns values only; sources are in docs/domain.md."""

from __future__ import annotations

Choices = dict[str, tuple[str, str]]

BUSINESS_CLASS: Choices = {
    "communication": ("通信业务", "Communication"),
    "industry": ("行业应用", "Industry applications"),
    "support": ("服务支持", "Service support"),
}
"""The three business classes in which our services and competitors' are held in the same shape."""

OWNERSHIP: Choices = {
    "military": ("军队", "Military"),
    "government": ("政府机关", "Government body"),
    "institution": ("事业单位", "Public institution"),
    "enterprise": ("企业", "Enterprise"),
    "association": ("社会团体", "Social organisation"),
}
SIZE: Choices = {
    "huge": ("特大", "Very large"),
    "large": ("大型", "Large"),
    "medium": ("中型", "Medium"),
    "small": ("小微", "Small or micro"),
}
SCOPE: Choices = {
    "multinational": ("跨国", "Multinational"),
    "national": ("跨省", "Multi-province"),
    "provincial": ("跨市", "Multi-city"),
    "local": ("本地", "Local"),
}
LIFECYCLE: Choices = {
    "prospect": ("潜在", "Prospect"),
    "active": ("在网", "Active"),
    "silent": ("沉默", "Dormant"),
    "left": ("离网", "Left"),
}
TIER: Choices = {
    "A1": ("A1", "A1"),
    "A2": ("A2", "A2"),
    "B1": ("B1", "B1"),
    "B2": ("B2", "B2"),
    "C": ("C", "C"),
    "D": ("D", "D"),
}
SERVICE_LEVEL: Choices = {
    "diamond": ("钻石", "Diamond"),
    "gold": ("金", "Gold"),
    "silver": ("银", "Silver"),
    "bronze": ("铜", "Bronze"),
    "standard": ("标准", "Standard"),
}
ASSURANCE_LEVEL: Choices = {
    "AAA": ("AAA", "AAA"),
    "AA": ("AA", "AA"),
    "A": ("A", "A"),
    "normal": ("普通", "Normal"),
}
CREDIT_RATING: Choices = {
    "A": ("甲级", "Class A"),
    "B": ("乙级", "Class B"),
    "C": ("丙级", "Class C"),
    "D": ("丁级", "Class D"),
}
DECISION_ROLE: Choices = {
    "decides": ("拍板", "Decides"),
    "influences": ("影响", "Influences"),
    "uses": ("使用", "Uses"),
    "handles": ("经办", "Handles"),
}
GROUP_KIND: Choices = {
    "headquarters": ("总部", "Headquarters"),
    "branch": ("分支机构", "Branch"),
    "single": ("单一机构", "Single organisation"),
}
HOLDING_STATUS: Choices = {
    "active": ("在用", "In use"),
    "suspended": ("停机", "Suspended"),
    "ended": ("已拆", "Ended"),
}
LINE_STATUS: Choices = {
    "active": ("在网", "Active"),
    "suspended": ("停机", "Suspended"),
    "ported_out": ("携出", "Ported out"),
    "left": ("离网", "Left"),
}
CONFIDENCE: Choices = {
    "high": ("高", "High"),
    "medium": ("中", "Medium"),
    "low": ("低", "Low"),
}
OPERATOR: Choices = {
    "mobile": ("移动", "China Mobile"),
    "telecom": ("电信", "China Telecom"),
    "unicom": ("联通", "China Unicom"),
    "broadnet": ("广电", "China Broadnet"),
    "other": ("其他", "Other"),
    "unknown": ("不详", "Unknown"),
}
USAGE_SERVICE: Choices = {
    "voice_local": ("本地通话", "Local voice"),
    "voice_domestic": ("国内长途", "Domestic long distance"),
    "voice_international": ("国际长途", "International"),
    "data": ("数据流量", "Data"),
    "message": ("短信", "Messages"),
    "iot": ("物联网", "IoT"),
    "line": ("专线", "Leased line"),
}
DIRECTION: Choices = {"out": ("主叫", "Outgoing"), "in": ("被叫", "Incoming"), "none": ("不分", "Not applicable")}
PAYMENT_METHOD: Choices = {
    "transfer": ("银行转账", "Bank transfer"),
    "debit": ("银行托收", "Direct debit"),
    "cash": ("现金", "Cash"),
    "cheque": ("支票", "Cheque"),
    "online": ("网上缴费", "Online"),
    "credit_card": ("信用卡", "Credit card"),
    "other": ("其他", "Other"),
}
COST_KIND: Choices = {
    "network": ("网络成本", "Network"),
    "access": ("接入与施工", "Access and construction"),
    "service": ("服务与维护", "Service and maintenance"),
    "people": ("人工", "People"),
    "marketing": ("营销", "Marketing"),
    "other": ("其他", "Other"),
}
COMPLAINT_CATEGORY: Choices = {
    "network_quality": ("网络质量", "Network quality"),
    "installation": ("开通装维", "Installation and repair"),
    "billing": ("计费账务", "Billing"),
    "tariff_contract": ("资费合同", "Tariff and contract"),
    "process": ("业务办理", "Order handling"),
    "attitude": ("服务态度", "Attitude"),
    "account_manager": ("客户经理", "Account manager"),
    "security": ("信息安全", "Information security"),
}
COMPLAINT_OUTCOME: Choices = {
    "open": ("处理中", "Open"),
    "satisfied": ("已解决，客户满意", "Resolved, satisfied"),
    "unsatisfied": ("已答复，客户不满意", "Answered, unsatisfied"),
    "escalated": ("已升级申诉", "Escalated to the regulator"),
}
VISIT_KIND: Choices = {
    "onsite": ("上门", "On site"),
    "phone": ("电话", "Phone"),
    "executive": ("高层走访", "Executive visit"),
    "joint": ("陪访", "Joint visit"),
}
ORDER_KIND: Choices = {
    "install": ("新装", "Install"),
    "move": ("移机", "Move"),
    "change": ("变更", "Change"),
    "remove": ("拆机", "Remove"),
}
ORDER_STATUS: Choices = {
    "open": ("在途", "In progress"),
    "done": ("竣工", "Completed"),
    "cancelled": ("撤单", "Cancelled"),
}
RESOURCE_KIND: Choices = {
    "building": ("楼宇", "Building"),
    "park": ("园区", "Park"),
    "fibre": ("光缆段", "Fibre section"),
    "port": ("端口", "Port"),
    "station": ("基站", "Base station"),
}
ASSOCIATION_ROLE: Choices = {
    "chair": ("会长单位", "Chair"),
    "vice_chair": ("副会长单位", "Vice chair"),
    "member": ("会员", "Member"),
}
STAFF_ROLE: Choices = {
    "manager": ("客户经理", "Account manager"),
    "team_lead": ("班组长", "Team lead"),
    "region_lead": ("区域主管", "Region lead"),
    "analyst": ("市场分析", "Market analyst"),
    "agent": ("客服", "Service agent"),
    "back_office": ("后台支撑", "Back office"),
    "auditor": ("审计员", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
}
CHARGING: Choices = {
    "rental": ("月租", "Monthly rental"),
    "usage": ("按量", "By usage"),
    "tiered": ("阶梯", "Tiered"),
    "per_member": ("按成员", "Per member"),
    "per_seat": ("按席位", "Per seat"),
    "per_device": ("按设备", "Per device"),
    "bandwidth": ("按带宽", "By bandwidth"),
    "bundle": ("套餐", "Bundle"),
    "yearly": ("包年", "Yearly"),
    "project": ("项目", "Project"),
    "per_time": ("按次", "Per time"),
}
