"""What a language model is told. VERSION changes with every text here."""

from .messages import Conversation, Message, TalkText, TokenCounts, converse, talk_text
from .verification import verification

__all__ = [
    "Conversation",
    "Message",
    "TalkText",
    "TokenCounts",
    "converse",
    "talk_text",
    "verification",
]
