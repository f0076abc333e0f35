"""Foreign keys point down or sideways in the house, never up: import-linter cannot see them, the model registry can."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).parents[2]
MODELS = [model for model in apps.get_models() if model.__module__.startswith("zhike.")]


def floors() -> dict[str, int]:
    """Return each room's floor, counted from the ground, as the import contract declares it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["name"] == "Floors of the system")
    return {
        room.strip().removeprefix("zhike."): floor
        for floor, rooms in enumerate(reversed(layers))
        for room in re.split(r"[|:]", rooms)
    }


def room_of(model: type[Model]) -> str:
    """Return the room that owns a model, empty for models that are not ours."""
    module = model.__module__.split(".")
    return module[1] if module[0] == "zhike" else ""


def keys_upward(model: type[Model], order: dict[str, int]) -> list[str]:
    """Return the foreign keys of a model that point to a higher floor."""
    own = order[room_of(model)]
    return [
        f"{model.__name__}.{field.name} points up to {room_of(field.related_model)}"
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and isinstance(field.related_model, type)
        and room_of(field.related_model)
        and order[room_of(field.related_model)] > own
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{room_of(model)}.{model.__name__}")
def test_foreign_keys_follow_the_floors(model: type[Model]) -> None:
    order = floors()
    assert room_of(model) in order, f"the room {room_of(model)} has no floor in pyproject.toml"
    assert keys_upward(model, order) == []


def test_the_check_sees_a_key_that_points_up() -> None:
    from zhike.customers.models import Account

    assert keys_upward(Account, {**floors(), "people": 99}) == ["Account.region points up to people"]


def test_nothing_that_points_at_an_account_cascades() -> None:
    from zhike.customers.models import Account

    guilty = [
        str(relation.field)
        for relation in Account._meta.related_objects
        if relation.on_delete is not None and relation.on_delete.__name__ == "CASCADE"
    ]
    assert not guilty, "accounts close or merge; nothing may vanish with them"
