"""`jiedui init`: a workspace to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from matcher.errors import UsageError
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
        The folder exists and is not empty: nothing is overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(message(N_("{folder} is not empty; nothing was written. Choose a new folder."), folder=str(folder)))
    if sample:
        return [_copied(sample_folder() / month, folder / month) for month in MONTHS]
    from matcher.export.templates import write_templates

    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy.toml"
    policy.write_bytes((Path(__file__).parent / "policy" / f"policy.{language}.toml").read_bytes())
    return [policy, *write_templates(folder, language)]


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

    try:
        known = policy_from(tree_of(policy.read_bytes())) if policy is not None else None
        return write_templates(folder, language, known)
    except FileExistsError as error:
        text = N_("{file} is there already; nothing was written. Choose another folder.")
        raise UsageError(message(text, file=str(error.filename or error))) from error
    except OSError as error:
        text = N_("{file} could not be written: {reason}.")
        named = str(error.filename or folder)
        raise UsageError(message(text, file=named, reason=error.strerror or type(error).__name__)) from error


def _copied(source: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.suffix in (".csv", ".toml"):
            (target / path.name).write_bytes(path.read_bytes())
    return target
