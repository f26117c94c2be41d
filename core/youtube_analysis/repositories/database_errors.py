"""What a database's driver says, told as one error of ours."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from youtube_analysis.errors import DatabaseError

FOREIGN = (SQLAlchemyError, OSError)

_CLOSED_TO_US = "cannot be opened: check that its file and folder can be written"

# By the beginning of the code: SQLite's names, PostgreSQL's states. The first that fits counts.
_TOLD: tuple[tuple[str, str, bool], ...] = (
    ("SQLITE_BUSY", "is kept busy by another program", True),
    ("SQLITE_LOCKED", "is kept busy by another program", True),
    ("SQLITE_FULL", "has no space left on its disk", True),
    ("SQLITE_IOERR", "cannot be read or written: its disk fails", True),
    ("SQLITE_READONLY", "may not be written to: check who owns its file and folder", False),
    ("SQLITE_CANTOPEN", _CLOSED_TO_US, False),
    ("SQLITE_NOTADB", "is no SQLite file", False),
    ("SQLITE_CORRUPT", "is damaged: restore its file from a backup", False),
    ("28", "refuses the user or the password", False),
    ("3D", "does not exist on its server", False),
    ("42501", "does not permit this to its user", False),
    ("25006", "may not be written to", False),
    ("53100", "has no space left on its disk", True),
    ("53", "has no room for another connection", True),
    ("57P", "is being stopped or started", True),
    ("08", "cannot be reached", True),
    ("40", "was asked for two things at once that exclude each other", True),
)


def translated(error: SQLAlchemyError | OSError, *, is_file: bool) -> DatabaseError:
    match error:
        case DBAPIError(orig=BaseException() as original):
            return _of_driver(original, lost=error.connection_invalidated)
        case NoConnectionFree():
            return DatabaseError("has more to do than it can", retryable=True)
        case TimeoutError():
            return DatabaseError("does not answer", retryable=True)
        case OSError():
            if is_file:
                return DatabaseError(_CLOSED_TO_US)
            return DatabaseError("cannot be reached", retryable=True)
    return DatabaseError("refused what was asked of it")


def _of_driver(original: BaseException, *, lost: bool) -> DatabaseError:
    code = _code_of(original)
    for start, what, retryable in _TOLD:
        if code.startswith(start):
            return DatabaseError(what, retryable=retryable)
    if isinstance(original.__cause__, ValueError):
        return DatabaseError("has an address that makes no sense")
    if lost or not code:
        return DatabaseError("closed the connection", retryable=True)
    return DatabaseError("refused what was asked of it")


def _code_of(original: BaseException) -> str:
    """The driver's own error stands behind the one that SQLAlchemy made of it, or is it."""
    for error in (original, original.__cause__):
        for name in ("sqlite_errorname", "sqlstate"):
            code = getattr(error, name, None)
            if code:
                return str(code)
    return ""
