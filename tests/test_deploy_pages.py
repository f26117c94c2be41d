"""What deploy/ says of Discord is so: the invite link, the settings, the sentences."""

from __future__ import annotations

import re
from pathlib import Path

import discord

from fakes.discord_permissions import INVITED
from vidthread.config import setting_rows
from vidthread.discord.places import needed

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {row.name for row in setting_rows()}


def _read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_invite_link_has_the_permissions_that_are_needed() -> None:
    page = _read("discord.md")
    links = re.findall(r"^https://discord\.com/oauth2/\S+$", page, re.MULTILINE)
    link = discord.utils.oauth_url("APPLICATION_ID", permissions=needed())
    assert links == [link]
    assert needed().value == INVITED
    rows = re.findall(r"^\| ([A-Z][\w ]+) \| (\d+) \|", page, re.MULTILINE)
    values = {name.lower().replace(" ", "_"): int(value) for name, value in rows}
    assert all(discord.Permissions(**{flag: True}).value == values[flag] for flag in values)
    assert sum(values.values()) == needed().value


def test_every_setting_of_discord_stands_on_its_page() -> None:
    wanted = {name for name in SETTINGS if name.startswith("DISCORD_")}
    assert set(re.findall(r"DISCORD_[A-Z_]+", _read("discord.md"))) - wanted == {
        "DISCORD_TOKEN_FILE"
    }
    assert wanted <= set(re.findall(r"DISCORD_[A-Z_]+", _read("discord.md")))


def test_the_sentences_on_the_page_are_those_that_are_said() -> None:
    """Of the tables of what the bot says and what it logs; … stands for what is filled in."""
    bot = ROOT / "bot"
    files = (*bot.rglob("*.py"), *bot.rglob("en.po"))
    said = re.sub(r"\{[^{}]*\}", "…", "\n".join(path.read_text("utf-8") for path in files))
    tables = re.split(r"^What .*:$", _read("discord.md"), flags=re.MULTILINE)[1:]
    rows = [re.findall(r"^\| (.+?) \| ", table, re.MULTILINE)[2:] for table in tables]
    sentences = [*rows[0], *rows[2]]
    assert len(sentences) == 14
    assert [sentence for sentence in sentences if sentence not in said] == []


def test_pages_name_only_settings_and_files_that_are_there() -> None:
    foreign = {"POSTGRES_PASSWORD", "COMPOSE_PROFILES", "APPLICATION_ID"}
    for page in ("README.md", "discord.md"):
        text = _read(page)
        named = set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", text))
        assert {n.removesuffix("_FILE") for n in named} - SETTINGS - foreign == set(), page
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        assert [target for target in targets if not (DEPLOY / target).exists()] == []
