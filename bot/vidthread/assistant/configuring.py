"""What admins choose for a workspace and its channels, changed and listed."""

from __future__ import annotations

from vidthread.commands import (
    DEFAULT_TYPES,
    DefaultSetting,
    SetChannels,
    SetDefaultLanguage,
    SetDefaultModel,
    SetDefaultStyle,
    SetDefaultTypes,
    ShowSettings,
)
from vidthread.sentences import language_name, say, say_list, say_place, say_type
from vidthread.store import Workspaces, WorkspaceSettings
from vidthread.thread_key import ThreadKey
from vidthread.words import named_model
from youtube_analysis.models.style import Style
from youtube_analysis.service_factory import ServiceFactory


class Configuring:
    def __init__(self, factory: ServiceFactory, workspaces: Workspaces) -> None:
        self._models = factory.get_analysis_service().models
        self._workspaces = workspaces

    async def answer(self, command: ShowSettings | DefaultSetting, key: ThreadKey) -> str:
        """Markdown, for where the key leads. Raises DatabaseError."""
        where, channel = (key.platform, key.workspace), key.channel
        change = self._workspaces.change
        match command:
            case ShowSettings():
                heading = say("settings.heading", place=say_place(key.platform))
                return self._listed(heading, await self._workspaces.get(*where), key, channel)
            case SetChannels(channels):
                changed = await change(*where, channels=channels)
            case SetDefaultLanguage(language):
                changed = await change(*where, language=language)
            case SetDefaultTypes(types):
                changed = await change(*where, types=types)
            case SetDefaultModel(name):
                model = named_model(name, self._models) if name else None
                if name and not model:
                    return say("unclear.model", name=name[:60], names=say_list(self._models))
                changed = await change(*where, model=model)
            case SetDefaultStyle():
                channel = command.channel or channel
                known = (await self._workspaces.get(*where)).style(channel)
                changed = await self._workspaces.change_style(
                    *where, channel, _changed(known, command)
                )
        return self._listed(say("settings.changed"), changed, key, channel)

    def _listed(
        self, heading: str, settings: WorkspaceSettings, key: ThreadKey, channel: str
    ) -> str:
        """With the style of this channel."""
        channels = ", ".join(f"<#{channel}>" for channel in settings.channels)
        types = ", ".join(say_type(kind) for kind in settings.types or DEFAULT_TYPES)
        language = settings.language and language_name(settings.language)
        model = named_model(settings.model or "", self._models)
        default = say("settings.default_model", name=self._models[0])
        where = say("settings.here") if channel == key.channel else f"<#{channel}>"
        style = settings.style(channel)
        instruction = style.instruction or say("settings.no_instruction")
        lines = [
            say("settings.channels", channels=channels or say("settings.all_channels")),
            say("settings.language", language=language or say("settings.own_language")),
            say("settings.types", types=types),
            say("settings.model", model=model or default),
            say("settings.length", where=where, length=say(f"length.{style.length}")),
            say("settings.instruction", where=where, instruction=instruction),
        ]
        return "\n".join((heading, "", *(f"- {line}" for line in lines)))


def _changed(style: Style, command: SetDefaultStyle) -> Style:
    instruction = command.instruction
    return Style(
        command.length or style.length, style.instruction if instruction is None else instruction
    )
