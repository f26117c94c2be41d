"""ContentService: results in the forms that people and programs take away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import StrEnum
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from youtube_analysis.checking.filter import CITED, cited_numbers
from youtube_analysis.checking.literal import literal, unescaped
from youtube_analysis.models.analysis import AnalysisResult, Citation, Claim, TaskOutput
from youtube_analysis.models.chat import Answer
from youtube_analysis.models.notices import Notice
from youtube_analysis.models.video import Source, VideoData, clock
from youtube_analysis.passages.transcript import Transcript

_LINK = re.compile(r"(?<!\\)\[(?P<label>[^\]\n]*)\]\((?P<url>[^)\s]+)\)")
_LABEL_AND_ADDRESS, _LABEL_ALONE = r"[\g<label>] \g<url>", r"[\g<label>]"
_EMPHASIS = re.compile(r"(?<![\\*\w])(\*{1,2})(?=\S)(.+?)(?<=[^\s\\])\1(?![*\w])")
_STAR = re.compile(r"(?<!\\)\*")


class ContentFormat(StrEnum):
    TEXT = "text"
    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


class ContentService:
    def render(
        self, result: AnalysisResult, form: ContentFormat, answers: Sequence[Answer] = ()
    ) -> str:
        """The whole result, and what was asked about it, as one document that ends with a line
        break."""
        match form:
            case ContentFormat.JSON:
                results = self.results(result)
                if answers:
                    results["questions"] = [answer_dict(answer) for answer in answers]
                return json.dumps(results, ensure_ascii=False, indent=2) + "\n"
            case ContentFormat.MARKDOWN:
                return self.markdown(result, answers)
            case ContentFormat.HTML:
                return _html_page(result.video.info.title, self.markdown(result, answers))
            case ContentFormat.TEXT:
                return _plain_text(self.markdown(result, answers))

    def markdown(self, result: AnalysisResult, answers: Sequence[Answer] = ()) -> str:
        parts = [f"# {literal(result.video.info.title)}", self.about(result.video)]
        for output in result.outputs:
            parts += [f"## {output.type}", shown_text(output)]
        for failure in result.failures:
            parts += [f"## {failure.type}", emphasized(f"Not made: {failure.message}")]
        if answers:
            parts.append("## Questions")
        for answer in answers:
            parts += [f"### {literal(' '.join(answer.question.split()))}", shown_text(answer)]
        if result.outputs:
            parts += ["---", _made_by(result.outputs)]
        return "\n\n".join(parts) + "\n"

    def plain(self, text: str) -> str:
        """Renders whole lines of an answer for a terminal: no markup, addresses written out."""
        return "".join(map(_plain_line, text.splitlines(keepends=True)))

    def about(self, video: VideoData) -> str:
        """Says what was read, and what could not be: the lines under the title."""
        info = video.info
        facts = [
            f"by {literal(info.channel)}" if info.channel else "",
            clock(video.duration),
            info.published[:10] if info.published else "",
            info.url or "",
        ]
        lines = [" · ".join(fact for fact in facts if fact), coverage_sentence(video)]
        lines += map(str, video.missing)
        return "\n\n".join(f"*{line}*" for line in lines if line)

    def results(self, result: AnalysisResult) -> dict[str, Any]:
        """The JSON-serialisable dict of the library's doors; offline, token counts are zeros."""
        video, usage = result.video, result.usage
        tokens = {
            "total_tokens": usage.total,
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "cached_tokens": usage.cached,
        }
        return {
            "video_id": video.info.video_id,
            "youtube_url": video.info.url,
            "status": result.status.value,
            "task_outputs": {output.type.task: shown_text(output) for output in result.outputs},
            "claims": {
                output.type.task: list(map(claim_dict, output.claims)) for output in result.outputs
            },
            "engine": _engine(result.outputs),
            "category": result.classification.category.value,
            "context_tag": result.classification.tag.value,
            "total_token_usage": tokens,
            "token_usage": tokens,
            "analysis_time": round(result.seconds, 3),
            "created_at": result.created_at.isoformat(),
            "timestamp": result.created_at.strftime("%Y-%m-%d %H:%M:%S"),
            "cached": result.cached,
            "chat_details": _chat_details(video),
            "error_message": " ".join(failure.message for failure in result.failures) or None,
            "transcript": video.transcript,
            "transcript_segments": list(map(msgspec.structs.asdict, video.segments)),
            "video_info": _video_info(video),
            "workflow_version": "2.0",
            "performance_optimized": True,
        }


def shown_text(made: TaskOutput | Answer, word: Callable[[Notice], str] = str) -> str:
    """Markdown as people read it: sentences of ours around the text, as `word` words them, and
    citations as times that are links where the video is known."""
    lead = emphasized(word(made.lead)) if made.lead else ""
    note = emphasized(word(made.note)) if made.note else ""
    return "\n\n".join(filter(None, (lead, with_times(made.text, made.citations).strip(), note)))


def emphasized(sentence: str) -> str:
    """A sentence of ours in italics: what is emphasized in it would end them."""
    return f"*{_STAR.sub('', sentence)}*"


def with_times(text: str, citations: Sequence[Citation]) -> str:
    """The text as people read it: `[12]` becomes `[1:16](https://youtu.be/…?t=76)`, or `[1:16]`
    for a file whose video nobody knows. What has no citation goes; texts of older versions, whose
    citations have no number, stay as they are."""
    left: dict[int, list[Citation]] = {}
    for citation in reversed(citations):
        left.setdefault(citation.number, []).append(citation)
    if left.keys() == {0}:
        return text

    def time(match: re.Match[str]) -> str:
        found = left.get(int(match[1]))
        if not found:
            return ""
        citation = found.pop()
        shown = f"[{clock(citation.start)}]"
        return f"{shown}({citation.url})" if citation.url else shown

    return CITED.sub(time, text)


def with_passage_times(text: str, reading: Transcript) -> str:
    """As `with_times`, of a text that still grows: at the start of each passage that it cites."""
    known = (number for number in cited_numbers(text) if number <= len(reading.passages))
    return with_times(text, [reading.cite(number, quote="") for number in known])


def answer_dict(answer: Answer) -> dict[str, Any]:
    """The form of an answer for programs."""
    return {
        "question": answer.question,
        "answer": shown_text(answer),
        "answered": answer.answered,
        "engine": answer.engine,
        "citations": [citation_dict(citation) for citation in dict.fromkeys(answer.citations)],
        "claims": list(map(claim_dict, answer.claims)),
    }


def claim_dict(claim: Claim) -> dict[str, Any]:
    cited = list(map(citation_dict, claim.citations))
    return {"text": claim.text, "support": claim.support.value, "citations": cited}


def citation_dict(citation: Citation) -> dict[str, Any]:
    fields = asdict(citation)
    del fields["number"]
    return fields


def _engine(outputs: tuple[TaskOutput, ...]) -> str | None:
    """The model that made all of it, or `mixed`; None where nothing was made."""
    engines = {output.engine for output in outputs}
    return "mixed" if len(engines) > 1 else next(iter(engines), None)


def coverage_sentence(video: VideoData) -> str:
    """`Read 1:20:07 of 1:20:07, English (captions by people).` and where nothing could be read."""
    coverage = video.coverage
    track = video.track
    source = f"from a {track.name}" if video.source is Source.FILE else track.describe()
    read = f"Read {clock(coverage.read)} of {clock(coverage.total)}, {source}"
    gaps = ", ".join(f"{clock(gap.start)}–{clock(gap.end)}" for gap in coverage.gaps[:5])
    more = f" and {len(coverage.gaps) - 5} more" if len(coverage.gaps) > 5 else ""
    return f"{read}; no captions at {gaps}{more}." if gaps else f"{read}."


def _made_by(outputs: tuple[TaskOutput, ...]) -> str:
    if {output.engine for output in outputs} == {"offline"}:
        return (
            "*Made offline, without a language model: every sentence above is the speaker's own, "
            "picked and put in order.*"
        )
    return f"*Made by {', '.join(sorted({output.engine for output in outputs}))}.*"


def _chat_details(video: VideoData) -> dict[str, Any]:
    info = video.info
    return {
        "video_id": info.video_id,
        "youtube_url": info.url,
        "title": info.title,
        "description": info.description,
        "has_timestamps": video.coverage.timed,
    }


def _video_info(video: VideoData) -> dict[str, Any]:
    info = video.info
    return {
        "video_id": info.video_id,
        "title": info.title,
        "channel_name": info.channel,
        "channel_id": info.channel_id,
        "description": info.description,
        "duration": video.duration,
        "view_count": info.view_count,
        "publish_date": info.published,
        "category": info.category,
        "tags": list(info.keywords),
        "thumbnail_url": info.thumbnail_url,
        "chapters": list(map(asdict, video.chapters)),
        "caption_track": asdict(video.track),
        "coverage": {
            **asdict(video.coverage),
            "gaps": [[gap.start, gap.end] for gap in video.coverage.gaps],
        },
        "missing": list(map(str, video.missing)),
    }


def _html_page(title: str, markdown: str) -> str:
    """A complete page without scripts, fonts or pictures; raw HTML in the text stays text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - nobody else waits for it

    body = MarkdownIt("commonmark", {"html": False}).render(markdown)
    # Each paragraph finds its own direction: an Arabic quote may stand under an English heading.
    body = re.sub(r"<(p|li|h[1-6])>", r'<\1 dir="auto">', body)
    page = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
    return page.substitute(title=escape(title), body=body)


def _plain_text(markdown: str) -> str:
    """The same words without markup; a link's label stays, its address goes."""
    lines = []
    for line in markdown.splitlines():
        heading = re.match(r"(#+)\s+(.*)", line)
        text = _plain_line(heading[2] if heading else line, _LABEL_ALONE)
        if text == "---":
            continue
        lines.append(text)
        if heading:
            lines.append({1: "=", 2: "-"}.get(len(heading[1]), "")[:1] * len(text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _plain_line(line: str, link: str = _LABEL_AND_ADDRESS) -> str:
    """One line, its end included, without markup; `link` says how links are written."""
    text = _LINK.sub(link, line)
    text = unescaped(_EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text)))
    return re.sub(r"^- ", "• ", text)
