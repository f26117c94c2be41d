"""Languages by their names, and codes as BCP 47 writes them."""

from __future__ import annotations

import re

from .spelling import flat

_NAMES = {
    "ar": "arabic|العربية|عربي|arabisch|arabe|árabe|arabo",
    "bg": "bulgarian|български",
    "bn": "bengali|bangla|বাংলা",
    "cs": "czech|čeština|česky|tschechisch",
    "da": "danish|dansk|dänisch",
    "de": "german|deutsch|allemand|alemán|alemão|tedesco",
    "el": "greek|ελληνικά|griechisch|grec|griego|grego|greco",
    "en": "english|englisch|anglais|inglés|inglês|inglese",
    "es": "spanish|español|castellano|spanisch|espagnol|espanhol|spagnolo",
    "fa": "persian|farsi|فارسی",
    "fi": "finnish|suomi|suomeksi|finnisch",
    "fr": "french|français|französisch|francés|francês|francese",
    "he": "hebrew|עברית|hebräisch",
    "hi": "hindi|हिन्दी|हिंदी",
    "hu": "hungarian|magyar|magyarul|ungarisch",
    "id": "indonesian|bahasa indonesia",
    "it": "italian|italiano|italienisch|italien",
    "ja": "japanese|日本語|japanisch|japonais|japonés|japonês|giapponese",
    "ko": "korean|한국어|koreanisch|coréen|coreano",
    "nl": "dutch|nederlands|niederländisch|néerlandais|holandés|holandês|olandese",
    "no": "norwegian|norsk|norwegisch",
    "pl": "polish|polski|polnisch|polonais|polaco|polacco",
    "pt": "portuguese|português|portugiesisch|portugais|portugués|portoghese",
    "pt-BR": "brazilian portuguese|português brasileiro|português do brasil",
    "ro": "romanian|română|rumänisch",
    "ru": "russian|русский|по-русски|russisch|russe|ruso|russo",
    "sv": "swedish|svenska|schwedisch",
    "ta": "tamil|தமிழ்",
    "th": "thai|ไทย|ภาษาไทย",
    "tr": "turkish|türkçe|türkisch|turc|turco",
    "uk": "ukrainian|українська|українською|ukrainisch",
    "vi": "vietnamese|tiếng việt",
    "zh": "chinese|mandarin|中文|汉语|漢語|chinesisch|chinois|chino|chinês|cinese",
    "zh-Hans": "simplified chinese|简体中文",
    "zh-Hant": "traditional chinese|繁體中文",
}
BY_NAME = {flat(name): code for code, names in _NAMES.items() for name in names.split("|")}
_CODES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy "
    "hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg "
    "li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
    "fil yue".split()
)
_CODE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)
_KNOWN = "|".join(sorted(map(re.escape, BY_NAME), key=len, reverse=True))
_IN = re.compile(
    rf"(?<!\w)(?:in|into|auf|ins|en|em|på|op|по|на|in the)\s+(?P<name>{_KNOWN})(?!\w)"
    rf"|(?<!\w)(?:用|以)(?P<chinese>{_KNOWN})(?:回答)?(?!\w)"
    rf"|(?<!\w)(?P<suffixed>{_KNOWN})(?:で|로|으로)(?:答えて)?(?!\w)"
    rf"|(?<!\w)(?:in|auf|en|em)\s+(?P<code>[a-z]{{2,3}}-[a-z]{{2}})(?!\w)"
)
_LABELLED = re.compile(
    r"(?<!\w)(?:language|lang|sprache|langue|idioma|lingua|язык|言語|语言)\s+(?:to\s+|in\s+)?"
    rf"(?P<name>{_KNOWN}|[a-z]{{2,3}}(?:[-_][a-z0-9]{{2,4}}){{0,2}})(?!\w)"
)
_SPOKEN = re.compile(
    r"\b(?:is|are|was|it's|its|be|ist|est|es|é|speaks?|spoken|speaking|talks?)\s*$"
)


def take_language(text: str) -> tuple[str | None, str]:
    """The language that a flat text asks for, and the text without it. “it is in German” asks
    for nothing."""
    for pattern in (_LABELLED, _IN):
        found = pattern.search(text)
        if found is None or _SPOKEN.search(text[: found.start()]):
            continue
        name = next(group for group in found.groups() if group)
        if code := language_called(name):
            return code, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def language_called(name: str) -> str | None:
    return BY_NAME.get(name) or language_of_code(name)


def language_of_code(text: str) -> str | None:
    """`PT_br` -> `pt-BR`; None for what is no code of a language."""
    code = _CODE.fullmatch(text)
    if code is None or code["language"].lower() not in _CODES:
        return None
    parts = code["language"].lower(), code["script"], code["region"]
    styled = (parts[0], (parts[1] or "").title(), (parts[2] or "").upper())
    return "-".join(part for part in styled if part)
