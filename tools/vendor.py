"""Brings the browser files named in package.json into the static folder. Refuses versions that are not named there.

``python tools/vendor.py fetch`` needs npm and a registry; it is run by whoever raises a version, never by users.
``python tools/vendor.py check`` needs neither: it compares the files in the tree with the recorded digests.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src/zhike/core/static/vendor"
SPRITE = ROOT / "src/zhike/core/static/zhike/icons.svg"
NOTICES = VENDOR / "LICENSES.md"
# Outline icons of @tabler/icons, one a line: those the design draws and those its pages still to come will need.
ICONS = Path(__file__).with_name("icons.txt")


@dataclass(frozen=True)
class Taken:
    """One file taken out of one package."""

    package: str
    path: str
    target: str


TAKEN = (
    Taken("@tabler/core", "dist/css/tabler.min.css", "tabler.min.css"),
    Taken("htmx.org", "dist/htmx.min.js", "htmx.min.js"),
    Taken("echarts", "dist/echarts.min.js", "echarts.min.js"),
)
LICENCES = {
    "@tabler/core": ("MIT", "Copyright (c) 2018-2026 The Tabler Authors", "https://github.com/tabler/tabler"),
    "@tabler/icons": ("MIT", "Copyright (c) 2020-2026 Paweł Kuna", "https://github.com/tabler/tabler-icons"),
    "echarts": (
        "Apache-2.0",
        "Copyright 2017-2026 The Apache Software Foundation; contains d3 (BSD-3-Clause) and zrender (BSD-3-Clause)",
        "https://echarts.apache.org",
    ),
    "htmx.org": ("0BSD", "Big Sky Software", "https://htmx.org"),
}
MIT = """MIT License

{notice}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def named_versions() -> dict[str, str]:
    """Return the versions that package.json names."""
    return dict(json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"])


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(package: str, version: str, folder: Path) -> Path:
    """Download one package with npm and return the folder it was unpacked to."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", "--json", f"{package}@{version}", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / str(json.loads(packed.stdout)[0]["filename"])
    target = folder / archive.stem
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")
    return target / "package"


def without_source_map(text: str) -> str:
    """Drop the pointer to a source map that is not kept here (hashed static files refuse a missing file)."""
    return re.sub(r"\n?(/\*|//)# sourceMappingURL=\S+?( ?\*/)?\s*$", "\n", text)


def sprite(folder: Path) -> str:
    """Return one SVG holding the chosen icons as symbols ``i-<name>``."""
    symbols = []
    for name in ICONS.read_text(encoding="utf-8").split():
        source = (folder / "icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>", source)
        drawn = "".join(shape.replace(" />", "/>") for shape in shapes if 'stroke="none"' not in shape)
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{drawn}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def notices(versions: dict[str, str]) -> str:
    """Return the notice file: what is kept here, from where, under which licence, with digests."""
    lines = ["# Files of others kept in this folder", "", "Versions are named in `package.json`;"]
    lines[-1] += " `python tools/vendor.py fetch` brings them in, `… check` compares the digests below."
    lines += ["", "| package | version | licence | notice |", "|---|---|---|---|"]
    for package, version in sorted(versions.items()):
        licence, notice, home = LICENCES[package]
        lines.append(f"| [{package}]({home}) | {version} | {licence} | {notice} |")
    lines += ["", "| file | SHA-256 |", "|---|---|"]
    files = [VENDOR / taken.target for taken in TAKEN] + [SPRITE]
    lines += [f"| `{path.relative_to(VENDOR.parent).as_posix()}` | `{digest(path)}` |" for path in files]
    texts = sorted(path.name for path in VENDOR.glob("*.LICENSE.txt"))
    lines += ["", "Full licence texts: " + ", ".join(f"`{name}`" for name in texts) + ".", ""]
    return "\n".join(lines)


def keep_licence(package: str, folder: Path) -> None:
    """Keep a package's licence and notice; the MIT text where the package names it without carrying it."""
    stem = package.lstrip("@").replace("/", "-")
    licence, notice, _ = LICENCES[package]
    target = VENDOR / f"{stem}.LICENSE.txt"
    if (folder / "LICENSE").exists():
        target.write_bytes((folder / "LICENSE").read_bytes())
    elif licence == "MIT":
        target.write_text(MIT.format(notice=notice), encoding="utf-8")
    else:
        raise FileNotFoundError(f"{package} carries no LICENSE")
    if (folder / "NOTICE").exists():
        (VENDOR / f"{stem}.NOTICE.txt").write_bytes((folder / "NOTICE").read_bytes())


def fetch() -> int:
    """Bring in every file, the sprite and the notices."""
    versions = named_versions()
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folders = {}
        for package, version in versions.items():
            place = Path(scratch) / package.replace("/", "-").lstrip("@")
            place.mkdir()
            folders[package] = unpack(package, version, place)
        for taken in TAKEN:
            text = (folders[taken.package] / taken.path).read_text(encoding="utf-8")
            (VENDOR / taken.target).write_text(without_source_map(text), encoding="utf-8")
        for package, folder in folders.items():
            keep_licence(package, folder)
        SPRITE.write_text(sprite(folders["@tabler/icons"]), encoding="utf-8")
    NOTICES.write_text(notices(versions), encoding="utf-8")
    return 0


def check() -> int:
    """Say which file differs from what the notices record; 0 when none does."""
    if NOTICES.read_text(encoding="utf-8") == notices(named_versions()):
        return 0
    print("vendored files, package.json and LICENSES.md do not agree: run tools/vendor.py fetch", file=sys.stderr)
    return 1


if __name__ == "__main__":
    ways = {"fetch": fetch, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in ways:
        sys.exit("use: python tools/vendor.py fetch | check")
    sys.exit(ways[sys.argv[1]]())
