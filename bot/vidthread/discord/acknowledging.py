"""The first answer to an interaction: within three seconds, before anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from youtube_analysis.logging import get_logger

from .rest import NOBODY

_log = get_logger(__name__)
Interaction = discord.Interaction[Any]
_ACKNOWLEDGED = 40060
_TRIES = 3


async def tell(interaction: Interaction, sentence: str) -> None:
    """As the first answer, to one person alone."""
    await acknowledged(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
    )


async def acknowledge(interaction: Interaction, *, shown: bool) -> str:
    """The token to answer with; empty where Discord
    had given it up, and what was asked for is done all the same."""
    response = interaction.response
    done = await acknowledged(lambda: response.defer(ephemeral=not shown, thinking=True))
    return interaction.token if done else ""


async def acknowledged(answer: Callable[[], Awaitable[object]]) -> bool:
    """A second try does no harm: Discord says then that there was a first."""
    for _ in range(_TRIES):
        try:
            await answer()
        except discord.InteractionResponded:
            return True
        except discord.HTTPException as error:
            if error.code != _ACKNOWLEDGED:
                _log.warning("not acknowledged", status=error.status, code=error.code)
            return error.code == _ACKNOWLEDGED
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("not acknowledged, trying again", cause=repr(error))
        else:
            return True
    return False
