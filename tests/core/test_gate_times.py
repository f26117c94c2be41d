"""Times in front of the gate: in whatever way a model writes them, nobody sees them."""

import re

import pytest

from gates import LINK, shown


@pytest.mark.parametrize(
    "written",
    [
        "12:34", "1:02:03", "00:12:34.500", "12m34s", "1h02m03s", "00.12.34", "12.34 Uhr",
        "12'34\"", "12’34”", "12′34″", "minute 12", "Minute 12–14", "minutes 12 to 14", "min. 12,",
        "timestamp 754", "timecode: 00-12-34", "t=754", "?t=12m34s", "start=754", "second 754,",
        "the 12 minute mark", "the 12-minute mark", "the **12 minute** mark",
        "**12** minutes in,", "the 12 minute point", "the 12th minute",
        "12 minutes into the video", "12 minutes into it", "12 minutes in, ", "12:34 – 13:00",
        # As a notation that hides something.
        "12**:**34", "12:**3**4", "1**2**:34", "12\\:34", "12&#58;34", "12&colon;34", "12&lrm;:34",
        "12&amp;#58;34", "12&amp;amp;colon;34", "12{:}34", "`12`:`34`", "12[](http://x.y):34",
        *(f"12{hidden}:34" for hidden in "\u200b\u200e\u200f\u180e\u2061\ufe0f\u034f\u115f"),
        "12\u3164:34", "12\u0338:34",
        *(f"12{colon}34" for colon in "：∶ː꞉﹕︓׃˸։"),
        "１２：３４", "١٢:٣٤", "۱۲:۳۴", "१२:३४", "⓬:34", "①②:③④", "¹²:³⁴", "𝟏𝟐:𝟑𝟒", "1️⃣2️⃣:3️⃣4️⃣",
        "12\u2009:\u200934", "12\u202f:34",
        # At the beginning of a line, or behind words that tell.
        "at 12 : 34", "at 12: 34,", "at 12m34s", "at 12h34", "at 12 minutes", "at about 12 min",
        "at 12 min 34 s", "at 12 minutes and 34 seconds", "at 12 min 34", "at 12.34.56",
        "\n- 12 : 34", "\n- 12 min 34 s – x",
        # In brackets, alone.
        "(12:34)", "(at 12:34)", "[12:34]", "[12:34 - 13:00]", "(see 12:34 and 15:20)",
        "(12:34–13:00)", "（12:34）", "［12:34］", "\\[12:34\\]", "(12 min)", "[12 min]", "[12m]",
        "[12m30]", "(12m30s)", "(~12 min)", "(at 12 minutes)", "(12 minutes 34 seconds)", "(754 s)",
        "(12 : 34)", "（12分34秒）", "(12분)", "(12–14 min)",
        # In words.
        "at minute twelve", "in minute thirty-four", "the twelve minute mark",
        "ten minutes into it",
        # In other languages.
        "in der 12. Minute", "ab Minute 12", "bei 12 Minuten 34 Sekunden", "à la 12e minute",
        "à 12 min 34 s", "en el minuto 12", "a los 12 minutos", "al minuto 12", "12º minuto",
        "a 12 minuti e 34 secondi", "minuut 12", "vid 12 minuter", "w 12. minucie", "12. dakikada",
        "12. percben", "минута 12", "на 12-й минуте", "в 12 минут 34 секунды", "на 12-й хвилині",
        "στο 12ο λεπτό", "الدقيقة 12", "دقیقه 12", "בדקה ה-12", "मिनट 12", "12 मिनट 34 सेकंड पर",
        "menit ke-12", "phút thứ 12", "นาทีที่ 12", "第12分钟", "第十二分三十四秒",
        "在12分34秒", "12分34秒に",
        "12分のところ", "12분 34초에", "12분 지점",
        # As a link.
        "[12:34](https://youtu.be/dQw4w9WgXcQ?t=754)", "[here](https://youtu.be/dQw4w9WgXcQ?t=754)",
        "https://youtu.be/dQw4w9WgXcQ?t=754", "<https://youtu.be/dQw4w9WgXcQ?t=754>",
        "youtu.be/dQw4w9WgXcQ?t=754", "www.youtube.com/watch?v=dQw4w9WgXcQ&t=754s",
    ],
)  # fmt: skip
def test_a_time_of_the_models_own_is_never_seen(written: str) -> None:
    visible = shown(f"Here {written} it is. [1]")
    rest = visible.replace(f"[0:00]({LINK}?t=0)", "")
    assert not re.search(r"\d\W*\d|\b\d|[十١۱१１⓬①¹𝟏]|twelve|thirty|ten\b|youtu", rest), visible
    assert "it is." in visible


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("**12:34** – x", "**…** – x"),
        ("**At 12:34:** x **y**", "**At …:** x **y**"),
        ("`12:34` x `y`", "`…` x `y`"),
        ("~~12:34~~ _12:34_ *12:34*", "~~…~~ _…_ *…*"),
        ("**12**:**34** x", "**…** x"),
        ("- **[12:34] Title:** x", "- **… Title:** x"),
        ("- **(12:34)** x", "- **…** x"),
        ("```12:34```", "…"),
    ],
)
def test_emphasis_around_a_time_stays_whole(written: str, visible: str) -> None:
    assert shown(written) == visible
