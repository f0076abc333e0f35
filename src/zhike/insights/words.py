"""Codes of the cycle's results with their names in both languages. Owns values only; refuses to read any."""

from __future__ import annotations

from zhike_analytics.contracts.codes import Choices
from zhike_analytics.contracts.policies_decisions import RULES

UNKNOWN = "unknown"
"""How addresses write a quadrant that is empty: value or loyalty could not be known."""
QUADRANT: Choices = {
    "keep": ("保有", "Keep"),
    "win": ("策反", "Win over"),
    "deepen": ("深耕", "Deepen"),
    "nurture": ("培育", "Nurture"),
}
"""Valuable and loyal; valuable, not loyal; loyal, not valuable; neither."""
QUADRANT_CHOICE: Choices = {**QUADRANT, UNKNOWN: ("未知", "Unknown")}
MOVED: Choices = {
    "up": ("升级", "Moved up"),
    "down": ("降级", "Moved down"),
    "first": ("首次定级", "First tier"),
}
"""How a tier moved since the end of the month before."""
ALERT_LEVEL: Choices = {"red": ("红色", "Red"), "yellow": ("黄色", "Yellow")}
LEVEL_NUMBER = {"red": 2, "yellow": 1}
ALERT_RULE: Choices = {name: (rule.zh, rule.en) for name, rule in RULES.items()}
