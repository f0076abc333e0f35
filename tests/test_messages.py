"""The English texts are complete, and the tool that says so sees what is missing."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest
from tools import messages

from zhike.core import translations

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext

one = _("客户")
many = ngettext("%(n)d 户", "%(n)d 户", 3)
level = pgettext("合同", "等级")
"""
TEMPLATE = """{% load i18n %}
    <h1>{% translate "等级" %}</h1>
  <p title="{% translate '占 10%' %}">
    {% blocktranslate count n=rows %}{{ n }} 行{% plural %}{{ n }} 行{% endblocktranslate %}</p>
        {{ value|default:_("没有") }}
"""
ENGLISH = {
    "客户": "Accounts",
    "等级": "Tier",
    "占 10%%": "10%%",
    "没有": "none",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room/templates/room").mkdir(parents=True)
    (tmp_path / "room/views.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "room/templates/room/x.html").write_text(TEMPLATE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def po(package: Path) -> Path:
    return package / "locale/en/LC_MESSAGES/django.po"


def complete(package: Path, po: Path) -> None:
    catalogue = messages.renewed(package, po)
    for message in messages.messages(catalogue):
        context, text = messages.key_of(message)
        if isinstance(message.id, tuple):
            message.string = (
                tuple("%(n)d account" + ("s" if form else "") for form in range(2))
                if "户" in text
                else (
                    "%(n)s row",
                    "%(n)s rows",
                )
            )
        else:
            message.string = "Grade" if context else ENGLISH[text]
    messages.write(catalogue, po)


def test_every_text_of_zhike_has_its_english() -> None:
    po = messages.PACKAGE / "locale/en/LC_MESSAGES/django.po"
    found = messages.complaints(messages.PACKAGE, po)
    assert not found, "\n".join(found)


def test_texts_are_found_in_python_and_templates(package: Path) -> None:
    found = {messages.key_of(message) for message in messages.messages(messages.extracted(package))}
    assert found == {
        (None, "客户"),
        (None, "%(n)d 户"),
        ("合同", "等级"),
        (None, "等级"),
        (None, "占 10%%"),
        (None, "%(n)s 行"),
        (None, "没有"),
    }


def test_a_complete_catalogue_has_no_complaint(package: Path, po: Path) -> None:
    complete(package, po)
    assert messages.complaints(package, po) == []


def test_a_new_text_is_named_with_file_and_line(package: Path, po: Path) -> None:
    complete(package, po)
    views = package / "room/views.py"
    views.write_text(PYTHON + '\nnew = _("新的")\n', encoding="utf-8")
    assert messages.complaints(package, po) == ["room/views.py:8: not in django.po, run extract: '新的'"]
    messages.write(messages.renewed(package, po), po)
    assert messages.complaints(package, po) == ["room/views.py:8: no English: '新的'"]


def test_a_text_that_is_gone_is_named(package: Path, po: Path) -> None:
    complete(package, po)
    (package / "room/views.py").write_text(PYTHON.replace('_("客户")', "1"), encoding="utf-8")
    assert messages.complaints(package, po) == ["django.po: no longer used, run extract: '客户'"]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("Accounts", "Accounts（客户）", "Chinese in the English text"),
        ("%(n)d accounts", "%(m)d accounts", "placeholders differ"),
        ("%(n)s rows", "rows", "placeholders differ"),
    ],
)
def test_wrong_english_is_named(package: Path, po: Path, before: str, after: str, complaint: str) -> None:
    complete(package, po)
    po.write_text(po.read_text(encoding="utf-8").replace(f'"{before}"', f'"{after}"'), encoding="utf-8")
    assert [complaint in found for found in messages.complaints(package, po)] == [True]


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("<b>没有标记</b>", True),
        ('<b title="没有标记">x</b>', True),
        ('{% tier "A1" "钻石" %}', True),
        ('{{ value|default:"无" }}', True),
        ('{{ value|default:_("没有") }}', False),
        ("{# 注释 #}", False),
        ('<button lang="zh-CN">中文</button>', False),
        ("{% comment %}注释{% endcomment %}", False),
    ],
)
def test_chinese_that_no_translation_reaches_is_named(package: Path, line: str, seen: bool) -> None:
    (package / "room/templates/room/x.html").write_text("<p>\n" + line, encoding="utf-8")
    found = list(messages.untranslatable(package))
    assert [text.startswith("room/templates/room/x.html:2:") for text in found] == ([True] if seen else [])


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ('text = "没有标记"', True),
        ('text = f"{1} 户"', True),
        ('text = _("标记了")', False),
        ('"""说明。"""', False),
        ('text = "衡岱"  # untranslated: a name in the data', False),
    ],
)
def test_chinese_in_a_view_is_named(package: Path, line: str, seen: bool) -> None:
    (package / "room/views.py").write_text("from x import _\n" + line, encoding="utf-8")
    assert bool(list(messages.untranslatable(package))) is seen


def test_pieces_are_merged_without_replacing_what_is_known(package: Path, po: Path, tmp_path: Path) -> None:
    complete(package, po)
    (package / "room/views.py").write_text(PYTHON + '\nnew = _("新的")\n', encoding="utf-8")
    piece = tmp_path / "piece.po"
    piece.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "新的"\nmsgstr "New"\n\nmsgid "客户"\nmsgstr "Clients"\n\nmsgid "别处"\nmsgstr "Elsewhere"\n',
        encoding="utf-8",
    )
    left_out = messages.merge(package, po, [piece])
    assert messages.complaints(package, po) == []
    assert left_out == [
        "piece.po: already ['Accounts'], not ['Clients']: '客户'",
        "piece.po: not used in the sources: '别处'",
    ]


def test_catalogues_are_compiled_when_missing_or_older(
    package: Path, po: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(package, po)
    monkeypatch.setattr("django.conf.settings.LOCALE_PATHS", [package / "locale"])
    mo = po.with_suffix(".mo")
    assert translations.ensure_compiled() == [mo]
    assert translations.ensure_compiled() == []
    with mo.open("rb") as opened:
        known = gettext.GNUTranslations(opened)
    assert known.gettext("客户") == "Accounts"
    assert known.ngettext("%(n)d 户", "%(n)d 户", 2) == "%(n)d accounts"
    os.utime(po, (mo.stat().st_mtime + 5,) * 2)
    assert translations.ensure_compiled() == [mo]


def test_an_installation_that_may_not_be_written_starts_all_the_same(
    package: Path, po: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(package, po)
    monkeypatch.setattr("django.conf.settings.LOCALE_PATHS", [package / "locale"])

    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("tempfile.mkstemp", refused)
    assert translations.ensure_compiled() == []
    assert list(po.parent.iterdir()) == [po]
