"""What people write becomes the command that they mean, and a question where they mean none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidthread.commands import (
    Analyze,
    Ask,
    Command,
    Coverage,
    Export,
    Forget,
    ForgetPerson,
    Help,
    Make,
    Rate,
    Retry,
    SetDefaultModel,
    SetDefaultStyle,
    SetLanguage,
    SetQuiet,
    Stop,
    Unclear,
    pressed,
)
from vidthread.words import (
    addresses_bot,
    asks_more,
    asks_question,
    named_language,
    named_types,
    understand,
)
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import Length
from youtube_analysis.models.video import parse_link
from youtube_analysis.services.content import ContentFormat

SUMMARY, PLAN, MOMENTS, BLOG, LINKEDIN, X = AnalysisType
MD, JSON, HTML = ContentFormat.MARKDOWN, ContentFormat.JSON, ContentFormat.HTML
LINK = "https://youtu.be/dQw4w9WgXcQ"
LIST = "https://www.youtube.com/playlist?list=PL1"
NO_LIST, NO_VIDEO = "error.playlist_link", "error.invalid_link.no_video"

SAID: dict[Command, list[str]] = {
    Analyze(LINK, (SUMMARY,), length=Length.SHORT): [
        *(f"short summary {LINK}", f"{LINK} a short summary please", f"résumé court {LINK}"),
    ],
    Analyze(LINK, length=Length.SHORT): [f"{LINK} short", f"kurz: {LINK}"],
    Analyze(LINK, (PLAN,), length=Length.LONG): [f"a detailed action plan: {LINK}"],
    Analyze(LINK, instruction="for engineers"): [f"for engineers: {LINK}"],
    Analyze(LINK, instruction="für Kinder"): [f"für Kinder: <{LINK}>"],
    Analyze(LINK, question="look at this long talk"): [f"look at this long talk {LINK}"],
    Analyze(LINK, question="for whom is that?"): [f"for whom is that? {LINK}"],
    Make((SUMMARY,), length=Length.LONG): ["a longer summary please", "long summary"],
    Make((SUMMARY,), "de", length=Length.SHORT): ["short summary in German"],
    Ask("how long is it?"): ["how long is it?"],
    Ask("in short"): ["in short"],
    SetDefaultModel("Fast"): ["settings model Fast", "/settings model: Fast"],
    SetDefaultModel(None): ["settings model default"],
    SetDefaultStyle(length=Length.SHORT): ["settings length short", "settings length = kurz"],
    SetDefaultStyle(length=Length.NORMAL): ["settings length normal", "settings length default"],
    SetDefaultStyle(instruction="For engineers, five bullets"): [
        "settings instruction For engineers, five bullets",
    ],
    SetDefaultStyle(instruction=""): ["settings instruction none"],
    Unclear("unclear.settings"): ["settings length huge", "settings model", "settings instruction"],
    Unclear("unclear.types", "foo"): ["settings types foo"],
    Unclear("unclear.unknown_language", "Klingon"): ["settings language Klingon"],
    Unclear("unclear.instruction", "500"): [f"settings instruction {'x' * 501}"],
    Stop(): [
        *("stop", "Stop!", "STOP", "/stop", "stop please", "please stop", "cancel", "Cancel it."),
        *("stop it", "stop the analysis", "ok stop", "<@123> stop", "@vidthread stop"),
        "st\u200bop",
        *("/stop@vidthread", "stopp", "abbrechen", "Hör auf!", "stopp bitte", "arrête", "annuler"),
        *("arrête s’il te plaît", "para", "detente", "cancelar", "cancela por favor", "ferma",),
        *("стоп", "停止", "やめて", "stop|", "stop\n"),
    ],
    Help(): [
        *("", " ", "?", "??", "help", "/help", "Help me!", "hilfe", "Hilfe bitte", "aide"),
        *("ayuda", "ajuda", "aiuto", "<@U123>", "<@U123|bot>", "@vidthread", "…", "commands"),
        *("\u200b\ufeff", "what can you do?", "помощь"),
    ],
    Forget(): [
        *("forget", "/forget", "forget this thread", "Delete this thread.", "forget everything"),
        *("please forget this thread", "vergiss das", "lösche diesen Thread", "oublie"),
        *("olvida este hilo", "esqueça", "dimentica tutto", "انسَ", "احذف هذه السلسلة"),
    ],
    Coverage(): [
        *("coverage", "/coverage", "what did you read?", "What have you read", "coverage please"),
        *("was hast du gelesen?", "qu’as-tu lu ?", "o que você leu?"),
        *("Hast du alles gelesen?", "Qu’est-ce que tu as lu ?", "ماذا قرأت؟"),
    ],
    SetQuiet(quiet=True): [
        *("quiet on", "quiet", "be quiet", "Be quiet please!", "shut up", "sei still", "silence"),
    ],
    SetQuiet(quiet=False): ["quiet off", "you may speak", "You may speak again.", "unmute"],
    SetLanguage(None): [
        *("language: auto", "the video's own language", "the video’s own language", "sprache auto"),
        *("answer in the video's own language", "original language", "/language auto"),
        *("language=original", "in the original language please"),
    ],
    SetLanguage("de"): [
        *("language de", "language: de", "language=DE", "/language de", "lang de"),
        "sprache deutsch",
        *("answer in German", "Answer me in german, please", "auf Deutsch bitte", "auf deutsch"),
        *("in German", "reply in German", "German please", "deutsch", "speak German"),
        "en allemand",
        *("language german", "please answer in deutsch", "in German?", "antworte auf Deutsch"),
    ],
    SetLanguage("en"): [
        *("auf englisch", "in English", "en inglés", "en anglais", "language EN"),
        *("أجب بالإنجليزية", "باللغة الإنجليزية من فضلك", "اللغة الإنجليزية"),
    ],
    SetLanguage("es"): ["en español", "responde en español", "Español", "en espagnol por favor"],
    SetLanguage("fr"): ["en français", "réponds en français", "auf Französisch", "in francese"],
    SetLanguage("it"): ["in italiano", "language it", "rispondi in italiano"],
    SetLanguage("ja"): ["in 日本語", "日本語で", "日本語", "日本語で答えて"],
    SetLanguage("pt"): ["em português", "language pt", "português"],
    SetLanguage("pt-BR"): ["language pt-BR", "language: pt_br", "answer in pt-BR"],
    SetLanguage("zh-Hant"): ["language zh-hant", "繁體中文"],
    SetLanguage("hi"): ["in हिन्दी", "hindi"],
    SetLanguage("zh"): ["用中文", "用中文回答", "in Chinese"],
    SetLanguage("ru"): ["по-русски", "на русский", "in Russian"],
    Export(MD): ["export", "/export", "Export, please", "export md", "export as markdown",
        "download"],
    Export(HTML): ["export as html", "export html", "export it as HTML please",
        "als html exportieren"],
    Export(JSON): ["download json", "json export", "exporter en json", "exportar como json",
        "تصدير json"],
    Make((SUMMARY,)): [
        *("summary", "summary please", "/summary", "Summarize!", "summarise this video", "TL;DR"),
        *("give me a summary", "Zusammenfassung", "fasse das zusammen", "résumé", "un résumé"),
        *("resumen por favor", "resumo", "riassunto", "can you summarize it?", "要約"),
        *("Summary & Classification", "a summary of this video, please"),
    ],
    Make((PLAN,)): [
        *("action plan", "Action Plan", "the action plan please", "make an action plan"),
        "action-plan",
        *("could you make me the action plan?", "Aktionsplan", "Maßnahmenplan", "plan d’action"),
    ],
    Make((MOMENTS,)): [
        *("make the key moments please", "key moments", "Schlüsselmomente", "moments clés"),
        *("momentos clave", "momentos-chave", "momenti chiave", "the highlights"),
    ],
    Make((BLOG,)): ["write a blog post", "Blog post!", "blogpost", "schreib einen Blogbeitrag"],
    Make((LINKEDIN,)): ["give me a LinkedIn post", "linkedin", "write a post for LinkedIn"],
    Make((X,)): ["tweet", "X post", "an X post please", "X Tweet", "write a tweet about it"],
    Make((SUMMARY, X)): ["summary and tweet", "summary, tweet", "a summary & an X post"],
    Make((SUMMARY,), anew=True): ["summary again", "the summary once more please"],
    Make((PLAN,), "de"): ["action plan in German", "Aktionsplan auf Deutsch bitte",
        "خطة عمل بالألمانية"],
    Make(tuple(AnalysisType)): ["all", "everything please", "all of them", "alles"],
    Analyze(LINK): [
        *(LINK, f"<{LINK}>", f"<{LINK}|a title: key moments>", f"{LINK}.", f"({LINK})"),
        f"**{LINK}**",
        *(f"[key moments]({LINK})", f"Please analyze {LINK}", f"/analyze {LINK}", f"_{LINK}_"),
        *(f"check this out: {LINK}!", f"{LINK}, {LINK[:-1]}q", f"<@123> {LINK}", f"@bot {LINK}"),
        *(f"動画{LINK}。", f"lol {LINK} so good", f"watch this\n{LINK}\n", f"{LIST} {LINK}"),
        *(f"{LINK} it is in German", f"“{LINK}”"),
    ],
    Analyze("youtu.be/dQw4w9WgXcQ"): ["youtu.be/dQw4w9WgXcQ", "see youtu.be/dQw4w9WgXcQ…"],
    Analyze(f"{LINK}?t=95"): [f"{LINK}?t=95", f"{LINK}?t=95:"],
    Analyze("https://youtu.be/-_-_-_-_-__"): ["https://youtu.be/-_-_-_-_-__."],
    Analyze(LINK, (PLAN,), "de"): [
        *(f"action plan for {LINK} in German", f"{LINK} Aktionsplan auf Deutsch bitte"),
        *(f"Could you make an action plan for {LINK} in German, please?",),
    ],
    Analyze(LINK, (PLAN,)): [f"action plan: {LINK}", f"can you make the action plan of {LINK}?"],
    Analyze(LINK, (SUMMARY, MOMENTS)): [f"{LINK} summary, key moments"],
    Analyze(LINK, tuple(AnalysisType)): [f"{LINK} all", f"everything for {LINK}"],
    Analyze(LINK, (), "pt-BR"): [f"{LINK} language pt-BR", f"{LINK} pt-BR"],
    Analyze(LINK, (), "ja"): [f"{LINK} in 日本語", f"{LINK} Japanese"],
    Analyze(LINK, (SUMMARY,), anew=True): [f"summary of {LINK} again"],
    Analyze(LINK, question="what does he say about tests?"): [
        f"{LINK} what does he say about tests?",
        f"what does he say {LINK} about tests?",
    ],
    Analyze(LINK, question="tell me what the action plan is"): [
        f"tell me {LINK} what the action plan is"
    ],
    Analyze(LINK, question="Was sagt er auf Deutsch?"): [f"Was sagt er auf Deutsch? {LINK}"],
    Unclear(NO_LIST): [LIST, f"summary of {LIST}", f"what is in {LIST}?"],
    Unclear(NO_VIDEO): ["https://youtu.be/abc", "https://www.youtube.com/@channel", "youtube.com/"],
    Unclear("error.invalid_link.elsewhere"): [
        *("https://vimeo.com/1", "<https://example.com/youtube.com>"),
        "https://notyoutube.com/watch",
    ],
    Unclear("unclear.form", "pdf"): ["export pdf", "export as PDF"],
    Unclear("unclear.language"): ["language", "/language"],
}  # fmt: skip
DIALOGUE = [(text, command) for command, texts in SAID.items() for text in texts]

QUESTIONS = """
what does he say about the action plan?
should I stop using classes?
how do I export a module?
stop using classes
don't stop
why did they stop?
does he tell people to stop
is there a summary?
what is the summary of chapter two?
summarize the part about tests
key moments for beginners
what are the key moments?
write a blog post about tests
write a poem
not the summary
is the action plan in the video?
what is the tweet about
who wrote the blog post?
forget it
forget about classes
should we forget everything?
how do I delete this thread in Python?
answer in one sentence
answer in bullet points
reply in detail
is it in German?
what does “auf Deutsch” mean?
what is the language of the examples?
language models?
which language does he speak?
the polish of the code
export this module
export pdf files from Python
download the data set first
what did you read about tests?
what did he read?
be quiet about what?
what does he mean by quiet on?
help me understand closures
how can I help?
can you help me with the second example
all the best
is that all?
again
make it
go on
no
42
1:16
tl
is this on youtube.com?
what is youtube.com
x
+1
👍
/unknown thing
what about https://example.com/page ?
@12:30 what does he say?
para que sirve
por que parar?
wie stoppe ich das?
Was ist der Aktionsplan?
qu'est-ce que le résumé?
ماذا قال بالألمانية؟
لماذا توقف؟
what does "stop" mean
stop, drop and roll
(stop) what is it
""".strip().splitlines()


@pytest.mark.parametrize(
    "written",
    [
        *(
            f"{scheme}youtu.be/{LINK[-11:]}"
            for scheme in ("https:", "htttps://", "hxxps://", "http;//")
        ),
        f"https://www.example.com/url?sa=t&url=https://www.youtube.com/watch%3Fv%3D{LINK[-11:]}&usg=x",
        f"https://l.example.com/l.php?u=https://youtu.be/{LINK[-11:]}",
    ],
)
def test_what_stands_glued_before_a_link_is_no_question(written: str) -> None:
    command = understand(f"{written} key moments")
    assert isinstance(command, Analyze)
    assert parse_link(command.link).video_id == LINK[-11:]
    assert (command.types, command.question) == ((MOMENTS,), "")


@pytest.mark.parametrize(("text", "command"), DIALOGUE, ids=[repr(text) for text, _ in DIALOGUE])
def test_it_is_understood(text: str, command: Command) -> None:
    assert understand(text) == command


@pytest.mark.parametrize("text", QUESTIONS)
def test_it_stays_a_question(text: str) -> None:
    asked = text.removeprefix("/")
    assert understand(text) == Ask(asked)
    assert understand(f"<@123>, {text}") == Ask(asked)


PRESSED = [
    ("v1:stop:abc", Stop()),
    ("v1:ask:abc", Ask("abc")),
    ("v1:ask:", Unclear("unclear.write_question")),
    ("v1:bad:r4", Rate("r4", good=False)),
    ("v1:forget:me", ForgetPerson(sure=True)),
    ("v1:retry:a:b", Retry("a:b")),
    ("v1:retry:anew", Analyze(anew=True)),
    ("v1:retry:anew-dQw4w9WgXcQ", Analyze(LINK, anew=True)),
    ("v1:export:md", Export(MD)),
    ("v1:export:json", Export(JSON)),
    ("v1:export:html", Export(HTML)),
    *((f"v1:type:{kind.task}", Make((kind,))) for kind in AnalysisType),
]


@pytest.mark.parametrize(("action", "command"), PRESSED)
def test_a_button_is_understood(action: str, command: Command) -> None:
    assert pressed(action) == command


@pytest.mark.parametrize(
    "action",
    [
        "v1",
        "v2:stop:a",
        "v1:jump:a",
        "v1:type:poem",
        "v1:export:pdf",
        "v1:retry:",
        "v1:export:text",
        ":",
        "x",
    ],
)
def test_a_button_of_another_time_is_said_to_be_one(action: str) -> None:
    command = pressed(action)
    assert isinstance(command, Unclear)
    assert "button" in command.reason


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", Analyze()),
        ("summary please", Analyze(types=(SUMMARY,))),
        ("action plan in German", Analyze(types=(PLAN,), language="de")),
        ("what does he say about tests?", Analyze(question="what does he say about tests?")),
        (f"{LINK} key moments", Analyze(types=(MOMENTS,))),
    ],
)
def test_what_is_written_beside_a_captions_file_is_about_that_file(
    text: str, command: Command
) -> None:
    assert understand(text, attached=True) == command


BESIDE = [
    "Name the two main findings.",
    "concentrate on the costs",
    "I want the tools and the materials",
    "just the last five minutes please",
    "strengths and weaknesses",
    "costs",
    "dime los materiales",
    "Zusammenfassung in fünf Sätzen",
    "les étapes, dans l'ordre",
    "action plan in German, but only for beginners",
    "hi-fi",
]
HANDED_OVER = [
    "so",
    "no",
    "my",
    "look at this one",
    "loved this",
    "found this on YouTube",
    "schau mal",
]


@pytest.mark.parametrize("said", BESIDE)
@pytest.mark.parametrize("form", ["{} {}", "{1} {0}", "{1}\n\n{0}"])
def test_what_is_said_beside_a_link_is_asked(said: str, form: str) -> None:
    assert understand(form.format(said, LINK)) == Analyze(LINK, question=said)


@pytest.mark.parametrize("said", HANDED_OVER)
def test_words_that_hand_a_link_over_ask_nothing(said: str) -> None:
    assert understand(f"{said} {LINK}") == understand(f"{LINK} {said}") == Analyze(LINK)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (f"{LINK} fr", "fr"),
        (f"{LINK} PT-br", "pt-BR"),
        (f"{LINK} zh-Hant please", "zh-Hant"),
        (f"{LINK} italiano", "it"),
        (f"French {LINK}", "fr"),
        (f"fr {LINK}", None),
        (f"tl;dw {LINK}", None),
        (f"{LINK} ty", None),
        (f"{LINK} it", None),
        (f"{LINK} ok", None),
    ],
)
def test_two_letters_are_a_language_only_behind_a_link(text: str, language: str | None) -> None:
    command = understand(text)
    assert isinstance(command, Analyze)
    assert (command.link, command.language) == (LINK, language)


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("How to Mend a Crane - YouTube", False),
        ('Watch "How to mend a crane" on YouTube', False),
        ("how to mend a crane", False),
        ("How to mend a crane: which tools?", True),
        ("which tools do I need?", True),
        ("is this good?", True),
    ],
)
def test_the_title_of_a_video_beside_its_link_is_no_question(said: str, asks: bool) -> None:
    assert asks_more(said, "How to mend a crane") is asks


def test_too_long_to_watch_asks_for_a_summary() -> None:
    assert understand(f"tl;dw {LINK}") == Analyze(LINK, (SUMMARY,))


def test_options_name_types_and_languages() -> None:
    assert named_types("summary, key moments") == (SUMMARY, MOMENTS)
    assert named_types("poems, summary") == named_types("") == ()
    assert named_language("German") == named_language("de") == "de"
    assert named_language("Klingon") is None


def test_a_language_that_nobody_knows_is_named() -> None:
    command = understand("language: Klingon")
    assert command == Unclear("unclear.unknown_language", "klingon")


def test_a_question_with_a_link_that_names_no_video_is_asked() -> None:
    text = "what is https://www.youtube.com/@channel about?"
    assert understand(text) == Ask(text)


def test_a_long_message_is_no_command() -> None:
    text = "stop " * 100
    assert understand(text) == Ask(text.strip())
    rest = "Key moments: this and that. " * 20
    assert understand(f"{LINK} {rest}") == Analyze(LINK, question=rest.strip())


def test_the_question_keeps_its_letters() -> None:
    assert understand("\u200b<@!1> می‌خواهم 👩‍💻 Was?") == Ask("می‌خواهم 👩‍💻 Was?")
    assert understand("/ask stop") == Ask("stop")


PARTS = st.sampled_from(
    [
        *(text for text, _ in DIALOGUE),
        *QUESTIONS,
        LINK,
        "<",
        "[",
        "@",
        "http://",
        "youtu.be/",
        "\ud800",
    ]
)


@settings(max_examples=500)
@given(
    st.text(max_size=300) | st.lists(PARTS | st.text(max_size=9), max_size=9).map(" ".join),
    st.sampled_from(["", "", "v1:ask:1"]) | st.text(max_size=30),
)
def test_any_text_means_something(text: str, action: str) -> None:
    for command in (understand(text), understand(text, attached=True), pressed(action)):
        assert not isinstance(command, Unclear) or command.sentence.endswith(".")
    assert addresses_bot(text) or not asks_question(text)


LONG = ["<@", "<@1>", "@", "@a ", "@a", " ", "\u200b", "?", "[", "[a](", "youtube.com", f"{LINK} ",
        f"<{LINK}|", "https://", "stop ", "a", "_", "youtu.be/", "👍", ":a:", "ha", "/",
            "//youtu.be",
        "ﷺ", "e\u0301", "www.", "what ", "is it's "]  # fmt: skip


@pytest.mark.parametrize("unit", LONG)
def test_a_long_text_takes_its_time_once(unit: str) -> None:
    """Ten times the text takes no hundred times the work; 40 kB are understood at once."""

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        took = []
        for _ in range(3):
            began = time.process_time()
            understand(text)
            addresses_bot(text)
            asks_question(text)
            took.append(time.process_time() - began)
        return min(took)

    assert seconds(40_000) < max(0.02, 40 * seconds(4_000))


@pytest.mark.parametrize("text", ["", "?", "thanks, and why?", "what?", "stop", "1:16"])
def test_what_is_said_to_the_bot_wants_an_answer(text: str) -> None:
    assert addresses_bot(text)


REACTIONS = [
    *("thanks", "Thanks!", "ok", "OK.", "ok thanks", "thank you", "lol", "looool", "hahaha"),
    *("👍", "👍🏽 👏", "❤️", ":+1:", "<:party:123>", "🇩🇪", "nice!!", "danke", "merci", "+1"),
    *("...", "!!!", "jajaja", "😂😂😂", "thanks!", "ok, thank you"),
]


@pytest.mark.parametrize("text", REACTIONS)
def test_thanks_and_laughter_want_none(text: str) -> None:
    assert not addresses_bot(text)
    assert not asks_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *("what does he say?", "what does he say", "Anna, can you look?", "and the second one?"),
        *("@12:30 what is that?", "was sagt er dazu", "¿y por qué?", "なぜですか？", "لماذا؟"),
    ],
)
def test_it_asks_a_question(text: str) -> None:
    assert asks_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *("@anna what do you think?", " @Жанна how?", "<@123> look?", "<!here> who?", "@everyone"),
        *("lunch at 12 works for me", "stop", "forget this", "still", "French", "enough", "para"),
        *("summary", f"{LINK} what about this?", "", "  ", "?", "1:16", "that is what he says"),
    ],
)
def test_it_asks_nothing_of_us(text: str) -> None:
    assert not asks_question(text)
