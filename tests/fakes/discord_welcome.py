"""The first that a session hears: who it is, and each guild with all that is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.discord_guilds import JSON, Guild, Kind, iso

if TYPE_CHECKING:
    from fakes.discord_community import Community
    from fakes.discord_gateway import Session


def ready(community: Community, session: Session) -> JSON:
    guilds = [g.id for g in community.guilds.values() if community.bot.id in g.members]
    mine = [identity for identity in guilds if session.serves(community.guilds[identity])]
    return {
        "v": 10,
        "user": {**community.bot.payload(), "verified": True, "mfa_enabled": False, "email": None},
        "guilds": [{"id": identity, "unavailable": True} for identity in mine],
        "session_id": session.id,
        "resume_gateway_url": community.gateway.url,
        "shard": [session.shard, session.shards],
        "application": {"id": community.application, "flags": community.flags},
        "private_channels": [],
    }


def guild_created(community: Community, guild: Guild) -> JSON:
    """Channels are listed that the bot does not see, as Discord lists them; threads are not, nor
    are archived ones."""
    here = [c for c in community.channels.values() if c.guild is guild and not c.deleted]
    threads = [c for c in here if c.is_thread and not c.archived and community.sees(c)]
    private = [c for c in threads if c.kind is Kind.PRIVATE_THREAD]
    hidden = [c for c in private if community.bot.id not in c.people]
    bot = community.bot.id
    return guild.payload() | {
        "joined_at": iso(guild.joined),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [guild.member(community.bot)],
        "channels": [c.payload(bot) for c in here if not c.is_thread],
        "threads": [c.payload(bot) for c in threads if c not in hidden],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application(community: Community) -> JSON:
    return {
        "id": community.application,
        "name": community.bot.name,
        "description": "",
        "icon": None,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": community.flags,
        "owner": {"id": "1", "username": "owner", "discriminator": "0", "avatar": None,
                  "global_name": None, "public_flags": 0},
        "team": None,
        "approximate_guild_count": len(community.guilds),
        "bot": community.bot.payload(),
        "hook": True,
        "integration_types_config": {"0": {}, "1": {}},
        "interactions_endpoint_url": None,
        **community.portal,
    }  # fmt: skip


def gateway_of_bot(community: Community) -> JSON:
    used = len(community.gateway.identified)
    limit = {"total": 1000, "remaining": 1000 - used, "reset_after": 14_400_000}
    return {
        "url": community.gateway.url,
        "shards": community.gateway.shards,
        "session_start_limit": {**limit, "max_concurrency": 1},
    }
