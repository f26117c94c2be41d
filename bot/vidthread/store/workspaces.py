"""What the admins of a Discord server or a Slack workspace chose for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from vidthread.thread_key import ThreadKey
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.repositories.database import Database, insert

from .tables import workspaces


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """`channels` are the ids of those to work in, all where it is empty; `language` is None for
    that of the video; `types` are those of an analysis where nobody says, ours where empty."""

    channels: tuple[str, ...] = ()
    language: str | None = None
    types: tuple[AnalysisType, ...] = ()

    def allows(self, channel: str) -> bool:
        return not self.channels or channel in self.channels


class Workspaces:
    """What is read often is remembered: this process is the only one that writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], WorkspaceSettings] = {}

    async def get(self, platform: str, workspace: str) -> WorkspaceSettings:
        if (platform, workspace) not in self._known:
            chosen = select(workspaces).where(_of(platform, workspace))
            row = await self._database.read(
                lambda connection: connection.execute(chosen).one_or_none()
            )
            settings = WorkspaceSettings()
            if row:
                types = tuple(AnalysisType(name) for name in row.types)
                settings = WorkspaceSettings(tuple(row.channels), row.language, types)
            self._known[platform, workspace] = settings
        return self._known[platform, workspace]

    async def change(self, platform: str, workspace: str, **changes: object) -> WorkspaceSettings:
        """The settings with what is named changed, as they are kept from now on."""
        settings = replace(await self.get(platform, workspace), **changes)  # type: ignore[arg-type] # fields by name
        values = {
            "channels": list(settings.channels),
            "language": settings.language,
            "types": [kind.value for kind in settings.types],
        }

        def kept(connection: Connection) -> None:
            keeping = insert(connection, workspaces).values(
                platform=platform, workspace=workspace, **values
            )
            index = ["platform", "workspace"]
            connection.execute(keeping.on_conflict_do_update(index_elements=index, set_=values))

        await self._database.write(kept)
        self._known[platform, workspace] = settings
        return settings

    def forget_workspace(self, connection: Connection, key: ThreadKey) -> None:
        """Call `drop` when that is done."""
        connection.execute(delete(workspaces).where(_of(key.platform, key.workspace)))

    def drop(self, key: ThreadKey) -> None:
        """They are read anew from the database."""
        self._known.pop((key.platform, key.workspace), None)


def _of(platform: str, workspace: str) -> ColumnElement[bool]:
    return and_(workspaces.c.platform == platform, workspaces.c.workspace == workspace)
