"""What admins chose for a workspace and its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select

from vidthread.thread_key import ThreadKey
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import PLAIN, Length, Style
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import upsert

from .tables import styles, workspaces


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """`channels` are the ids of those to work in, all where it is empty; `language` is None for
    that of the video; `types` are those of an analysis where nobody says, ours where empty; `model`
    is one that the host lists, or listed once, None for the default. `styles` are those of
    channels, by their ids."""

    channels: tuple[str, ...] = ()
    language: str | None = None
    types: tuple[AnalysisType, ...] = ()
    model: str | None = None
    styles: Mapping[str, Style] = field(default_factory=dict)

    def allows(self, channel: str) -> bool:
        return not self.channels or channel in self.channels

    def style(self, channel: str) -> Style:
        return self.styles.get(channel, PLAIN)


class Workspaces:
    """What is read often is remembered: this process is the only one that writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], WorkspaceSettings] = {}

    async def get(self, platform: str, workspace: str) -> WorkspaceSettings:
        if (platform, workspace) not in self._known:
            settings = await self._database.read(
                lambda connection: _read(connection, platform, workspace)
            )
            self._known[platform, workspace] = settings
        return self._known[platform, workspace]

    async def change(self, platform: str, workspace: str, **changes: object) -> WorkspaceSettings:
        """The settings with what is named changed, as they are kept from now on."""
        settings = replace(await self.get(platform, workspace), **changes)  # type: ignore[arg-type] # fields by name
        values = {
            "channels": list(settings.channels),
            "language": settings.language,
            "types": [kind.value for kind in settings.types],
            "model": settings.model,
        }

        key = {"platform": platform, "workspace": workspace}
        await self._database.write(lambda connection: upsert(connection, workspaces, key, values))
        self._known[platform, workspace] = settings
        return settings

    async def change_style(
        self, platform: str, workspace: str, channel: str, style: Style
    ) -> WorkspaceSettings:
        """As `change`, of one channel."""
        known = await self.get(platform, workspace)
        settings = replace(known, styles={**known.styles, channel: style})
        key = {"platform": platform, "workspace": workspace, "channel": channel}
        values = {"length": style.length.value, "instruction": style.instruction}
        await self._database.write(lambda connection: upsert(connection, styles, key, values))
        self._known[platform, workspace] = settings
        return settings

    def forget_workspace(self, connection: Connection, key: ThreadKey) -> None:
        """Call `drop` when that is done."""
        for table in (workspaces, styles):
            connection.execute(delete(table).where(_its(table, key.platform, key.workspace)))

    def drop(self, key: ThreadKey) -> None:
        """The next read comes from the database."""
        self._known.pop((key.platform, key.workspace), None)


def _read(connection: Connection, platform: str, workspace: str) -> WorkspaceSettings:
    of_channels = connection.execute(select(styles).where(_its(styles, platform, workspace)))
    known = {row.channel: Style(Length(row.length), row.instruction) for row in of_channels}
    chosen = select(workspaces).where(_its(workspaces, platform, workspace))
    row = connection.execute(chosen).one_or_none()
    if row is None:
        return WorkspaceSettings(styles=known)
    types = tuple(AnalysisType(name) for name in row.types)
    return WorkspaceSettings(tuple(row.channels), row.language, types, row.model, known)


def _its(table: Table, platform: str, workspace: str) -> ColumnElement[bool]:
    return and_(table.c.platform == platform, table.c.workspace == workspace)
