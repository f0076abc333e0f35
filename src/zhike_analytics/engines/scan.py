"""Looks once at the bytes of a file: encoding, lines, longest line. Bounded memory; refuses what is no table."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zhike_analytics.contracts.issues import IntakeError

CHUNK = 1 << 20
LONGEST_LINE = 1 << 20
CJK_SHARE = 0.6  # of the characters beyond ASCII, in a file taken for GB18030


@dataclass(frozen=True, slots=True)
class FileScan:
    """What one look at a file told.

    Attributes
    ----------
    kind
        ``csv``, ``xlsx`` or ``parquet``.
    encoding
        ``utf-8``, ``utf-8-sig``, ``utf-16`` or ``gb18030`` (CSV only).
    lines
        Number of lines, told by line feeds; 0 where they cannot be told (workbooks, UTF-16).
    """

    path: Path
    kind: str
    bytes: int
    encoding: str
    lines: int


def scan(path: Path) -> FileScan:
    """Look at a file.

    Raises
    ------
    IntakeError
        ``missing_file``, ``empty_file``, ``nul_bytes``, ``line_too_long`` or ``encoding``.
    """
    if not path.is_file():
        raise IntakeError("missing_file", file=path.name)
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise IntakeError("empty_file", file=path.name)
    kind = "xlsx" if head[:4] == b"PK\x03\x04" else "parquet" if head[:4] == b"PAR1" else "csv"
    if kind != "csv":
        return FileScan(path, kind, path.stat().st_size, "", 0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    lines, wrong_at = _read(path, encoding)
    if wrong_at is not None:
        if encoding != "utf-8" or not _is_gb18030(path):
            raise IntakeError("encoding", file=path.name, offset=wrong_at)
        encoding = "gb18030"
    return FileScan(path, kind, path.stat().st_size, encoding, lines)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _read(path: Path, encoding: str) -> tuple[int, int | None]:
    """Return the number of lines and the offset of the first byte that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    newlines, tail, offset, wrong_at, inside = 0, 0, 0, None, False
    wide = encoding == "utf-16"
    for chunk in _chunks(path):
        if not wide and b"\0" in chunk:
            raise IntakeError("nul_bytes", file=path.name)
        first = chunk.find(b"\n")
        if first < 0 and b"\r" in chunk:  # lines that end in a bare carriage return
            first = chunk.find(b"\r")
        length = tail + (first if first >= 0 else len(chunk))
        if length > LONGEST_LINE:
            raise IntakeError("line_too_long", file=path.name, line=newlines + 1, limit=LONGEST_LINE >> 20)
        tail = length if first < 0 else len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        newlines += chunk.count(b"\n")
        if wrong_at is None and (wide or inside or not chunk.isascii()):
            try:
                decoder.decode(chunk)
                inside = bool(decoder.getstate()[0])
            except UnicodeDecodeError as fault:
                wrong_at = offset + fault.start
        offset += len(chunk)
    if wrong_at is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            wrong_at = offset
    return (0 if wide else newlines + (tail > 0)), wrong_at


def _is_gb18030(path: Path) -> bool:
    """Return whether the whole file decodes as GB18030 and its characters are mostly Chinese."""
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    beyond = chinese = 0
    try:
        for chunk in _chunks(path):
            part = decoder.decode(chunk)
            if beyond < 100_000:
                for character in part:
                    if character > "\x7f":
                        beyond += 1
                        chinese += "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return chinese >= CJK_SHARE * beyond


def as_utf8(scanned: FileScan, target: Path) -> Path:
    """Return a UTF-8 file with the same text: the file itself, or a copy written to `target`."""
    if scanned.encoding in {"utf-8", "utf-8-sig"}:
        return scanned.path
    decoder = codecs.getincrementaldecoder(scanned.encoding)("strict")
    with target.open("w", encoding="utf-8", newline="") as out:
        for chunk in _chunks(scanned.path):
            out.write(decoder.decode(chunk))
        out.write(decoder.decode(b"", final=True))
    return target
