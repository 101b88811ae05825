"""Old workbooks (.xls, WPS .et) as containers: is one encrypted, does it hold macros, which rows and columns are hidden."""

from __future__ import annotations

_ENTRY = 128
_NAME_LENGTH = 64
ENCRYPTED, MACROS = "EncryptedPackage", "_VBA_PROJECT_CUR"


def has_stream(data: bytes, name: str) -> bool:
    """Return whether the container's directory has an entry of a name; a text that says the same is none."""
    wanted = name.encode("utf-16-le")
    at = data.find(wanted)
    while at >= 0:
        length = int.from_bytes(data[at + _NAME_LENGTH : at + _NAME_LENGTH + 2], "little")
        if at % _ENTRY == 0 and length == len(wanted) + 2:
            return True
        at = data.find(wanted, at + 1)
    return False
