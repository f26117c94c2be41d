"""The words that are commands, each phrase as a tuple of its words."""

from __future__ import annotations

from itertools import product

from vidthread.commands import (
    Command,
    Coverage,
    Forget,
    ForgetPerson,
    ForgetWorkspace,
    Help,
    Privacy,
    SetLanguage,
    SetQuiet,
    ShowSettings,
    Statistics,
    Stop,
)
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.services.content import ContentFormat

from .spelling import flat

Phrase = tuple[str, ...]


def _phrases(text: str) -> list[Phrase]:
    return [tuple(flat(phrase).split()) for phrase in text.split("|")]


_COMMANDS: list[tuple[Command, str]] = [
    (
        Stop(),
        (
            "stop|cancel|abort|halt|enough|stop it|stop that|stop this|stop now|stop the analysis|"
            "stop analyzing|cancel it|cancel that|cancel this|cancel the analysis|stop stop|"
            "stopp|stoppen|abbrechen|anhalten|aufhören|hör auf|halt an|brich ab|genug|"
            "arrête|arrêter|arrêtez|annuler|annule|stoppe|"
            "para|parar|detén|detener|detente|cancelar|cancela|alto|basta|"
            "pare|ferma|fermati|fermare|annulla|smetti|стоп|停止|停|やめて|止めて"
        ),
    ),
    (
        Help(),
        (
            "help|help me|hilfe|hilf mir|aide|aide moi|aidez moi|ayuda|ayúdame|ajuda|"
            "me ajuda|aiuto|"
            "aiutami|commands|what can you do|show help|help commands|помощь|ヘルプ|"
            "帮助|was kannst du"
        ),
    ),
    (
        Forget(),
        (
            "forget|forget this|forget this thread|forget the thread|forget everything|"
            "forget all|forget this conversation|forget this chat|delete this thread|"
            "delete the thread|delete this conversation|delete everything|"
            "vergiss|vergessen|vergiss das|vergiss alles|vergiss diesen thread|"
            "lösche diesen thread|diesen thread löschen|diesen thread vergessen|alles vergessen|"
            "oublie|oublier|oublie tout|oublie ce fil|supprime ce fil|"
            "olvida|olvidar|olvídalo todo|olvida todo|olvida este hilo|borra este hilo|"
            "esquece|esqueça|esquecer|esqueça tudo|esqueça este tópico|apaga este tópico|"
            "dimentica|dimenticare|dimentica tutto|dimentica questo thread|cancella questo thread"
        ),
    ),
    (
        ForgetPerson(),
        (
            "forget me|forget my questions|forget my data|delete my questions|delete my data|"
            "vergiss mich|vergiss meine fragen|lösche meine daten|lösche meine fragen|oublie moi|"
            "supprime mes données|olvídame|borra mis datos|esqueça me|apaga os meus dados|"
            "dimenticami|cancella i miei dati"
        ),
    ),
    (
        ForgetWorkspace(),
        (
            "forget server|forget this server|forget the server|forget workspace|"
            "forget this workspace|forget the workspace|delete the server's data|"
            "delete the workspace's data|vergiss diesen server|vergiss diesen workspace"
        ),
    ),
    (Statistics(), "stats|statistics|show stats|statistik|statistiques|estadísticas|statistiche"),
    (
        Privacy(),
        (
            "privacy|privacy policy|what do you store|what do you keep|datenschutz|"
            "was speicherst du|confidentialité|privacidad|privacidade"
        ),
    ),
    (ShowSettings(), "settings|show settings|show the settings|einstellungen|réglages|ajustes"),
    (
        Coverage(),
        (
            "coverage|show coverage|show the coverage|what did you read|what have you read|"
            "how much did you read|how much have you read|did you read everything|"
            "did you read all of it|what was read|was hast du gelesen|abdeckung|"
            "wie viel hast du gelesen|qu'as tu lu|couverture|qué leíste|qué has leído|cobertura|"
            "o que você leu|o que leste|cosa hai letto|copertura"
        ),
    ),
    (
        SetQuiet(quiet=True),
        (
            "quiet|quiet on|be quiet|stay quiet|silence|mute|mute on|shut up|hush|shh|"
            "sei still|sei ruhig|ruhe|still|tais toi|silence on|silencio|cállate|silêncio|cala te|"
            "fique quieto|silenzio|zitto|stai zitto"
        ),
    ),
    (
        SetQuiet(quiet=False),
        (
            "quiet off|unmute|mute off|silence off|you may speak|you may talk|you can speak|"
            "you can talk|you may speak again|you can speak again|speak again|speak up|"
            "du darfst reden|du darfst sprechen|sprich wieder|tu peux parler|puedes hablar|"
            "pode falar|podes falar|puoi parlare"
        ),
    ),
    (
        SetLanguage(None),
        (
            "language auto|language automatic|language original|language own|lang auto|"
            "sprache auto|"
            "langue auto|idioma auto|lingua auto|the video's own language|video's own language|"
            "the video's language|the video language|the language of the video|own language|"
            "original language|the original language|in the original language|"
            "in the video's own language|in the video's language|in the language of the video|"
            "answer in the video's own language|answer in the video's language|"
            "answer in the original language|originalsprache|in der originalsprache|"
            "in der sprache des videos|langue originale|dans la langue originale|"
            "idioma original|en el idioma original|no idioma original|lingua originale"
        ),
    ),
]
COMMANDS = {phrase: command for command, text in _COMMANDS for phrase in _phrases(text)}

_TYPES: list[tuple[AnalysisType, str]] = [
    (
        AnalysisType.SUMMARY,
        (
            "summary|summaries|summarize|summarise|tl dr|tldr|sum up|sum it up|overview|"
            "summary and classification|summary classification|classification|classify|"
            "zusammenfassung|fasse zusammen|fass zusammen|zusammenfassen|fasse das zusammen|"
            "fasse das video zusammen|résumé|résume|résumer|resumen|resumir|resúmelo|resumo|"
            "resuma|riassunto|riassumi|riassumere|まとめ|要約|总结|摘要|резюме|кратко"
        ),
    ),
    (
        AnalysisType.ACTION_PLAN,
        (
            "action plan|action plans|action items|plan of action|to do list|todo list|"
            "aktionsplan|"
            "handlungsplan|maßnahmenplan|plan d'action|plan de acción|plan de ação|plano de ação|"
            "piano d'azione"
        ),
    ),
    (
        AnalysisType.KEY_MOMENTS,
        (
            "key moments|key moment|highlights|important moments|best moments|timestamps|"
            "schlüsselmomente|schlüsselstellen|wichtige momente|wichtigste momente|"
            "die wichtigsten momente|moments clés|moments forts|momentos clave|"
            "momentos importantes|"
            "momentos chave|momentos principais|momenti chiave|momenti salienti"
        ),
    ),
    (
        AnalysisType.BLOG_POST,
        (
            "blog post|blogpost|blog article|blog entry|blog|blogbeitrag|blogartikel|blog beitrag|"
            "article de blog|billet de blog|artículo de blog|entrada de blog|post de blog|"
            "artigo de blog|articolo di blog|post del blog"
        ),
    ),
    (
        AnalysisType.LINKEDIN_POST,
        (
            "linkedin post|linkedin|linkedin article|post for linkedin|post on linkedin|"
            "linkedin beitrag|post linkedin|post de linkedin|post per linkedin"
        ),
    ),
    (
        AnalysisType.X_POST,
        (
            "x post|tweet|tweets|x tweet|twitter post|post for x|post for twitter|post on x|"
            "x beitrag|post x|post sur x|post para x|tuit|tuíte"
        ),
    ),
]
TYPES = {phrase: (kind,) for kind, text in _TYPES for phrase in _phrases(text)}
ALL = _phrases(
    "all|everything|all types|all of them|all of it|all sections|every type|alles|alle|"
    "tout|tudo|tutto|the full analysis|full analysis|complete analysis"
)
ANEW = _phrases(
    "again|anew|afresh|once more|from scratch|fresh|no cache|without cache|noch einmal|nochmal|"
    "neu|de nouveau|encore|otra vez|de nuevo|de novo|outra vez|di nuovo|ancora"
)

_THE_VIDEO = [
    " ".join(words)
    for words in product(("of", "for", "about", "on", "from"), ("it", "this", "that", "this video",
    "the video", "that video", "this one", "this talk", "the talk"))
]  # fmt: skip
# They say nothing that a type or a language beside them does not.
FILLERS = frozenset(
    _phrases(
        "|".join(_THE_VIDEO)
        + "|please|pls|plz|a|an|the|and|me|us|also|too|just|now|another|only|video|this video|"
        "the video|it|with|hey|hi|hello|thanks|thank you|for me|for us|i want|i'd like|i need|"
        "i would like|can you|could you|can i have|can we have|can i get|could i have|would you|"
        "will you|give|give me|make|make me|write|write me|create|generate|do|show|show me|get|"
        "get me|draft|produce|prepare|analyze|analyse|analysis|plus|then|let's have|for|of|"
        "bitte|danke|ein|eine|einen|der|die|das|den|und|mir|mach|mache|mach mir|schreib|schreibe|"
        "schreib mir|erstelle|erstell|gib mir|zeig|zeige|zeig mir|ich möchte|ich hätte gern|"
        "kannst du|auch|machen|schreiben|erstellen|von|vom|zum|für|analysiere|dieses video|"
        "s'il te plaît|s'il vous plaît|svp|stp|merci|un|une|le|la|les|et|fais|fais moi|écris|"
        "donne|donne moi|crée|peux tu|de la vidéo|analyse|pour|"
        "por favor|gracias|una|el|los|las|y|haz|hazme|escribe|dame|crea|del video|del vídeo|"
        "obrigado|obrigada|um|uma|o|os|as|e|faz|faça|escreva|escreve|me dê|cria|crie|do vídeo|"
        "per favore|grazie|il|lo|gli|i|fai|fammi|scrivi|dammi|del|analiza|analizza|analise"
    )
)
POLITE = frozenset(
    "please pls plz bitte svp stp merci danke thanks gracias obrigado obrigada grazie now jetzt "
    "hey hi hello ok okay bot".split()
)
POLITE_PHRASES = _phrases(
    "thank you|por favor|per favore|s'il te plaît|s'il vous plaît|can you|could you|would you"
)

FORMS = {
    "md": ContentFormat.MARKDOWN,
    "markdown": ContentFormat.MARKDOWN,
    "json": ContentFormat.JSON,
    "html": ContentFormat.HTML,
    "htm": ContentFormat.HTML,
}
OTHER_FORMS = frozenset(
    "pdf doc docx word txt text csv tsv xml srt vtt epub odt rtf latex tex yaml yml png jpg xlsx "
    "excel pptx powerpoint zip mp3 mp4 notion toml rst".split()
)
EXPORT = frozenset(
    "export download exportieren exportiere exportier exporter exporte exportar exporta esporta "
    "esportare herunterladen télécharger télécharge descargar descarga baixar baixa scarica "
    "scaricare".split()
)
LANGUAGE_FILLERS = frozenset(
    "answer answers reply respond write speak talk continue switch change go on use to me us in "
    "translate antworte antworten sprich sprechen rede wechsle weiter réponds répondez parle "
    "parlez responde responda hable habla escribe rispondi parla scrivi fale fala".split()
)
EXPORT_FILLERS = frozenset(
    "it this that everything all analysis thread the a an as to in into file als eine ein datei "
    "das alles en como in come comme em un une um uma fichier archivo arquivo".split()
)
