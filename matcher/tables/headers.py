"""From a grid of cells to a part of a table: which column is which."""

from __future__ import annotations

from difflib import get_close_matches

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message
from matcher.tables.aliases import LAYOUTS, OWN_COLUMNS, PERSONS, headers_of, layout_of, normal_header, units_said
from matcher.tables.grid import Grid
from matcher.tables.persons import collapsed
from matcher.tables.table import Part


def parts_of(grid: Grid, table: str, label: str, findings: list[Finding]) -> list[tuple[str, Part]]:
    """Return what a grid adds to which table: persons in rows give households and members.

    Raises
    ------
    InputError
        As :func:`part_of`, and where persons of one household contradict each other.
    """
    part = part_of(grid, table, label, findings)
    return list(collapsed(part, findings).items()) if layout_of(grid.header, table) == PERSONS else [(table, part)]


def part_of(grid: Grid, table: str, label: str, findings: list[Finding]) -> Part:
    """Return a grid as a part of a table, or of its layout by persons, by its canonical columns.

    Raises
    ------
    InputError
        A required column is missing, two columns mean one field, a header is repeated, units of money contradict each other.
    """
    layout = layout_of(grid.header, table)
    known, unit = headers_of(layout), ""
    used: dict[str, int] = {}
    problems: list[Finding] = []
    for index, header in enumerate(grid.header):
        key, said = normal_header(header)
        name = known.get(key)
        if name is None:
            if key not in OWN_COLUMNS.get(table, ()) and (key or any(cell not in (None, "") for cell in grid.columns[index].values)):
                text = message(N_("The column {header} is not known and was ignored."), header=header or f"#{index + 1}")
                findings.append(Finding(table, label, grid.header_row, header, "unknown_column", text))
            continue
        if name in used:
            other = grid.header[used[name]]
            text = message(N_("The columns {first} and {second} both mean {column}. Delete one."), first=other, second=header, column=name)
            problems.append(Finding(table, label, grid.header_row, header, "repeated_column", text))
            continue
        used[name] = index
        if name == "income":
            unit = said
            problems += _two_units(grid, table, label, index)
    problems += _repeated(grid, table, layout, label)
    problems += [_missing(grid, table, layout, label, c.name) for c in LAYOUTS[layout] if c.required and c.name not in used]
    if problems:
        raise InputError(message(N_("The header of {file} cannot be used."), file=label), problems)
    written = {name: " ".join(grid.header[i].split()) for name, i in used.items()}
    if grid.above:
        above = mask_numbers(" ".join(" ".join(grid.above).split()))[:60]
        left = message(N_("What stands above the headers was left out: {text}"), text=above)
        findings.append(Finding(table, label, grid.header_row, "", "above_header", left))
    columns = {name: grid.columns[i] for name, i in used.items()}
    return Part(label, columns, grid.rows, unit, written, _unit_above(grid, table, label, unit, findings))


def _two_units(grid: Grid, table: str, label: str, income: int) -> list[Finding]:
    """Return the problem that the header of the income, and what stands above it, say both 元 and 万元."""
    said = units_said(grid.header[income])
    others = frozenset[str]().union(*map(units_said, grid.above)) if table == "households" else frozenset[str]()
    if len(said | others) < 2:
        return []
    text = N_("The header and what stands above it say both 元 and 万元. Correct one: which is the unit of the income?")
    return [Finding(table, label, grid.header_row, "income", "unit_contradiction", message(text), grid.header[income])]


def _unit_above(grid: Grid, table: str, label: str, unit: str, findings: list[Finding]) -> str:
    """Return the unit that only a title says; it is told, and not read by."""
    said = frozenset[str]().union(*map(units_said, grid.above)) if table == "households" else frozenset[str]()
    if unit or len(said) != 1:
        return ""
    (only,) = said
    text = N_("The title says {unit}, the header of the income says no unit. Write it into the header; it was not read from the title.")
    findings.append(Finding(table, label, grid.header_row, "income", "unit_in_title", message(text, unit=only)))
    return only


def _repeated(grid: Grid, table: str, layout: str, label: str) -> list[Finding]:
    seen: set[str] = set()
    found = []
    for header in filter(None, (h.strip() for h in grid.header)):
        if header in seen and normal_header(header)[0] not in headers_of(layout):
            text = message(N_("The header {header} stands twice. Delete or rename one."), header=header)
            found.append(Finding(table, label, grid.header_row, header, "repeated_header", text))
        seen.add(header)
    return found


def _missing(grid: Grid, table: str, layout: str, label: str, column: str) -> Finding:
    headers = next(c.headers for c in LAYOUTS[layout] if c.name == column)
    unused = [h for h in grid.header if h.strip() and normal_header(h)[0] not in headers_of(layout)]
    likely = get_close_matches(column, unused, 1, 0.5) or _alike(headers, unused)
    hint: Message | str = message(N_(" Is it {header}?"), header=likely[0]) if likely else ""
    text = message(
        N_("The required column {column} ({headers}) is missing.{hint}"), column=column, headers=headers[0], hint=hint
    )
    return Finding(table, label, grid.header_row, column, "missing_column", text)


def _alike(wanted: tuple[str, ...], present: list[str]) -> list[str]:
    return [h for w in wanted for h in get_close_matches(w, present, 1, 0.6)][:1]
