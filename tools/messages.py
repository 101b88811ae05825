"""The message catalogue: extract ids from the code, update the Chinese translations, compile them.

``python -m tools.messages`` writes; with ``--check`` it only says whether everything is translated and compiled.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PO = ROOT / "matcher/locale/zh/LC_MESSAGES/jiedui.po"
EXTRA = ROOT / "tools/click_messages.txt"


def extracted() -> Catalog:
    """Return the message ids that the code and click (as listed) can show."""
    catalog = Catalog(locale="zh", domain="jiedui", charset="utf-8")
    for path in [ROOT / "cli.py", *sorted((ROOT / "matcher").rglob("*.py"))]:
        for _line, text, _comments, _context in extract_from_file("python", path, keywords={"_": None, "N_": None}):
            catalog.add(text)
    for line in EXTRA.read_text(encoding="utf-8").splitlines():
        if line:
            one, several, plural = line.replace("\\n", "\n").partition("||")
            catalog.add((one, plural) if several else one)
    return catalog


def updated() -> Catalog:
    """Return the stored translations, brought up to the extracted ids."""
    with PO.open("rb") as file:
        catalog = read_po(file, locale="zh", domain="jiedui")
    created = catalog.creation_date
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.creation_date = created  # else every compilation would differ by its date
    catalog.obsolete.clear()
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    """Write the catalogue, or check it."""
    catalog = updated()
    missing = [m.id for m in catalog if m.id and (m.fuzzy or not all(m.string if isinstance(m.string, tuple) else (m.string,)))]
    for text in missing:
        print(f"not translated: {text!r}")
    if "--check" in sys.argv:
        with PO.open("rb") as file:
            stored = {m.id: m.string for m in read_po(file) if m.id}
        stale = stored != {m.id: m.string for m in catalog if m.id} or PO.with_suffix(".mo").read_bytes() != compiled(catalog)
        if stale:
            print("the catalogue is not up to date: run make messages")
        return int(bool(missing) or stale)
    with PO.open("wb") as file:
        write_po(file, catalog, sort_output=True, no_location=True, omit_header=False, width=130)
    PO.with_suffix(".mo").write_bytes(compiled(catalog))
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
