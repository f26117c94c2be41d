"""Quotation marks of all scripts, and which closes which."""

from __future__ import annotations

from youtube_analysis.passages.words import UNSPACED

# Opening mark -> the marks that close it.
CLOSERS = {
    '"': '"', "＂": "＂", "“": "”", "”": "”“", "„": "“”‟", "‟": "”", "⹂": "“”", "❝": "❞",
    "❠": "❞❝", "〝": "〞〟", "🙶": "🙷", "🙸": "🙷🙶", "″": "″", "‶": "″", "ʺ": "ʺ", "ˮ": "ˮ",
    "˝": "˝", "״": "״", "«": "»", "»": "«»", "‹": "›", "›": "‹›", "❮": "❯", "❬": "❭", "❰": "❱",
    "「": "」", "『": "』", "｢": "｣", "﹁": "﹂", "﹃": "﹄", "⸢": "⸣",
    "《": "》", "〈": "〉", "⟪": "⟫", "\u2329": "\u232a", "︽": "︾", "︿": "﹀",
}  # fmt: skip
# These hold the names of works more often than what somebody says.
TITLES = frozenset("《〈⟪\u2329︽︿")
GREAT = "".join(sorted({*CLOSERS, *"".join(CLOSERS.values())}))
SMALL = "'’‘‚‛`´′‵ʹʻʼʽˊˋ˴΄᾽᾿῾\u0374❛❜❟＇｀՚׳ꞌߴߵ"
# Beside these a small mark is an apostrophe; some scripts know none.
LETTER = rf"[[\p{{L}}\p{{N}}]--[{UNSPACED}\p{{Hangul}}{GREAT}{SMALL}]]"
