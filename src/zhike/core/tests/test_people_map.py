"""The map of people in a real browser: round spots, names whole, no label over another or over the edge."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.browser import browser_page

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[1] / "static"
ROLES = [
    ("董事长", "decides"), ("信息总监 · 尚无联系", "decides"), ("采购经理", "influences"), ("财务主管", "influences"),
    ("信息部经理", "influences"), ("办公室主任", "other"), ("网络主管", "uses"), ("运维工程师", "uses"),
]  # fmt: skip
NAMES = ["裴正山", "顾砚秋", "冯玉衡", "宋以宁", "尹澄", "欧阳清越", "卢野", "潘清亦"]
BOXES = """
() => Array.from(document.querySelectorAll('#map svg text')).map(one => {
  const box = one.getBoundingClientRect(), frame = document.getElementById('map').getBoundingClientRect();
  return { text: one.textContent, x: box.x - frame.x, y: box.y - frame.y, w: box.width, h: box.height };
})
"""
SPOTS = """
() => Array.from(document.querySelectorAll('#map svg path'))
  .filter(one => one.getAttribute('d').startsWith('M1 0A1 1')).map(one => one.getBoundingClientRect())
  .filter(box => box.width > 2).map(box => [box.width, box.height])
"""


def crowd(count: int) -> dict[str, Any]:
    """Return a map of so many people at the account, all reporting to the first, and two of ours."""
    theirs = [
        {"id": f"c{n}", "name": NAMES[n], "role": ROLES[n][0], "kind": ROLES[n][1], "gap": n == 1} for n in range(count)
    ]
    ours = [
        {"id": "s1", "name": "沈知远", "role": "首席客户经理", "kind": "ours"},
        {"id": "s2", "name": "陆见微", "role": "后备客户经理", "kind": "ours"},
    ]
    ties = [{"from": "s1", "to": one["id"], "strength": 3, "kind": "tie"} for one in theirs]
    ties += [{"from": one["id"], "to": "c0", "strength": 1, "kind": "reports"} for one in theirs[1:]]
    return {"nodes": [*ours, *theirs], "ties": ties}


def meet(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two boxes cover each other by more than a hair."""
    across = min(one["x"] + one["w"], other["x"] + other["w"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["h"], other["y"] + other["h"]) - max(one["y"], other["y"])
    return across > 1.5 and down > 3  # a line of text is taller than its letters


@pytest.mark.parametrize(("width", "height"), [(764, 280), (764, 340), (358, 340)])
@pytest.mark.parametrize("count", [1, 3, 6, 8])
def test_every_name_is_whole_and_touches_nothing(width: int, height: int, count: int) -> None:
    data = crowd(count)
    with browser_page() as page:
        page.set_content(
            f'<div id="map" data-chart="people" style="width:{width}px;height:{height}px"></div>'
            f'<script type="application/json">{json.dumps(data)}</script>'
        )
        page.add_style_tag(path=STATIC / "zhike" / "zhike.css")
        page.add_script_tag(path=STATIC / "vendor" / "echarts.min.js")
        page.add_script_tag(path=STATIC / "zhike" / "charts.js")
        page.evaluate("zk.drawAll(document)")
        boxes, spots = page.evaluate(BOXES), page.evaluate(SPOTS)
    texts = [box["text"] for box in boxes]
    assert [node["name"] for node in data["nodes"] if node["name"] not in texts] == []
    beyond = [
        box["text"] for box in boxes if box["x"] < 0 or box["x"] + box["w"] > width or box["y"] + box["h"] > height
    ]
    assert beyond == []
    over = [(a["text"], b["text"]) for a, b in itertools.combinations(boxes, 2) if meet(a, b)]
    assert over == []
    assert len(spots) >= count
    assert all(abs(across - down) < 1 for across, down in spots), "spots are circles"
