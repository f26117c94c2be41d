"""The columns that rows of a thread have."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Column, ColumnElement, Table, Text, and_, bindparam

from vidthread.thread_key import ThreadKey

_NAMES = ("platform", "workspace", "channel", "thread")


def thread_columns() -> tuple[Column[str], ...]:
    return tuple(Column(name, Text, nullable=False) for name in _NAMES)


def thread_values(key: ThreadKey) -> dict[str, str]:
    return asdict(key)


def in_thread(table: Table, key: ThreadKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in asdict(key).items()))


def in_named_thread(table: Table) -> ColumnElement[bool]:
    """For a statement that is built once: its thread is named by `named` when it is executed."""
    return and_(*(table.c[name] == bindparam(f"in_{name}") for name in _NAMES))


def named(key: ThreadKey) -> dict[str, object]:
    return {f"in_{name}": value for name, value in asdict(key).items()}
