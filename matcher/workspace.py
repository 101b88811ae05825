"""`jiedui init`: a workspace to start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from matcher.errors import UsageError, reason_of
from matcher.messages import N_, message

MONTHS = ("2008-06", "2008-07")


def sample_folder() -> Path:
    """Return where the sample county's months are: in the installed package, or beside the checkout."""
    installed = Path(str(files("matcher"))) / "sample"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "data" / "sample"


def make_workspace(folder: Path, sample: bool, language: str) -> list[Path]:
    """Make a workspace and return what was written.

    Parameters
    ----------
    sample : bool
        With the sample county's months instead of blank workbooks.

    Raises
    ------
    UsageError
        The folder exists and is not empty: nothing is overwritten. Or it cannot be written.
    """
    with _writing(folder):
        return _made(folder, sample, language)


def _made(folder: Path, sample: bool, language: str) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise UsageError(message(N_("{folder} is a file and no folder."), folder=str(folder)))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(message(N_("{folder} is not empty; nothing was written. Choose a new folder."), folder=str(folder)))
    from matcher.export.templates import templates, write_new

    if sample:
        write_new({path: data for month in MONTHS for path, data in _copies(sample_folder() / month, folder / month).items()})
        return [folder / month for month in MONTHS]
    text = (Path(__file__).parent / "policy" / f"policy.{language}.toml").read_bytes()
    made = {folder / "policy.toml": text, **templates(folder, language)}
    write_new(made)
    return list(made)


def make_templates(folder: Path, policy: Path | None, language: str) -> list[Path]:
    """Write blank workbooks for all tables and return them.

    Parameters
    ----------
    policy : Path, optional
        A policy.toml whose words the drop-downs offer.

    Raises
    ------
    UsageError
        One of the workbooks is there already, or cannot be written.
    InputError
        The policy cannot be used.
    """
    from matcher.export.templates import write_templates
    from matcher.policy.read import policy_from, tree_of
    from matcher.tables.grid import opening

    with opening(str(policy), "policy"):
        data = policy.read_bytes() if policy is not None else None
    with _writing(folder):
        return write_templates(folder, language, policy_from(tree_of(data)) if data is not None else None)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Tell what cannot be written, and why."""
    try:
        yield
    except FileExistsError as error:
        text = N_("{file} is there already; nothing was written. Choose another folder.")
        raise UsageError(message(text, file=str(error.filename or error))) from error
    except OSError as error:
        text = N_("{file} could not be written: {reason}.")
        named = str(error.filename or folder)
        raise UsageError(message(text, file=named, reason=reason_of(error))) from error


def _copies(source: Path, target: Path) -> dict[Path, bytes]:
    return {target / path.name: path.read_bytes() for path in sorted(source.iterdir()) if path.suffix in (".csv", ".toml")}
