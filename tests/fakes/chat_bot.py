"""The bot on the local chat platform, as a program that can be killed.

`python tests/fakes/chat_bot.py URL`, with the settings of `vidthread run`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes.chat_adapter import open_chat
from vidthread.config import read_settings
from vidthread.run import open_house
from youtube_analysis.logging import configure_logging


async def serve(url: str) -> None:
    core, bot = read_settings(os.environ)
    configure_logging(core.log_level or "WARNING", core.log_format)
    async with open_house(core, bot, [open_chat(url)]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
