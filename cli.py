"""The command line: parse, call, print, exit code. No logic."""

from __future__ import annotations

import gc
import gettext
import json
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from matcher.messages import DOMAIN, LANGUAGES, LOCALE_FOLDER, N_, mask_numbers, message, translator

MaybePath = Path | None
MaybeText = str | None
F = TypeVar("F", bound=Callable[..., Any])


def _language() -> str:
    """Return the language of the terminal: ``--lang`` anywhere, else the locale."""
    words = sys.argv[1:]
    for word, after in zip(words, [*words[1:], ""], strict=False):
        said = after if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if said in LANGUAGES:
            return said
    said = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    if not said and os.name == "nt":
        import locale

        said = locale.getlocale()[0] or ""
    return "zh" if said.lower().startswith(("zh", "chinese")) else "en"


class _Option(click.Option):
    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        return record and (record[0], translator(_language())(self.help or record[1]))


class _Command(click.Command):
    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's signature
        return translator(_language())(self.help or "").split("\n")[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        lines = translator(_language())(self.help or "").split("\n")
        formatter.write("\n" + "".join(f"  {line}".rstrip() + "\n" for line in lines))


class _Group(_Command, click.Group):
    command_class = _Command


def _lang(command: F) -> F:
    return click.option("--lang", cls=_Option, type=click.Choice(LANGUAGES), expose_value=False,
                        help=N_("Language of messages on the terminal."))(command)


def _json(command: F) -> F:
    return click.option("--json", "as_json", cls=_Option, is_flag=True, help=N_("Print JSON for machines."))(command)


def _quiet(command: F) -> F:
    return click.option("-q", "--quiet", cls=_Option, is_flag=True, help=N_("Show no progress."))(command)


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from matcher.publish import installed_version

        click.echo(f"jiedui {installed_version('jiedui')}")
        ctx.exit()


MONTH = click.argument("month", type=click.Path(path_type=Path))


@click.group(cls=_Group, help=N_(
    "Who is responsible for which household: the best roster there is, proved.\n\n"
    "jiedui init work --sample                 a workspace with a sample county\n"
    "jiedui match work/2008-07 --out run       the monthly run\n"
    "jiedui check work/2008-07                 only look at the tables"))
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, cls=_Option, help=N_("Show the version."))
@_lang
def jiedui() -> None:
    pass


@jiedui.command(help=N_(
    "The monthly run: read, judge, pair, prove, write.\n\n"
    "MONTH is a folder with the month's tables and policy.toml; RUN a new folder for the results.\n\n"
    "jiedui match 2008-07 --out 2008-07-run"))
@MONTH
@click.option("--out", "run", cls=_Option, type=click.Path(path_type=Path), required=True, help=N_("The new folder for the results."))
@click.option("--no-workbook", cls=_Option, is_flag=True, help=N_("Write no roster.xlsx (faster)."))
@_json
@_quiet
@_lang
def match(month: Path, run: Path, no_workbook: bool, as_json: bool, quiet: bool) -> None:
    from matcher.export.folder import check_absent
    from matcher.tables.month import reading

    check_absent(run)
    begun = reading(month)  # while the rest is imported
    from matcher.pipeline import load_month
    from matcher.progress import shown
    from matcher.publish import publish_month
    from matcher.report import after_match, alarms_of_match

    with begun, shown(_language(), quiet) as progress:
        outcome, told = publish_month(load_month(month, progress, begun), run, not no_workbook, _command(), progress)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else after_match(outcome, run, _language()))
    _alarm(alarms_of_match(outcome, _language()))


@jiedui.command(help=N_(
    "Read and judge the tables: what was noticed, by its cause, the worst first, with what to do; the month beside the month before.\n\n"
    "jiedui check 2008-07\n"
    "jiedui check 2008-07 --fix-list errors         the tables with the bad cells marked, a workbook for each file, to send back"))
@MONTH
@click.option("--fix-list", "fix_list", cls=_Option, type=click.Path(path_type=Path), metavar="FILE.xlsx|FOLDER",
              help=N_("Write the tables to this new workbook, or to one for each file in this new folder, bad cells marked and commented."))
@click.option("--last", cls=_Option, type=click.Path(path_type=Path), metavar="FOLDER",
              help=N_("The month before, to compare with; else the folder beside MONTH that bears its name."))
@_json
@_quiet
@_lang
def check(month: Path, fix_list: MaybePath, last: MaybePath, as_json: bool, quiet: bool) -> None:
    from matcher.checking.say import checked
    from matcher.progress import shown

    with shown(_language(), quiet) as progress:
        found = checked(month, last, fix_list, _language(), progress)
    click.echo(json.dumps(found.record, ensure_ascii=False) if as_json else found.text, err=not as_json and bool(found.status))
    sys.exit(found.status)


@jiedui.command(help=N_(
    "Ask a finished run: why this household, why this cadre, why not that one; where places are too few.\n\n"
    "jiedui explain 2008-07-run H0012          a household or a cadre\n"
    "jiedui explain 2008-07-run --places       where one more place helps most\n"
    "jiedui explain 2008-07-run                what can be said of its fairness, and its bottlenecks"))
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("who", metavar="[ID]", required=False)
@click.option("--places", cls=_Option, is_flag=True, help=N_("What one more place is worth, everywhere."))
@click.option("--bottlenecks-graph", "graph", cls=_Option, type=click.Path(path_type=Path),
              help=N_("Write the bottlenecks as a graph (GraphML) to this new file."))
@click.option("--month", cls=_Option, type=click.Path(path_type=Path), help=N_("The month's folder, if it is no longer where it was."))
@click.option("--as", "kind", cls=_Option, type=click.Choice(("household", "cadre")), help=N_("Whose id it is, where both have it."))
@_json
@_quiet
@_lang
def explain(
    run: Path, who: MaybeText, places: bool, graph: MaybePath, month: MaybePath, kind: MaybeText, as_json: bool, quiet: bool
) -> None:
    from matcher.progress import shown
    from matcher.questions.say import explained

    with shown(_language(), quiet) as progress:
        told = explained(run, who, kind, places, graph, month, _language(), progress)
    click.echo(json.dumps(told.record, ensure_ascii=False) if as_json else told.text)


def _changes(command: F) -> F:
    said = {
        "--set": ("KEY=VALUE", N_("Another value for a policy key; KEY= alone means its default.")),
        "--remove-cadre": ("ID", N_("A cadre who is no longer there.")),
        "--remove-unit": ("NAME", N_("A unit that is no longer there, with all its cadres.")),
        "--close-township": ("NAME", N_("A township where nobody is paired this month (its quota is 0).")),
        "--require": ("H=C", N_("A household and a cadre that must be paired.")),
        "--avoid": ("H=C", N_("A household and a cadre that must not be paired.")),
        "--release": ("H=C", N_("A pair that need not stand: no longer required, no longer pinned.")),
        "--cadre": ("ID:COLUMN=VALUE", N_("Another cell in a cadre's row.")),
        "--unit": ("NAME:COLUMN=VALUE", N_("Another cell in a unit's row.")),
        "--household": ("ID:COLUMN=VALUE", N_("Another cell in a household's row.")),
        "--add": ("TABLE=FILE", N_("A file with more rows for a table.")),
        "--replace": ("TABLE=FILE", N_("A file that stands in for a table.")),
    }
    for option, (words, text) in reversed(said.items()):
        command = click.option(option, cls=_Option, multiple=True, metavar=words, help=text)(command)
    return command


@jiedui.command(help=N_(
    "What if: run the month again with changes and compare. Writes neither to the month nor anywhere else without --out.\n\n"
    "jiedui whatif 2008-07 --set eligibility.income_threshold=3000\n"
    "jiedui whatif 2008-07 --remove-cadre C0034 --cadre C0035:capacity=5\n"
    "jiedui whatif 2008-07 --sweep eligibility.income_threshold=2000:3000:100 --out sweep\n"
    "jiedui whatif 2008-07 --reach coverage=98% --by ranks\n"
    "jiedui whatif 2008-07 --budget-changes 50"))
@MONTH
@_changes
@click.option("--scenario", cls=_Option, type=click.Path(path_type=Path), metavar="FILE",
              help=N_("A file of named scenarios (TOML); the options above come to each of them."))
@click.option("--sweep", cls=_Option, multiple=True, metavar="KEY=FROM:TO:STEP",
              help=N_("All values of a policy key, both ends included; two make a grid."))
@click.option("--reach", cls=_Option, metavar="coverage=PERCENT%", help=N_("The smallest addition by which so many pairings are made."))
@click.option("--by", cls=_Option, multiple=True, metavar="WHAT",
              help=N_("What --reach may add: cadres, units, townships (places there); or ranks; or new-cadres."))
@click.option("--in-township", cls=_Option, multiple=True, metavar="NAME", help=N_("Where new cadres may be added."))
@click.option("--with-skill", cls=_Option, multiple=True, metavar="SKILL", help=N_("What every new cadre can do."))
@click.option("--places", cls=_Option, type=click.IntRange(1), metavar="N", help=N_("Places of a new cadre, if not the policy's."))
@click.option("--budget-changes", cls=_Option, type=click.IntRange(0), metavar="N",
              help=N_("The best roster in which at most N of last month's pairs change."))
@click.option("--continuity-curve", cls=_Option, is_flag=True,
              help=N_("What keeping last month's pairs costs, from the fewest changes on."))
@click.option("--no-kinks", cls=_Option, is_flag=True, help=N_("Do not look for a sweep's exact turning points (faster)."))
@click.option("--name", cls=_Option, metavar="TEXT", help=N_("What the scenario is called."))
@click.option("--out", cls=_Option, type=click.Path(path_type=Path), help=N_("A new folder for the comparison and each scenario's run."))
@click.option("--no-workbook", cls=_Option, is_flag=True, help=N_("Write no roster.xlsx (faster)."))
@_json
@_quiet
@_lang
def whatif(month: Path, as_json: bool, quiet: bool, **given: Any) -> None:
    from matcher.progress import shown
    from matcher.whatif.say import told

    with shown(_language(), quiet) as progress:
        answer = told(month, given, _command(), _language(), progress)
    click.echo(json.dumps(answer.record, ensure_ascii=False) if as_json else answer.text)
    _alarm(answer.alarms)


@jiedui.command(help=N_(
    "Check a run from its files and the month's tables alone, without the solver: rules, proof, draw, figures, hashes.\n\n"
    "jiedui verify 2008-07-run"))
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--month", cls=_Option, type=click.Path(path_type=Path), help=N_("The month's folder, if it is no longer where it was."))
@click.option("--independent", cls=_Option, is_flag=True, help=N_("Also solve every objective again with another solver (slow)."))
@click.option("--plain", cls=_Option, is_flag=True, help=N_("Also run the checker that can be read in one go, pair by pair (slow)."))
@_json
@_quiet
@_lang
def verify(run: Path, month: MaybePath, independent: bool, plain: bool, as_json: bool, quiet: bool) -> None:
    from matcher.progress import shown
    from matcher.verify.run import lines_of, record_of
    from matcher.verify.run import verify as examine

    with shown(_language(), quiet or not (independent or plain)) as progress:
        verdict = examine(run, month, independent, plain, progress)
    click.echo(json.dumps(record_of(verdict, _language()), ensure_ascii=False) if as_json else lines_of(verdict, _language()))
    sys.exit(0 if verdict.valid else 5)


@jiedui.command(help=N_(
    "Make a workspace: a commented policy.toml and blank workbooks with drop-downs.\n\n"
    "jiedui init work               blank\njiedui init work --sample      with the sample county's two months"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--sample", cls=_Option, is_flag=True, help=N_("With the sample county (made people, real places)."))
@_lang
def init(folder: Path, sample: bool) -> None:
    from matcher.workspace import make_workspace

    for path in make_workspace(folder, sample, _language()):
        click.echo(str(path))


@jiedui.command(help=N_(
    "Write blank workbooks for all tables, with drop-downs and checks.\n\n"
    "jiedui template blank\n"
    "jiedui template blank --policy 2008-07/policy.toml    drop-downs offer the policy's words"))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--policy", cls=_Option, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help=N_("A policy.toml: its ranks and welfare categories are offered."))
@_lang
def template(folder: Path, policy: MaybePath) -> None:
    from matcher.workspace import make_templates

    for path in make_templates(folder, policy, _language()):
        click.echo(str(path))


@jiedui.command(help=N_("Look at this machine: what a run needs and whether it is there."))
@_json
@_lang
def doctor(as_json: bool) -> None:
    from matcher.doctor import examine, table

    found = examine()
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else table(found, _language()))
    sys.exit(0 if all(f["good"] for f in found) else 1)


@jiedui.command(help=N_("Print the completion script of a shell.\n\neval \"$(jiedui completion bash)\""))
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@_lang
def completion(shell: str) -> None:
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    click.echo(found(jiedui, {}, "jiedui", "_JIEDUI_COMPLETE").source() if found else "")


def _alarm(text: str) -> None:
    """Say what somebody should look at, where there is anything; not among the data, which may go into a file."""
    if text:
        click.echo(text, err=True)


def _command() -> str:
    return shlex.join(["jiedui", *sys.argv[1:]])


def _prepare() -> None:
    """Set up what every command needs: UTF-8, the catalogue for click's own messages too, nothing that only costs time."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    os.environ["LANGUAGE"] = _language()
    gettext.bindtextdomain(DOMAIN, LOCALE_FOLDER)
    gettext.textdomain(DOMAIN)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it reads every installed package's metadata
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else NumPy starts threads for sums of floats, of which there are none
    gc.disable()  # a run builds much and drops little: collecting cycles would cost a tenth of it
    keep_freed_memory()


def keep_freed_memory() -> None:
    """Let freed memory be used again instead of going back to the system, from which every page of it would have to be fetched anew.

    The C library (glibc) gives back blocks larger than the largest that was freed so far, up to 32 MB, and what is free beyond twice
    that: so one such block, of which nothing is touched, is freed at the start. Elsewhere it does neither good nor harm.
    """
    len(bytes((32 << 20) - (1 << 16)))


def run() -> int:
    """Run the command and return its exit status; no traceback ever reaches a user."""
    from matcher.errors import JieduiError

    try:
        _prepare()
        jiedui(prog_name="jiedui")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except JieduiError as error:
        from matcher.report import failure

        click.echo(failure(error, _language()), err=True)
        return error.exit_status
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a sentence and exit code 1
        click.echo(_unexpected(error), err=True)
        return 1
    return 0


def _unexpected(error: Exception) -> str:
    """Return the sentence about a failure that nothing else told; what the system refused is told by file and reason."""
    from matcher.errors import reason_of

    if isinstance(error, OSError) and error.filename is not None:
        text = N_("{file} cannot be opened or written: {reason}. Nothing was written.")
        return mask_numbers(message(text, file=str(error.filename), reason=reason_of(error)).render(_language()))
    text = N_("An unexpected failure: {kind}. Nothing was written. Please report it with the command you gave.")
    return message(text, kind=type(error).__name__).render(_language())


def main() -> None:
    """Run the command line and leave at once: the system clears a month's tables away faster than they can be taken apart."""
    status = run()
    with suppress(OSError):  # whoever read our output may have gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
