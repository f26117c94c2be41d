"""What can be done next, as buttons and one menu below the newest reply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from youtube_analysis.models.analysis import AnalysisType

from .commands import action
from .sentences import say, say_type
from .surface import Actions, Button, Notice, Reply

STOP = Button(action("stop"), "button.stop")
# Where messages are for writing anyway, adapters leave it out.
ASK = Button(action("ask"), "button.ask")
CAPTIONS = Button(action("captions"), "button.captions")
ANEW = Button(action("retry", "anew"), "button.anew")
_OTHERS = (
    Button(action("coverage"), "button.coverage"),
    Button(action("export", "md"), "button.export_md"),
    Button(action("export", "html"), "button.export_html"),
    Button(action("export", "json"), "button.export_json"),
    ANEW,
)
LONGEST_QUESTION = 75  # characters of one that is a button: its label and its id


def retry(reply: str) -> Button:
    """Does once more what was asked for with this reply."""
    return Button(action("retry", reply), "button.try_again")


def offers_retry(reply: Reply) -> bool:
    actions = (block for block in reply.blocks if isinstance(block, Actions))
    return any(retry(reply.key) in block.buttons for block in actions)


def confirm(what: str) -> Actions:
    """Deletes `thread`, `me` or `all`."""
    return Actions((Button(action("forget", what), "button.delete"),))


def menu(
    reply: str, *first: Button, shown: Iterable[AnalysisType] = (), rated: bool = True
) -> Actions:
    """What can be done next below a reply; what is `shown` in short can be had as a whole."""
    short = {kind: say("button.in_full", type=say_type(kind)) for kind in shown}
    types = (
        Button(action("type", kind.task), short.get(kind, f"type.{kind.task}"))
        for kind in AnalysisType
    )
    rating = (Button(action("good", reply), "👍"), Button(action("bad", reply), "👎"))
    return Actions((*first, ASK, *(rating if rated else ())), (*types, *_OTHERS))


def suggested(topics: Iterable[str]) -> Actions | None:
    """Questions about up to three of the topics, pressed as if they were typed."""
    named = (say("question.about", topic=" ".join(topic.rstrip("…. ").split())) for topic in topics)
    fitting = [question for question in dict.fromkeys(named) if _fits(question)]
    chosen = fitting[:: max(1, len(fitting) // 3)][:3]
    return Actions(tuple(Button(action("ask", q), q) for q in chosen)) if chosen else None


def _fits(question: str) -> bool:
    return len(question.encode("utf-16-le", "surrogatepass")) <= 2 * LONGEST_QUESTION


def with_questions(reply: Reply, topics: Iterable[str]) -> Reply:
    """Above what else can be done next."""
    *others, last = reply.blocks
    questions = suggested(topics)
    if questions is None or not isinstance(last, Actions):
        return reply
    return replace(reply, blocks=(*others, questions, last))


def with_note(reply: Reply, note: Notice) -> Reply:
    """Below what was made, above what can be done next."""
    actions = (block for block in reply.blocks if isinstance(block, Actions))
    return replace(reply, blocks=(*without_buttons(reply).blocks, note, *actions))


def offers(reply: Reply) -> bool:
    """Whether it has the menu, which goes when another has it."""
    return any(isinstance(block, Actions) and block.choices for block in reply.blocks)


def without_buttons(reply: Reply) -> Reply:
    left = tuple(block for block in reply.blocks if not isinstance(block, Actions))
    return replace(reply, blocks=left)
