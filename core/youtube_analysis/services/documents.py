"""Markdown of ours as plain text for a terminal and as one HTML page that needs nothing else."""

from __future__ import annotations

import re
from html import escape
from string import Template

from markdown_it import MarkdownIt

from youtube_analysis.checking.literal import unescaped

_LINK = re.compile(r"(?<!\\)\[(?P<label>[^\]\n]*)\]\((?P<url>[^)\s]+)\)")
LABEL_AND_ADDRESS, _LABEL_ALONE = r"[\g<label>] \g<url>", r"[\g<label>]"
_EMPHASIS = re.compile(r"(?<![\\*\w])(\*{1,2})(?=\S)(.+?)(?<=[^\s\\])\1(?![*\w])")
_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --soft: #646a73;
  --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6eb; --paper: #18191b; --soft: #a2a8b1; --link: #7cb7ff; }
}
body { max-width: 44rem; margin: 2rem auto; padding: 0 1.2rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { line-height: 1.25; } h2 { margin-top: 2.4rem; border-bottom: 1px solid var(--soft); }
a { color: var(--link); font-variant-numeric: tabular-nums; }
em { color: var(--soft); }
ul, ol { padding-inline: 1.6rem; }
li { margin: .35rem 0; }
hr { border: 0; border-top: 1px solid var(--soft); }
</style>
</head>
<body dir="auto">
$body</body>
</html>
"""
)


def html_page(title: str, markdown: str) -> str:
    """A complete page without scripts, fonts or pictures; raw HTML in the text stays text."""
    body = MarkdownIt("commonmark", {"html": False}).render(markdown)
    # Each paragraph finds its own direction: an Arabic quote may stand under an English heading.
    body = re.sub(r"<(p|li|h[1-6])>", r'<\1 dir="auto">', body)
    return _PAGE.substitute(title=escape(title), body=body)


def plain_text(markdown: str) -> str:
    """The same words without markup; a link's label stays, its address goes."""
    lines = []
    for line in markdown.splitlines():
        heading = re.match(r"(#+)\s+(.*)", line)
        text = plain_line(heading[2] if heading else line, _LABEL_ALONE)
        if text == "---":
            continue
        lines.append(text)
        if heading:
            lines.append({1: "=", 2: "-"}.get(len(heading[1]), "")[:1] * len(text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def plain_line(line: str, link: str = LABEL_AND_ADDRESS) -> str:
    """One line, its end included, without markup; `link` says how links are written."""
    text = _LINK.sub(link, line)
    text = unescaped(_EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text)))
    return re.sub(r"^- ", "• ", text)
