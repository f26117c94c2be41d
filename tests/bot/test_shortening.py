"""What of an analysis a phone shows: a beginning that only grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vidthread.shortening import folded, tldr_of, without_tldr

FOLDED = "*More below*"
SUMMARY = (
    "**Category:** A\n\n### TL;DR\n\nOne. [0:02](https://youtu.be/x?t=2)\n\n### Details\n\n- Two."
)


def test_a_gist_is_taken_out() -> None:
    assert tldr_of(SUMMARY) == "One. [0:02](https://youtu.be/x?t=2)"
    assert without_tldr(SUMMARY) == "**Category:** A\n\n### Details\n\n- Two."
    assert tldr_of("### TL;DR\n\nOne.") == "One."
    assert tldr_of("no gist") == ""
    assert without_tldr("no gist") == "no gist"


def test_links_count_as_what_is_seen_of_them() -> None:
    text = "\n".join(f"- [{n}:00](https://youtu.be/dQw4w9WgXcQ?t={60 * n})" for n in range(20))
    assert folded(text, FOLDED) == text


@given(st.lists(st.sampled_from(["# H", "- " + "word " * 12, "", "text " * 30]), max_size=40))
def test_what_is_folded_begins_as_it_grew(lines: list[str]) -> None:
    text = "\n".join(lines)
    whole = folded(text, FOLDED)
    shown = whole.removesuffix(FOLDED).rstrip()
    assert text.startswith(shown)
    assert not shown.rsplit("\n", 1)[-1].startswith("#") or whole == text
    for end in range(0, len(text), 7):
        growing = folded(text[:end], FOLDED).removesuffix(FOLDED).rstrip()
        assert shown.startswith(growing) or growing.startswith(shown)
