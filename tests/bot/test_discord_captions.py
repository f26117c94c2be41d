"""Captions files on Discord: by the command, and by a form where YouTube gives none."""

from __future__ import annotations

from pathlib import Path

from fakes.youtube_bodies import Video
from places import cues
from worlds import open_discord

READ = "## Key Moments"


def srt(number: int) -> bytes:
    lines = [
        f"{n}\n00:{int(at) // 60:02}:{int(at) % 60:02},000 --> "
        f"00:{int(at + 5) // 60:02}:{int(at + 5) % 60:02},000\n{said}\n"
        for n, (said, at, _) in enumerate(cues(number), start=1)
    ]
    return "\n".join(lines).encode()


async def test_the_command_takes_a_file(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.command(
            world.channel,
            world.person,
            "analyze",
            {"types": "key moments"},
            files={"file": ("My talk.en.srt", srt(3))},
        )
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        text = await world.idle(thread.id, READ)
        assert "of harbour 3" in text
        assert "## Summary" not in text
        assert thread.names == ["My talk"]


async def test_without_a_link_or_a_file_it_says_what_it_takes(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.command(world.channel, world.person, "analyze", {})
        await world.told_privately("Name a YouTube link, or attach a captions file.")
        picture = {"file": ("cat.png", b"x")}
        world.discord.command(world.channel, world.person, "analyze", {}, files=picture)
        await world.told_privately("None of those is a captions file")
        assert world.discord.messages(world.channel) == []


async def test_where_a_video_has_no_captions_a_form_takes_some(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.youtube.add(Video("captionless", tracks=()))
        asked = {"link": "https://youtu.be/captionless"}
        world.discord.command(world.channel, world.person, "analyze", asked)
        await world.told_privately("has no captions")
        (refusal,) = world.discord.ephemerals(world.person)
        assert refusal.actions == ["v1:captions:"]
        pressed = world.discord.press(refusal.id, "v1:captions:", world.person)
        await world.until(lambda: pressed.modal)
        world.discord.submit(pressed, {}, {"captions": ("talk.srt", srt(4))})
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        assert "of harbour 4" in await world.idle(thread.id, READ)
