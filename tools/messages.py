"""Keeps the English texts complete without GNU gettext. Refuses a text without its English.

python tools/messages.py extract      bring django.po up to date with the sources
python tools/messages.py check        say what is missing or wrong, with file and line; exit 1 if anything is
python tools/messages.py compile      write the binary catalogues (the server does this by itself at start)
python tools/messages.py merge X.po…  take English texts over from other PO files
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template.base import Lexer, Token, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/zhike"
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
# Files whose Chinese strings people read; elsewhere (seeds, demonstration data, normalising) Chinese is data.
SPOKEN = {"views.py", "forms.py", "models.py", "roles.py", "apps.py"}
EXEMPT = "# untranslated:"  # followed by the reason

Key = tuple[str | None, str]


def sources(package: Path, *patterns: str) -> list[Path]:
    """Return the source files of the package in order, without tests and migrations."""
    found = {path for pattern in patterns for path in package.rglob(pattern)}
    return sorted(path for path in found if not {"tests", "migrations", "node_modules"} & set(path.parts))


def extracted(package: Path) -> Catalog:
    """Return every text that the sources mark for translation."""
    catalogue = Catalog(locale="en", charset="utf-8")
    files = sources(package, "*.py") + sources(package, "templates/**/*.html", "templates/**/*.txt")
    for path in files:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(package).as_posix()
        if path.suffix != ".py":
            # Leading blanks would be read as Python's indentation.
            text = "\n".join(line.lstrip() for line in templatize(text, origin=name).split("\n"))
        found = babel_extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
        for line, message, _comments, context in found:
            catalogue.add(message, locations=[(name, line)], context=context)
    return catalogue


def key_of(message: Message) -> Key:
    """Return what tells two messages apart."""
    singular = message.id[0] if isinstance(message.id, list | tuple) else message.id
    return message.context, str(singular)


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Yield every message but the header."""
    return (message for message in catalogue if message.id)


def english(message: Message) -> list[str]:
    """Return the English forms of a message."""
    return list(message.string) if isinstance(message.string, list | tuple) else [str(message.string or "")]


def read(path: Path) -> Catalog:
    """Read a PO file; an empty catalogue where there is none."""
    if not path.exists():
        return Catalog(locale="en", charset="utf-8", project="Zhike", fuzzy=False)
    with path.open("rb") as opened:
        return read_po(opened, locale="en", charset="utf-8")


def renewed(package: Path, po: Path) -> Catalog:
    """Return the catalogue as the sources want it, with the English that is already known."""
    known = {key_of(message): message for message in messages(read(po))}
    catalogue = Catalog(locale="en", charset="utf-8", project="Zhike", version="0", fuzzy=False, header_comment=HEADER)
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "The Zhike authors"
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # no change without a change
    for message in sorted(messages(extracted(package)), key=lambda one: (key_of(one)[1], key_of(one)[0] or "")):
        before = known.get(key_of(message))
        plural = isinstance(message.id, list | tuple)
        same = before is not None and plural == isinstance(before.id, list | tuple)
        catalogue.add(
            message.id,
            before.string if before is not None and same else None,
            locations=sorted({(name, 0) for name, _line in message.locations}),
            context=message.context,
            flags=message.flags,
        )
    return catalogue


HEADER = "# English beside the Chinese texts of Zhike. Kept by tools/messages.py; edit only the msgstr lines."


def write(catalogue: Catalog, po: Path) -> None:
    """Write a PO file without line numbers, so that it changes only when a text does."""
    po.parent.mkdir(parents=True, exist_ok=True)
    target = io.BytesIO()
    write_po(target, catalogue, width=118, include_lineno=False, omit_header=False)
    po.write_bytes(target.getvalue())


def untranslatable(package: Path) -> Iterator[str]:
    """Yield Chinese that no translation can reach: in templates and scripts outside the marks, in spoken modules."""
    for path in sources(package, "templates/**/*.html"):
        yield from _in_template(path, path.relative_to(package).as_posix())
    for path in sources(package, "static/zhike/*.js"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if CHINESE.search(line):
                yield f"{path.relative_to(package).as_posix()}:{number}: Chinese in a script: take words from the page"
    for path in sources(package, "*.py"):
        if path.name in SPOKEN or {"views", "forms"} & set(path.parts):
            yield from _in_python(path, path.relative_to(package).as_posix())


def _in_template(path: Path, name: str) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    inside = ""  # the block whose Chinese is in order
    for token in Lexer(text).tokenize():
        words = token.contents.split(None, 1)
        command = words[0] if words else ""
        if token.token_type == TokenType.BLOCK and command in {"blocktranslate", "blocktrans", "comment"}:
            inside = command
        elif token.token_type == TokenType.BLOCK and command == f"end{inside}":
            inside = ""
        elif not inside and _shows_chinese(token, command):
            for offset, part in enumerate(token.contents.split("\n")):
                number = (token.lineno or 1) + offset
                if CHINESE.search(part) and 'lang="zh' not in lines[number - 1]:
                    yield f"{name}:{number}: Chinese outside a translation tag: {part.strip()[:60]}"


def _shows_chinese(token: Token, command: str) -> bool:
    if token.token_type == TokenType.COMMENT or command in {"translate", "trans"}:
        return False
    marked = re.compile(r"_\((['\"]).*?\1\)")
    return bool(
        CHINESE.search(token.contents if token.token_type == TokenType.TEXT else marked.sub("", token.contents))
    )


def _in_python(path: Path, name: str) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    fine: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(node.value)  # a docstring
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in KEYWORDS:
                fine.update(inner for argument in node.args for inner in ast.walk(argument))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in fine:
            continue
        if CHINESE.search(node.value) and EXEMPT not in lines[node.lineno - 1]:
            yield f"{name}:{node.lineno}: Chinese that is not translated: {node.value.strip()[:60]}"


def placeholders(text: str) -> list[str]:
    """Return the placeholders of a text, sorted; a doubled per cent sign is none."""
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def same_placeholders(originals: list[str], forms: list[str]) -> bool:
    """Return whether the English fills in what the Chinese does; a singular may leave out its number."""
    first = set(placeholders(forms[0])) <= set(placeholders(originals[0]))
    return first and placeholders(forms[-1]) == placeholders(originals[-1])


def complaints(package: Path, po: Path) -> list[str]:
    """Return everything that keeps the English from being complete, each with the place to mend."""
    found = list(untranslatable(package))
    wanted = {key_of(message): message for message in messages(extracted(package))}
    present = {key_of(message): message for message in messages(read(po))}
    for key in present.keys() - wanted.keys():
        found.append(f"{po.name}: no longer used, run extract: {key[1]!r}")
    for key, message in wanted.items():
        place = "{}:{}".format(*message.locations[0])
        if key not in present:
            found.append(f"{place}: not in {po.name}, run extract: {key[1]!r}")
            continue
        forms = english(present[key])
        sources_of = list(message.id) if isinstance(message.id, list | tuple) else [str(message.id)]
        if not all(forms):
            found.append(f"{place}: no English: {key[1]!r}")
        elif present[key].fuzzy:
            found.append(f"{place}: English is marked fuzzy: {key[1]!r}")
        elif any(CHINESE.search(form) for form in forms):
            found.append(f"{place}: Chinese in the English text: {forms!r}")
        elif not same_placeholders(sources_of, forms):
            found.append(f"{place}: placeholders differ: {key[1]!r} / {forms!r}")
    return sorted(found)


def merge(package: Path, po: Path, pieces: Iterable[Path]) -> list[str]:
    """Take over English from other PO files; return what was left out and why. Known English is never replaced."""
    catalogue = renewed(package, po)
    known = {key_of(message): message for message in messages(catalogue)}
    # Templates double the per cent sign in their msgids; whoever wrote a piece by hand may not have.
    loose = {(context, text.replace("%%", "%")): message for (context, text), message in known.items()}
    left_out = []
    for piece in pieces:
        for message in messages(read(piece)):
            context, text = key_of(message)
            target = known.get((context, text)) or loose.get((context, text.replace("%%", "%")))
            if not all(english(message)):
                continue
            if target is None:
                left_out.append(f"{piece.name}: not used in the sources: {text!r}")
                continue
            doubled = "%%" in key_of(target)[1] and "%%" not in text
            forms = [form.replace("%", "%%") if doubled else form for form in english(message)]
            if isinstance(target.id, list | tuple):
                forms = (forms * 2)[:2]
            elif len(forms) > 1:
                forms = forms[:1]
            if all(english(target)) and english(target) != forms:
                left_out.append(f"{piece.name}: already {english(target)!r}, not {forms!r}: {text!r}")
                continue
            target.string = tuple(forms) if isinstance(target.id, list | tuple) else forms[0]
    write(catalogue, po)
    return left_out


def main(arguments: list[str]) -> int:
    """Do one of extract, check, compile, merge."""
    if not settings.configured:
        settings.configure(USE_I18N=False)
    po = PACKAGE / "locale/en/LC_MESSAGES/django.po"
    match arguments:
        case ["extract"]:
            catalogue = renewed(PACKAGE, po)
            write(catalogue, po)
            missing = sum(not all(english(message)) for message in messages(catalogue))
            print(f"{len(catalogue)} texts, {missing} without English")
        case ["check"]:
            found = complaints(PACKAGE, po)
            print("\n".join(found) if found else f"{len(read(po))} texts, all with English")
            return 1 if found else 0
        case ["compile"]:
            sys.path.insert(0, str(ROOT / "src"))
            from zhike.core.translations import compile_catalogue

            compile_catalogue(po, po.with_suffix(".mo"))
        case ["merge", *pieces] if pieces:
            print("\n".join(merge(PACKAGE, po, [Path(piece) for piece in pieces])))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
