"""What the bot must not lose: events taken in, messages posted, the playground's own."""

from .erasing import AskedRow, asked_beside, unasked
from .feedback import Feedback, Rating
from .ledger import Ledger, Unfinished, reply_key
from .posts import Outbox, Post, PostedPage, Posts
from .store import Marks, Store
from .tables import SCHEMA
from .threads import RecentVideo, Threads, WorkspaceFigures
from .workspaces import Workspaces, WorkspaceSettings

# In the order of characters, as every front door.
__all__ = [  # noqa: RUF022
    "AskedRow",
    "Feedback",
    "Ledger",
    "Marks",
    "Outbox",
    "Post",
    "PostedPage",
    "Posts",
    "Rating",
    "RecentVideo",
    "SCHEMA",
    "Store",
    "Threads",
    "Unfinished",
    "WorkspaceFigures",
    "WorkspaceSettings",
    "Workspaces",
    "asked_beside",
    "reply_key",
    "unasked",
]
