"""What a good language model would write about the talk that comes with Vidthread, for pictures."""

from __future__ import annotations

import json
import re
from typing import Any

from fakes.model_answers import compose, passages

# A place is cited by words that are said there.
_SUMMARY = {
    "category": "Technology",
    "context_tag": "How-To Guide",
    "tldr": (
        "Most incident reviews fail before they begin, so write the timeline beforehand <Write the "
        "timeline before> and ask what people saw instead of who did it <Never ask who>. Then "
        "leave with three actions at most <limit yourself to three>."
    ),
    "details": [
        {
            "heading": "Before the meeting",
            "text": "One person who was not on call, the historian, collects the timeline in two "
            "hours <Give one person two hours>. It goes out twenty-four hours before the review "
            "<twenty-four hours before>.",
        },
        {
            "heading": "In the room",
            "text": "Invite the people who touched the system and leave their managers out <Do not "
            "invite their managers>: with a director in the room, people admitted doubt six times "
            "less often <With a director>.",
        },
    ],
    "key_points": [
        "An incident review is training, not a trial <not a trial>.",
        "Hold the review within five working days <within five working days>.",
        "Ask what the dashboard showed, never who did it <Ask what the dashboard showed>.",
        "Reviews with three actions or fewer finished eighty-one percent of them <eighty-one>.",
    ],
}
_MOMENTS = """\
- <Four years ago> **The price of a bad review:** Tomas deployed nothing for three weeks, and the \
same outage came back. <did not deploy>
- <Write the timeline before> **The historian:** The timeline is written before the meeting, by \
someone who was not on call. <Give one person two hours>
- <Now, the meeting itself> **Who should be there:** Everyone who was involved, but no managers. \
<Do not invite their managers>
- <The third thing> **How to ask:** Six green check marks had misled an engineer for a reason that \
“why” would never have found. <six green check marks>
- <Fourth: actions> **Three actions:** Long lists are not finished, short ones are. <eighty-one>"""
_ANSWER = (
    "At most three <limit yourself to three>. In two years of reviews, only thirty-eight percent "
    "of all actions were finished <thirty-eight percent>, but reviews with three or fewer finished "
    "eighty-one percent of theirs <eighty-one>."
)
_PLACE = re.compile(r"<([^>]+)>")


def write(body: dict[str, Any]) -> str:
    """The reply to a request; what it is not prepared for is composed."""
    task = str(body["messages"][-1]["content"])
    if "summarize and classify" in task:
        return _cited(json.dumps(_SUMMARY), body)
    if "key moments" in task:
        return _cited(_MOMENTS, body)
    return _cited(_ANSWER, body) if "How many actions" in task else compose(body)


def _cited(text: str, body: dict[str, Any]) -> str:
    said = passages(body)
    return _PLACE.sub(lambda place: f"[{next(n for n, words in said if place[1] in words)}]", text)
