"""What people write on Discord, as events for the assistant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import discord

from vidthread.surface import Addressed, Attachment, Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from vidthread.words import find_link
from youtube_analysis.captions import LARGEST_FILE, SUFFIXES
from youtube_analysis.checking.literal import literal
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest

from .rest import Rest

_FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_ORDINARY = {discord.MessageType.default, discord.MessageType.reply}


class FileWithheld(InvalidRequest):
    code = "file_withheld"

    def __init__(self, name: str) -> None:
        super().__init__(f"Discord did not give me {literal(name)}. Share it once more.")


def is_ordinary(message: discord.Message) -> bool:
    """Written by a person."""
    by_person = not (message.author.bot or message.webhook_id)
    return by_person and message.type in _ORDINARY


def addressed(message: discord.Message, me: discord.ClientUser) -> Addressed:
    """A reply to one of our messages is for us, whether it pings or not."""
    if message.guild is None or me in message.mentions or _names_our_role(message, me):
        return Addressed.BOT
    answered = message.reference.resolved if message.reference else None
    if isinstance(answered, discord.Message):
        return Addressed.BOT if answered.author.id == me.id else Addressed.OTHERS
    others = message.mentions or message.role_mentions or message.reference
    return Addressed.OTHERS if others else Addressed.NOBODY


def words(message: discord.Message, me: discord.ClientUser) -> str:
    """Without our own name."""
    ours = [rf"<@!?{me.id}>", *(rf"<@&{r.id}>" for r in message.role_mentions if _is_ours(r, me))]
    return re.sub("|".join(ours), " ", message.content).strip()


def answered_link(message: discord.Message) -> str:
    """The link in the message that this one replies to."""
    answered = message.reference.resolved if message.reference else None
    return link_in(answered) if isinstance(answered, discord.Message) else ""


def link_in(message: discord.Message) -> str:
    """In a message, or in the one that it answers."""
    answered = message.reference.resolved if message.reference else None
    texts = [message.content, *(embed.url or "" for embed in message.embeds)]
    if isinstance(answered, discord.Message):
        texts.append(answered.content)
    return first_link(texts)


def first_link(texts: Sequence[str]) -> str:
    for text in texts:
        if (found := find_link(text)) and found.link:
            return found.link
    return ""


async def captions_of(
    attachments: Sequence[discord.Attachment], rest: Rest, api_url: str
) -> tuple[Attachment, ...]:
    """The first that looks like captions; files come from Discord's own hosts or nowhere. Raises
    CaptionsFileTooLarge, FileWithheld."""
    for attachment in attachments:
        named = attachment.filename.casefold().endswith(SUFFIXES)
        if not named or not _is_hosted(attachment.url, api_url):
            continue
        if attachment.size > LARGEST_FILE:
            raise CaptionsFileTooLarge(f"{LARGEST_FILE // 2**20} MB")
        try:
            content = await rest.download(attachment)
        except SurfaceError as error:
            raise FileWithheld(attachment.filename) from error
        return (Attachment(attachment.filename, content),)
    return ()


def incoming_message(
    message: discord.Message, key: ThreadKey, me: discord.ClientUser, to: Addressed
) -> Incoming:
    """Without the files that came with it."""
    return Incoming(
        event=f"m{message.id}",
        key=key,
        author=str(message.author.id),
        message=str(message.id),
        text=words(message, me),
        addressed=to,
        admin=is_admin(message.author, message.guild),
        happened=message.id,
    )


def is_admin(person: discord.abc.User, guild: discord.Guild | None) -> bool:
    """Alone with us everybody is one."""
    if guild is None:
        return True
    return isinstance(person, discord.Member) and person.guild_permissions.manage_guild


def _is_hosted(url: str, api_url: str) -> bool:
    file, api = urlsplit(url), urlsplit(api_url)
    if (file.scheme, file.netloc) == (api.scheme, api.netloc):
        return True
    return file.scheme == "https" and file.hostname in _FILE_HOSTS


def _names_our_role(message: discord.Message, me: discord.ClientUser) -> bool:
    return any(_is_ours(role, me) for role in message.role_mentions)


def _is_ours(role: discord.Role, me: discord.ClientUser) -> bool:
    return bool(role.tags and role.tags.bot_id == me.id)
