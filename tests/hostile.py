"""What strangers write where a name, a title or a text is wanted: one table for every renderer."""

from __future__ import annotations

DISCORD = (
    "@everyone @here <@1> <@!1> <@&1> </forget:1> <id:home> <t:0:R> [x](https://evil.example) "
    "```\n@everyone\n``` ||**__~~`|> # - 1. \u202eRTL \U0001f9d1\u200d\U0001f680 <:x:1> <a:x:1>"
)
SLACK = "<!channel> <@U0BOB> <!subteam^S1> @here @channel <#C1> <https://evil.example|x> & *b* `c`"
HTML = (
    "<script>globalThis.ran = 1</script><img src=//evil.example/x onerror='globalThis.ran = 1'>"
    "<svg onload='globalThis.ran = 1'></svg><iframe src=//evil.example></iframe>"
    "<a class=time data-seconds=1 href=javascript:globalThis.ran=1>time</a>"
)
LINKS = (
    "[press](javascript:globalThis.ran=1) [here](https://evil.example/a) "
    "![picture](https://evil.example/p.png) <https://evil.example/auto>"
)

NAMES = {
    "calls on Discord": DISCORD,
    "calls on Slack": SLACK,
    "calls behind what nobody sees": "@\u200beveryone <\u2060@1> <\u200b!channel> @\u2060here",
    "calls as entities": "&lt;!channel&gt; &#64;everyone &amp;lt;@U0BOB&amp;gt;",
    "tags": HTML,
    "links": LINKS,
    "a link that ends another": "a](https://evil.example) [b",
    "a link that is defined": "[x]\n\n[x]: https://evil.example",
    "a label of Slack's": "a|b> <https://evil.example|c",
    "addresses": "https://evil.example/a www.evil.example evil.example //evil.example",
    "marks that end ours": "**a** __b__ ~~c~~ ||d|| `e` *f _g ~h |i `j ``k",
    "a fence": "```\n@everyone\n```\n~~~\n<!channel>",
    "lines that begin something": "a\n# b\n> c\n- d\n1. e\n-# f\n---\n| g |\n|---|\n    h",
    "a heading": "# a",
    "a list": "1. a",
    "ends of lines": "a\r\nb\rc\u2028d\u2029e\x85f\x0bg\x0ch",
    "directions": "\u202eevil\u202c \u2066a\u2069 \u200fb\u200e \u061cc",
    "what nobody sees": "a\u200bb\u00adc\ufeffd\u2060e\u115ff\u3164g\U000e0041h\u034fi\ue000j",
    "a terminal's orders": "\x1b[2J\x1b]8;;https://evil.example\x07x\x1b]8;;\x07\x9b1m\x00\x08\x7f",
    "a screen's markup": "[bold red]a[/] [link=https://evil.example]b[/link] :warning:",
    "half a character": "a\ud83db",
    "backslashes": "\\\\[a\\](https://evil.example) \\<@1> \\",
    "citations": "[1] [12] [0:01] [1](https://evil.example)",
    "a path": '../../etc/passwd"; filename="b',
    "much": "@everyone <!channel> " * 300,
    "nothing": "",
}
