"""Maps what a database driver raises to DatabaseError."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from youtube_analysis.errors import DatabaseError

# ImportError: a driver that is an extra is not installed.
FOREIGN = (SQLAlchemyError, sqlite3.Error, OSError, ImportError)

_CLOSED_TO_US = "cannot be opened: check that its file and folder can be written"

# By the beginning of the code: SQLite's names, PostgreSQL's states. The first that fits counts.
_BY_CODE: tuple[tuple[str, str, bool], ...] = (
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
    ("57014", "does not answer", True),
    ("57P", "is being stopped or started", True),
    ("08", "cannot be reached", True),
    ("40", "was asked for two things at once that exclude each other", True),
)
_BY_WORDS: tuple[tuple[str, str, bool], ...] = (
    ("authentication failed", "refuses the user or the password", False),
    ("no password supplied", "refuses the user or the password", False),
    ("no pg_hba.conf entry", "refuses the user or the password", False),
    ("does not exist", "does not exist on its server", False),
    ("invalid", "has an address that makes no sense", False),
)


def map_database_error(
    error: SQLAlchemyError | sqlite3.Error | OSError | ImportError, *, is_file: bool
) -> DatabaseError:
    match error:
        case DBAPIError(orig=BaseException() as original):
            return _of_driver(original, lost=error.connection_invalidated)
        case sqlite3.Error():
            return _of_driver(error, lost=False)
        case NoConnectionFree():
            return DatabaseError("has more to do than it can", retryable=True)
        case TimeoutError():
            return DatabaseError("does not answer", retryable=True)
        case OSError():
            if is_file:
                return DatabaseError(_CLOSED_TO_US)
            return DatabaseError("cannot be reached", retryable=True)
        case ImportError():
            return DatabaseError("needs the extra vidthread[postgresql], which is not installed")
    return DatabaseError("refused what was asked of it")


def _of_driver(original: BaseException, *, lost: bool) -> DatabaseError:
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    for start, what, retryable in _BY_CODE:
        if code.startswith(start):
            return DatabaseError(what, retryable=retryable)
    if not code:
        # A connection that never came about has no code, only words.
        for words, what, retryable in _BY_WORDS:
            if words in str(original):
                return DatabaseError(what, retryable=retryable)
    if lost or not code:
        return DatabaseError(
            "closed the connection" if lost else "cannot be reached", retryable=True
        )
    return DatabaseError("refused what was asked of it")
