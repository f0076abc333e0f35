"""The browser's files: those of others are what package.json names, and a server can collect them all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from tools import vendor


def test_vendored_files_are_the_named_versions_untouched() -> None:
    assert vendor.check() == 0


def test_a_changed_vendored_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "digest", lambda path: "0" * 64)
    assert vendor.check() == 1


def test_every_vendored_package_keeps_its_licence() -> None:
    kept = {path.name.removesuffix(".LICENSE.txt") for path in vendor.VENDOR.glob("*.LICENSE.txt")}
    assert kept == {package.lstrip("@").replace("/", "-") for package in vendor.named_versions()}


def test_a_server_collects_the_files_under_names_that_carry_their_content(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
    names = {path.name.split(".")[0] for path in (tmp_path / "zhike").glob("*.*.*")}
    assert {"app", "charts", "lists", "zhike", "icons"} <= names


def test_no_file_of_ours_outgrows_its_idea() -> None:
    ours = vendor.SPRITE.parent
    long = [
        path.name for path in [*ours.glob("*.js"), *ours.glob("*.css")] if path.read_text("utf-8").count("\n") > 500
    ]
    assert not long, "more than 500 lines: split it by idea"
