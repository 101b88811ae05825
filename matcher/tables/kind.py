"""What kind of file it is, by its content: names deceive."""

from __future__ import annotations

from matcher.messages import N_, message
from matcher.tables.grid import unreadable
from matcher.tables.ole import ENCRYPTED, MACROS, has_stream
from matcher.tables.package import macros

TEXT, ZIP, OLE, HTML, PARQUET, OTHER = "text", "zip", "ole", "html", "parquet", "other"
KINDS_OF = {
    ".csv": (TEXT,), ".xlsx": (ZIP,), ".xlsm": (ZIP,), ".xls": (OLE,), ".et": (OLE, ZIP), ".parquet": (PARQUET,),
}
"""The endings that a table may have, and what such files are."""
PARSED_APART = frozenset({ZIP, OLE, HTML, PARQUET})
"""Kinds that foreign parsers read."""
_HTML = (b"<html", b"<table", b"<!doctype html", b"<head", b"<body", b"<meta", b"<style", b"<tr", b"<div")
_STARTS = {b"PK": ZIP, b"\xd0\xcf\x11\xe0": OLE, b"PAR1": PARQUET}


def kind_of(data: bytes) -> str:
    """Return what kind of file some bytes are."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"<"):
        web = any(word in head for word in _HTML) and b"urn:schemas-microsoft-com:office:spreadsheet\"" not in head[:400]
        return HTML if web and not head.startswith(b"<?mso") else OTHER
    return OTHER if head.startswith(b"mime-version:") else TEXT


def refuse_kind(kind: str, data: bytes, table: str, label: str) -> None:
    """Raise :class:`InputError` for a file that is not read, whatever it holds."""
    if kind == OTHER:
        text = N_("The file is XML or a web archive, which is not read. Open it, save it as .xlsx or CSV.")
        raise unreadable(table, label, None, "format", message(text))
    if kind == OLE and has_stream(data, ENCRYPTED):
        text = N_("The workbook has a password. Save it without one.")
        raise unreadable(table, label, None, "encrypted", message(text))
    if kind == OLE and has_stream(data, MACROS):
        raise macros(label)
