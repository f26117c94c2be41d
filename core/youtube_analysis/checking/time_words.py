"""Units of time, and the words beside them that make a position of a duration."""

from __future__ import annotations

HOUR = (
    r"h|hrs?\.?|hours?|std\.?|stunden?|heures?|horas?|or[ae]|u(?:ur|ren)|timm(?:e|ar)|timer?"
    r"|godz(?:\.|in\p{L}{0,2})|hodin\p{L}?|óra|час\p{L}{0,2}|ч\.?|годин\p{L}?|ώρ(?:α|ες)|saat\p{L}{0,2}"
    r"|ساعة|ساعات|ساعت|שע(?:ה|ות)|घंट[ाे]|jam|giờ"
)
MINUTE = (
    r"m|mins?\.?|mn|minut\p{L}{0,4}|minuu?tt?\p{L}{0,6}|мин\.?|минут\p{L}{0,3}|хв\.?|хвилин\p{L}?"
    r"|perc(?:ben|cel|et|ig|e|ek)?|λεπτ(?:ό|ά|ού|ών)|dk\.?|dakika\p{L}{0,4}|دقيقة|دقائق|دقیقه|דק(?:ה|ות|׳|')|मिनट|মিনিট|menit|phút"
)
SECOND = (
    r"s|secs?\.?|seconds?|second[eio]s?|sek\.?|sekund\p{L}{0,3}|sekunt\p{L}{0,3}|seg\.?|segundos?"
    r"|сек\.?|секунд\p{L}{0,2}|с|másodperc\p{L}{0,3}|δευτερόλεπτ(?:ο|α)|sn\.?|saniye\p{L}{0,4}"
    r"|ثانية|ثواني|ثانیه|שני(?:ה|ות)|सेकंड|সেকেন্ড|detik|giây"
)
# Written without spaces: what follows them is no part of the word.
HOUR_UNSPACED = "小时|小時|時間|时|時|시간|ชั่วโมง"
MINUTE_UNSPACED = "分钟|分鐘|分|분|นาที"
SECOND_UNSPACED = "秒钟|秒鐘|秒|초|วินาที"
AND = "and|und|et|y|e|og|och|en|и|та|i|ve|dan|và|ja|és|και|și|و|ו|और"
RANGE = "[-–—~]|to|and|through|until|bis|und|à|et|a|y|e|do|до|и|tot|till|til|إلى"

# `at 12 minutes`. More words say the same before two units: `в 12 минут 34 секунды`.
AT = "at|@|a los|aos|ai|op|vid|ved|marca de|marca dos|marque des"
AT_TWO = f"{AT}|bei|ab|à|vers|bij|w|в|о|om|kl|στα|عند|في|در|di|pada|tại|lúc|ở|see"
FROM = "from|until|till|to|um|bis|von|desde|hasta|depuis|dès|jusqu['’]à|de|с|до"
ABOUT = r"about|around|roughly|approximately|approx\.?|exactly|etwa|ca\.?|circa|rund|environ|the"
# `at 12 minutes per mile`, `à 12 minutes de Paris`: no position.
NO_POSITION = (
    "ago|later|earlier|before|after|per|an?|each|every|of|or|long|apart|away|from|intervals?|pro|por|par|de|du|en|à|al|to|"
    "entfernt|vom?|zu"
)
# `it took 12m34s`: no position either.
SPENT = (
    "takes?|took|taking|lasts?|lasted|lasting|for|in|within|under|over|than|of|an?|about|only|just"
    "|every|each|after|is|was|dauert|dauerte|nach|pendant|durant|en|durante|dura|duró|spent|total"
)

# `minute 12`, but not `per minute 12`.
LABEL = (
    r"minut(?:[eoa]|ul|t|ę|ě)?|minucie|minuu?t(?:ti|illa)?|минут[ауеы]|хвилин[ауіи]|perc|λεπτό"
    r"|dakika|الدقيقة|دقیقه|ב?דקה(?: ה-?)?|मिनट|মিনিট|menit(?: ke-?)?|phút(?: thứ)?|นาทีที่"
)
NO_LABEL = (
    "per|every|each|any|an?|one|last|that|this|the|pro|jede[rn]?|letzten?|par|chaque|por|cada|в"
)
LABEL_AGAIN = "at|in|from|until|by|around|near|to"  # `at the minute 12`
LABELS = "minutes|minut(?:en|os|i|er|ter|y)|mins"
# `min. 12 characters` and `the second 12 weeks` are something else.
SHORT_LABEL = r"min\.?|мин\.?"
SECOND_LABEL = r"secs?\.?|sek\.?|second[eoa]?|segundo|sekunde?|секунд[аеу]|الثانية"
SHORT_LABEL_AT = "at|@|bei|ab|around|from|until|till|by|à la|al|en el|na|на"
STAMP = r"time ?stamps?|time ?codes?|zeitstempel|zeitmarke|marca de tiempo|horodatage|таймкод"

# `12th minute`, `на 12-й минуте`, `12. dakikada`. In German the article tells it from the end of
# a sentence: `in der 12. Minute`.
ORDINAL = (
    r"(?:st|nd|rd|th)[ -](?:minute|second)s?",
    r"(?:e|[èe]me|re|ère|er|[ºª°aoηοό]|:e|:a)[ -](?:minuut|minut(?:en?|o|a)?|second[eoa]|λεπτό)",
    r"(?:-(?:я|й|ю|ая|ой|ую|ту|та|а|у|ій|ї))? ?(?:минуте|хвилині|секунде)",
    r"-(?:я|й|ю|ая|ой|ую|ту|та|а|у|ій|ї) (?:минут[ауы]|хвилин[ауи]|секунд[ауы])",
    r"\. ?(?:minuut\p{L}{0,4}|minutt?(?:en|a|u|ě|ę)?|minucie|perc(?:ben|e|ig)?|dakika\p{L}{0,5})",
    r" (?:minucie|minutě)",
)
ARTICLE = "der|die|zur|ab|bis"

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBER_WORD = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join((*_TEENS, *_ONES))})"
)
