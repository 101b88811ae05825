"""The workbook as LibreOffice prints it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from matcher import match, read_month

from .months import cadre, households, write_month


def test_the_workbook_prints(tmp_path: Path) -> None:
    """Every sheet comes out on A4 landscape with its title and pages of its own, and no figure is wider than its column (###)."""
    tools = [shutil.which(name) for name in ("soffice", "pdftotext", "pdfinfo")]
    if not all(tools):
        if os.environ.get("CI"):
            pytest.fail("LibreOffice and poppler are missing: tools/install-system-packages installs them")
        pytest.skip("LibreOffice or poppler is missing")
    soffice, pdftotext, pdfinfo = map(str, tools)
    match(read_month(write_month(tmp_path / "m", households=households(30), cadres=[cadre(capacity=9)]))).write(tmp_path / "run")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    words = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "run" / "roster.xlsx")]
    subprocess.run(words, check=True, capture_output=True, timeout=300)  # noqa: S603
    pdf = str(tmp_path / "roster.pdf")
    text = subprocess.run([pdftotext, "-layout", pdf, "-"], check=True, capture_output=True, timeout=60).stdout.decode()  # noqa: S603
    size = subprocess.run([pdfinfo, pdf], check=True, capture_output=True, timeout=60).stdout.decode()  # noqa: S603
    assert "###" not in text
    assert "Reported by" in text
    assert "Statistics" in text
    first = [page for page in text.split("\f") if re.search(r"Page\s*1\b", page)]
    assert len(first) == len(load_workbook(tmp_path / "run" / "roster.xlsx").sheetnames)  # every sheet begins anew
    assert "Cadre ID" not in first[0]  # it stands outside the print area
    assert "841.89 x 595.3" in size or "842 x 595" in size
