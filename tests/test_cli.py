"""The command line is a thin skin: it parses, calls and prints, in two languages, and is there at once."""

from __future__ import annotations

import ast
import json
import os
import platform
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import cli
from matcher.messages import LOCALE_FOLDER, translator

from .months import CLI, HERE, command, csv_rows, environment, household, households, write_month

HEAVY = {"numpy", "pandas", "ortools", "pydantic", "networkx", "python_calamine", "xlsxwriter", "rich", "scipy"}
COMMANDS = sorted(cli.jiedui.commands)
TREE = ast.parse((HERE / "cli.py").read_text("utf-8"))
FUNCTIONS = [node for node in ast.walk(TREE) if isinstance(node, ast.FunctionDef)]
BODIES = [f for f in FUNCTIONS if f.name in cli.jiedui.commands]


def statements(node: ast.AST) -> int:
    """Return how many statements stand in a function, its docstring aside."""
    return sum(isinstance(n, ast.stmt) for n in ast.walk(node)) - 1 - (ast.get_docstring(node) is not None)  # type: ignore[arg-type]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_functions_are_short(function: ast.FunctionDef) -> None:
    """No function of the command line has more than 15 statements."""
    assert statements(function) <= 15


@pytest.mark.parametrize("function", BODIES, ids=lambda f: f.name)
def test_commands_have_no_logic(function: ast.FunctionDef) -> None:
    """A command neither loops over data nor computes: the only loop prints lines, one after the other."""
    for node in ast.walk(function):
        assert not isinstance(node, (ast.While, ast.Try, ast.FunctionDef)) or node is function
        assert not isinstance(node, (ast.ListComp, ast.DictComp, ast.SetComp, ast.BinOp, ast.AugAssign, ast.Subscript, ast.Lambda)) or (
            isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        )
        if isinstance(node, ast.For):
            assert [ast.unparse(line)[:11] for line in node.body] == ["click.echo("]
        if isinstance(node, ast.If):
            raise AssertionError(f"a branch in {function.name}")


def test_heavy_modules_are_imported_inside_functions() -> None:
    """At its top the command line imports the standard library, click and the messages."""
    names = set()
    for node in TREE.body:
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert {n for n in names if n.partition(".")[0] not in sys.stdlib_module_names} == {"click", "matcher.messages"}


@pytest.mark.parametrize("words", [["--help"], ["match", "--help"], ["--lang", "zh", "check", "--help"], ["completion", "bash"], ["match"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """Help, completion and usage errors import none of the large libraries."""
    code = (
        "import sys, cli\n"
        f"sys.argv = ['jiedui', *{words!r}]\n"
        "cli.run()\n"
        f"print('HEAVY', *sorted(set({sorted(HEAVY)!r}) & sys.modules.keys()), file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment(), cwd=HERE)  # noqa: S603
    assert said.stderr.strip().splitlines()[-1] == "HEAVY"


def test_check_imports_no_solver() -> None:
    """`check` needs neither the solver nor pandas."""
    code = "import sys, matcher.people.judge, matcher.pipeline; print({'pandas', 'networkx', 'xlsxwriter'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment(), cwd=HERE)  # noqa: S603
    assert said.stdout.strip() == "set()"


# --- help


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_has_help(name: str, lang: str) -> None:
    """Every command and option has help in both languages; each command shows an example."""
    said = command(name, "--help", lang=lang)
    assert (said.code, said.err) == (0, "")
    found = cli.jiedui.commands[name]
    for option in (p for p in found.params if isinstance(p, click.Option)):
        assert option.help
        assert option.opts[0] in said.out
        assert translator(lang)(option.help).split()[0] in said.out
    assert found.help
    assert translator(lang)(found.help).split("\n")[0].split()[0] in said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    """Who reads the help of a command that takes something sees how it is called."""
    if any(isinstance(p, click.Argument) for p in cli.jiedui.commands[name].params):
        assert f"jiedui {name}" in (cli.jiedui.commands[name].help or "")


def test_help_in_chinese() -> None:
    """Where the catalogue is there, help in Chinese is Chinese, click's own words too; in English it is English alone."""
    if not (LOCALE_FOLDER / "zh" / "LC_MESSAGES" / "jiedui.mo").is_file():
        pytest.skip("the catalogue has not been compiled")
    for name in (None, *COMMANDS):
        words = [*CLI, *([name] if name else []), "--help", "--lang"]
        english, chinese = (
            subprocess.run([*words, lang], check=True, capture_output=True, text=True, env=environment(), cwd=HERE).stdout  # noqa: S603
            for lang in ("en", "zh")
        )
        assert english.isascii()
        for line in chinese.splitlines():
            assert not line.startswith("  -") or len(line.split()) < 3 or not line.isascii(), line
        assert name or all(any(k in line and not line.isascii() for line in chinese.splitlines()) for k in COMMANDS)


def test_no_command_and_unknown_command() -> None:
    """Usage errors have exit code 2 and say what there is."""
    assert command("mach").code == 2
    assert command("match").code == 2
    assert command("match", "x").code == 2
    assert command("match", "x", "--out").code == 2
    assert command("match", "x", "--oot", "y").code == 2


def test_version() -> None:
    """The version is printed, installed or from a checkout."""
    said = command("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("jiedui ")


# --- what goes where


@pytest.mark.parametrize("words", [["match"], ["check"], ["doctor"]])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_json_prints_only_json(tmp_path: Path, words: list[str], lang: str) -> None:
    """With --json, stdout is one JSON value and stderr is silent, findings or not."""
    folder = write_month(tmp_path / "m", households=[household(income="x"), *households(3)[1:]])
    more = {"match": [folder, "--out", tmp_path / "run"], "check": [folder], "doctor": []}[words[0]]
    said = command(*words, *more, "--json", lang=lang)
    assert said.code == 0
    assert said.err == ""
    assert said.json()
    if words == ["match"]:
        assert said.json() == json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))


def test_json_of_a_refusal(tmp_path: Path) -> None:
    """A refusal prints nothing on stdout, with --json too."""
    said = command("match", write_month(tmp_path / "m", cadres=[]), "--out", tmp_path / "run", "--json")
    assert (said.code, said.out) == (3, "")


def test_objectives_in_the_policys_order(tmp_path: Path) -> None:
    """summary.json lists counts and objectives as the contract says."""
    order = ["fit", "coverage", "waiting"]
    policy = {"objectives": {"order": order}, "continuity": {"first_up_to_income": 1500}}
    told = command("match", write_month(tmp_path / "m", policy), "--out", tmp_path / "run", "--json").json()
    assert [o["name"] for o in told["objectives"]] == ["continuity_first", *order]
    assert all(o["optimal"] is True and o["bound"] == o["value"] for o in told["objectives"])
    assert {
        "household_rows",
        "duplicate",
        "on_welfare_list",
        "missing_income",
        "review_income",
        "above_threshold",
        "review_welfare",
        "eligible",
        "cadre_rows",
        "cadres",
        "permitted_pairs",
        "pairs",
        "unmatched",
    } <= told["counts"].keys()


def test_check_writes_nothing(tmp_path: Path) -> None:
    """`check` tells findings by table, row, column and code, and writes nothing."""
    folder = write_month(tmp_path / "m", households=[household(income="x"), *households(3)[1:]])
    before = sorted(p.name for p in tmp_path.rglob("*"))
    told = command("check", folder, "--json").json()
    assert told["findings"][0].keys() >= {"table", "sheet", "row", "column", "code", "message"}
    assert (told["findings"][0]["code"], told["findings"][0]["row"]) == ("income_unusable", 2)
    assert command("check", folder).code == 0
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_no_workbook(tmp_path: Path) -> None:
    """`--no-workbook` leaves the workbook out."""
    assert command("match", write_month(tmp_path / "m"), "--out", tmp_path / "run", "--no-workbook").code == 0
    assert not (tmp_path / "run" / "roster.xlsx").exists()
    assert csv_rows(tmp_path / "run" / "roster.csv")[0]["household_id"] == "H1"


def run_on_a_terminal(words: list[str]) -> tuple[int, str]:
    """Run a command whose stderr is a terminal; return its exit code and what it wrote there."""
    leader, follower = pty.openpty()
    env = environment(TERM="xterm", LC_ALL="C.UTF-8")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=follower, env=env, cwd=HERE) as child:  # noqa: S603
        os.close(follower)
        text = b""
        while True:
            try:
                text += (part := os.read(leader, 4096))
            except OSError:
                break
            if not part:
                break
    os.close(leader)
    return child.returncode, text.decode("utf-8", "replace")


def test_progress_only_on_a_terminal(tmp_path: Path) -> None:
    """Progress is shown on a terminal, not with -q, and not where stderr is a file."""
    folder = write_month(tmp_path / "m")
    code, shown = run_on_a_terminal([*CLI, "match", str(folder), "--out", str(tmp_path / "a")])
    assert code == 0
    assert shown.strip()
    code, shown = run_on_a_terminal([*CLI, "match", str(folder), "--out", str(tmp_path / "b"), "-q"])
    assert (code, shown) == (0, "")
    assert command("match", folder, "--out", tmp_path / "c").err == ""


def test_a_reader_that_left(tmp_path: Path) -> None:
    """A pipe whose reader has gone is no traceback."""
    words = [*CLI, "match", str(write_month(tmp_path / "m")), "--out", str(tmp_path / "run")]
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run(words, check=False, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment(), cwd=HERE)  # noqa: S603
    os.close(writing)
    assert "Traceback" not in said.stderr
    assert said.returncode in (0, 1)


def test_a_terminal_that_knows_no_chinese(tmp_path: Path) -> None:
    """In a locale without UTF-8 Chinese names in messages are no failure."""
    folder = write_month(tmp_path / "m", cadres=[{"cadre_id": "C1", "name": "李明", "unit": "农业局", "capacity": "三个多"}])
    env = environment(LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    said = subprocess.run([*CLI, "check", str(folder)], check=False, capture_output=True, env=env, cwd=HERE)  # noqa: S603
    assert said.returncode == 3
    assert "三个多" in said.stderr.decode("utf-8")


# --- init, completion, doctor


def test_init_sample_runs(tmp_path: Path) -> None:
    """`init --sample` makes a workspace, and nothing is overwritten."""
    said = command("init", tmp_path / "work", "--sample")
    assert said.code == 0
    assert all(Path(line).exists() for line in said.out.splitlines())
    assert (tmp_path / "work" / "2008-07" / "policy.toml").is_file()
    assert command("init", tmp_path / "work", "--sample").code == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_init_blank(tmp_path: Path, lang: str) -> None:
    """`init` writes a policy that is valid as it stands, in both languages, and blank tables that are refused for being blank."""
    assert command("init", tmp_path / "2008-07", lang=lang).code == 0
    said = command("match", tmp_path / "2008-07", "--out", tmp_path / "run", lang="en")
    assert said.code == 3
    assert "households" in said.err
    assert "policy.toml" not in said.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    """Every shell's script names the program."""
    said = command("completion", shell)
    assert said.code == 0
    assert "_JIEDUI_COMPLETE" in said.out


def test_doctor() -> None:
    """Doctor says of everything whether it is there, and its exit code says so too."""
    told = command("doctor", "--json")
    assert all(r.keys() >= {"name", "good"} for r in told.json())
    assert told.code == (0 if all(r["good"] for r in told.json()) else 1)


def test_the_bare_command_says_what_there_is() -> None:
    """`jiedui` alone, the first thing a newcomer types: help and no traceback."""
    child = subprocess.run([sys.executable, "cli.py"], check=False, capture_output=True, cwd=HERE)
    said = (child.stdout + child.stderr).decode("utf-8", "replace")
    assert child.returncode in (0, 2)
    assert "match" in said
    assert "Traceback" not in said


def test_the_readmes_python_runs() -> None:
    """The household that the README asks about is in the sample, with cadres around it."""
    from matcher import match, read_month

    for readme in ("README.md", "README.zh.md"):
        found = re.search(r'around=\["(\w+)"\]', (HERE / readme).read_text(encoding="utf-8"))
        assert found is not None
        graph = match(read_month(HERE / "data" / "sample" / "2008-07")).graph.to_networkx(around=[found[1]])
        assert graph.number_of_edges() > 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have other rules")
def test_freed_memory_is_used_again() -> None:
    """What a command frees does not go back to the system, so that it need not be fetched page by page again."""
    counted = """
import resource, sys
import numpy as np
if sys.argv[1] == "kept":
    import cli
    cli.keep_freed_memory()
for _ in range(4):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    some = [np.ones(100_000) for _ in range(20)]
    del some
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    faults = [int(subprocess.run([sys.executable, "-c", counted, how], capture_output=True, check=True, cwd=HERE).stdout)  # noqa: S603
              for how in ("kept", "given back")]
    assert faults[0] < 1000 < faults[1]
