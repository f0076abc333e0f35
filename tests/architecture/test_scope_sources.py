"""Nobody reads scoped rows past the two doors: a check of the sources, with its own good and bad lines.

Scope is safe only if plain managers are named nowhere. Django offers many ways to them; each way is refused here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from zhike.core.scope import ScopedManager

ROOT = Path(__file__).parents[2] / "src" / "zhike"
SOURCES = sorted(
    path for path in ROOT.rglob("*.py") if not {"migrations", "tests", "settings"} & set(path.relative_to(ROOT).parts)
)

# Modules whose business is reading and writing rows; the part of the name before a further word counts (queries_list).
DOORS = ("queries", "actions", "seeds", "loading")
# Further modules that need the doors, each with its reason. An entry that is no longer needed fails the test.
EXCEPTIONS = {
    "people/actors.py": "builds the actor: nobody is known before it",
    "customers/apps.py": "names the memberships that scope is made of",
    "facts/figures.py": "asks the archive for the actor before it opens the lake",
}

SCOPED: dict[str, type[Model]] = {
    model.__name__: model for model in apps.get_models() if isinstance(getattr(model, "objects", None), ScopedManager)
}
READS = frozenset(
    {"all", "filter", "get", "exclude", "first", "last", "count", "exists", "values", "values_list", "order_by"}
    | {"select_related", "prefetch_related", "iterator", "aggregate", "annotate", "latest", "earliest", "in_bulk"}
    | {"only", "defer", "distinct", "update", "delete"}
)


def sideways() -> frozenset[str]:
    """Return the reverse accessors that lead to scoped rows, e.g. ``region.accounts`` or ``account.branches``.

    From an account to its own children is no way round scope: a child is visible exactly when its account is. Another
    account is no child.
    """
    found: set[str | None] = set()
    for model in apps.get_models():
        for relation in model._meta.related_objects:
            child = (
                model is SCOPED["Account"] and relation.related_model is not model and relation.field.name == "account"
            )
            if relation.multiple and relation.related_model in SCOPED.values() and not child:
                found.add(relation.get_accessor_name())
    return frozenset(name for name in found if name)


SIDEWAYS = sideways()


@dataclass(frozen=True)
class Finding:
    """One line that goes past the doors."""

    line: int
    why: str


def is_door(path: str) -> bool:
    """Return whether a module may name `objects` of scoped models."""
    parts = Path(path).with_suffix("").parts
    return any(part in DOORS or part.split("_")[0] in DOORS for part in parts[1:])


def findings(source: str, path: str) -> Iterator[Finding]:
    """Yield what is wrong with a module."""
    models_file = Path(path).name == "models.py" or Path(path).parent.name == "models"
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="objects") if name in SCOPED and not is_door(path):
                yield Finding(node.lineno, f"{name}.objects outside queries, actions, seeds and loading")
            case ast.Attribute(attr="plain" | "_default_manager" | "_base_manager" as attr) if not models_file:
                yield Finding(node.lineno, f".{attr} is unscoped")
            case ast.Call(func=ast.Name(id="get_object_or_404" | "get_list_or_404" as short), args=[first, *_]) if (
                isinstance(first, ast.Name) and first.id in SCOPED
            ):
                yield Finding(node.lineno, f"{short}({first.id}) reads unscoped")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=accessor), attr=read)) if (
                accessor in SIDEWAYS and read in READS and accessor != "objects"
            ):
                yield Finding(node.lineno, f".{accessor}.{read}() reads unscoped")
            case ast.Attribute(attr="ModelForm" | "ModelChoiceField" | "ModelMultipleChoiceField" as attr):
                yield Finding(node.lineno, f"{attr} takes its choices from a plain manager, not from a query")
            case ast.Attribute(attr="raw" | "extra", value=ast.Attribute(attr="objects")):
                yield Finding(node.lineno, "raw SQL through a manager goes past scope")
            case ast.ImportFrom(module=str(module), names=names) if module.endswith(".models") and (
                module.startswith("zhike.")
            ):
                if Path(path).name.startswith(("views", "jobs")):
                    yield Finding(node.lineno, "views and jobs call queries and actions, never models")
                for one in names:
                    if one.name in SCOPED and one.asname:
                        yield Finding(node.lineno, f"call {one.name} by its name, or this check cannot see it")
            case ast.ImportFrom(module=str(module)) | ast.Import(names=[ast.alias(name=module)]) if module.startswith(
                "django.contrib.admin"
            ):
                yield Finding(node.lineno, "there is no Django admin")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_reads_through_the_doors(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    found = list(findings(path.read_text(encoding="utf-8"), name))
    if name in EXCEPTIONS:
        assert found, f"{name} needs no exception any more: {EXCEPTIONS[name]}"
        return
    assert not found, "; ".join(f"line {one.line}: {one.why}" for one in found)


def test_exceptions_name_modules_that_exist() -> None:
    assert set(EXCEPTIONS) <= {str(path.relative_to(ROOT)) for path in SOURCES}


def test_no_admin_is_installed() -> None:
    assert not [name for name in settings.INSTALLED_APPS if name.startswith("django.contrib.admin")]


def test_models_that_hang_on_an_account_or_a_person_are_scoped() -> None:
    """A new table of the archive cannot forget its manager."""
    account = SCOPED["Account"]
    forgotten = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("zhike.")
        and model.__name__ not in SCOPED
        and any(
            field.is_relation and field.concrete and field.related_model is account
            for field in model._meta.get_fields()
        )
    ]
    assert not forgotten, "carry ScopedManager as `objects`"


GOOD = [
    ("people/queries.py", "Staff.objects.for_actor(actor)"),
    ("facts/loading/accounts.py", "Account.objects.unscoped(reason='set-based load')"),
    ("customers/queries_tree.py", "Account.objects.for_actor(actor)"),
    ("people/views.py", "User.objects.get(pk=1)"),
    ("customers/models.py", "plain = models.Manager(); default = Account._default_manager"),
    ("customers/queries.py", "account.team_memberships.filter(valid_to=None)"),
    ("people/forms.py", "forms.ChoiceField(choices=[])"),
]
BAD = [
    ("people/views.py", "Staff.objects.for_actor(actor)"),
    ("workbench/views.py", "Account.objects.unscoped(reason='a short cut')"),
    ("customers/queries.py", "Account.plain.all()"),
    ("customers/actions.py", "Account._default_manager.get(pk=1)"),
    ("customers/views.py", "get_object_or_404(Account, pk=1)"),
    ("people/queries.py", "region.staff.all()"),
    ("customers/queries.py", "region.accounts.filter(tier='A1')"),
    ("customers/queries.py", "account.branches.all()"),
    ("customers/forms.py", "forms.ModelChoiceField(queryset=None)"),
    ("customers/views.py", "from zhike.customers.models import Account"),
    ("customers/queries.py", "from zhike.customers.models import Account as A"),
    ("customers/admin.py", "from django.contrib.admin import site"),
    ("customers/admin.py", "import django.contrib.admin"),
    ("customers/queries.py", "Account.objects.raw('SELECT 1')"),
]


@pytest.mark.parametrize(("path", "line"), GOOD)
def test_the_check_lets_good_lines_pass(path: str, line: str) -> None:
    assert list(findings(line, path)) == []


@pytest.mark.parametrize(("path", "line"), BAD)
def test_the_check_catches_bad_lines(path: str, line: str) -> None:
    assert list(findings(line, path))
