"""What a sentence does rather than what it is about: greets, advises, points at the screen…

One lexicon a language; a language without one has none of these cues, and salience decides alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

from youtube_analysis.grounding.words import base_language

_NEVER = r"(?!)"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns are searched in case-folded text; `lead` and `dangling` only at its start.

    lead: may be dropped from the front. dangling: needs the sentence before to be understood.
    chatter: greetings, thanks, applause lines, sponsors, housekeeping. staging: talk about the
    talk or the screen. advice, warning: tells the listener what (not) to do. weight: the
    speaker says that this matters.
    """

    lead: str = _NEVER
    dangling: str = _NEVER
    chatter: str = _NEVER
    staging: str = _NEVER
    advice: str = _NEVER
    warning: str = _NEVER
    weight: str = _NEVER
    gist: str = _NEVER


@dataclass(frozen=True, slots=True)
class Cues:
    lead: regex.Pattern[str]
    dangling: regex.Pattern[str]
    chatter: regex.Pattern[str]
    staging: regex.Pattern[str]
    advice: regex.Pattern[str]
    warning: regex.Pattern[str]
    weight: regex.Pattern[str]
    gist: regex.Pattern[str]


_IMPERATIVES = (
    "add ask assign avoid be bring build buy call change check choose collect compare copy count "
    "create cut decide define delete describe document download eat ensure explain feel find "
    "focus follow get give go hire hold install invite keep learn leave limit list "
    "listen look make mark measure move open pay pick plan practice prepare print publish "
    "put read record reduce remember remove rename repeat replace run save schedule send set "
    "share show sit sleep spend split start stay stop store study take teach tell test think track "
    "treat try turn use visit wait walk watch write"
).replace(" ", "|")

LEXICONS: dict[str, Lexicon] = {
    "en": Lexicon(
        lead=r"(?:(?:so|and|but|now|well|okay|ok|oh|ah|um|uh|er|yeah|yes|right|all right|alright|anyway"
        r"|then|also|actually|basically|obviously|again|in fact|of course|you know|i mean|i think"
        r"|i guess|like|look|see|plus|i say|as i said|as you know|as you can see|and so|so then"
        r"|first of all|finally|once again|as i'm sure you know|turns out|by the way|let's see|you see|it turns out(?: that)?"
        r"|the (?:thing|point) is(?: that)?)(?:,|\s--|\s–)?\s+)+",
        dangling=r"(?:it|its|it's|it'll|it'd|that|that's|that'll|this|these|those|they|they're|they'll"
        r"|they've|them|their|he|he's|she|she's|his|her|which|who|whose|because|or|there's"
        r"|there it|there they|here|here's|one of them|both|neither|another one|the other|same|such"
        r"|not only that|if (?:it|that|they|you do that|not)|when (?:it|that|they)|once (?:it|that|they)"
        r"|what (?:it|that|they)|as for|to|than|in (?:this|that|these|those) (?:case|way|one|sense)"
        r"|on the other hand|for example|for instance|similarly|likewise|however|otherwise|instead"
        r"|therefore|thus|hence|so it|do that|the (?:first|second|third|last|next|other) one)\b",
        chatter=r"\b(?:thank(?:s| you)|good (?:morning|afternoon|evening)|welcome (?:back|to|every)"
        r"|ladies and gentlemen|hello|hi|hey|my name(?:'s| is)|nice to (?:meet|see)"
        r"|great to (?:be|see)|happy to be here|glad (?:to|you)|(?:round of |give .{0,30})applause"
        r"|give it up for|big hand|please (?:join me|welcome)|subscribe|smash that|hit the bell"
        r"|like button|sponsor\w*|brought to you by|promo code|discount code|use (?:the )?code"
        r"|affiliate|patreon|link in the description|check out (?:our|my|the link)|free trial"
        r"|any (?:other )?questions|questions\?|take (?:a |some )?questions|q&a|see you (?:next|later|soon|there)"
        r"|bye|have a (?:nice|great|good)|enjoy the rest|coming (?:up )?(?:on|to the) stage|on stage"
        r"|can (?:you|everyone) hear|is this (?:on|working)|microphone|next slide|coffee|lunch"
        r"|restroom|let me introduce|introduce (?:you to )?(?:my|our|the|to you)"
        r"|(?:turn|hand) it (?:over|back) to|raise (?:of |your )hand"
        r"|good question|great question|i(?:'m| am) (?:really |very |so )*(?:excited|happy|pleased|proud|honou?red|delighted|thrilled)"
        r"|how many (?:of you|people)|you (?:mentioned|were saying|said)|better audience|my question|oops|sorry|excuse me|wow|amen)\b",
        staging=r"\b(?:as you(?: can| will|'ll)? see|you can see|you(?:'ll| will)? (?:see|notice)|you see|right here|over here|up here"
        r"|down here|see here|on the (?:left|right|screen|slide)|click\w*|this one|that one|this guy|scroll\w*|here you"
        r"|i'm (?:going to|gonna|about to|just|now)|i (?:am )?(?:going to|gonna)|we(?:'re| are) (?:going to|gonna|really|just)"
        r"|i(?:'d| would| will|'ll|'ve| have)? (?:want to|wanted to|like to|just|now|also|already|can)|let me|let us|let's|i'll|we'll (?:talk|see|look|get|come|show)"
        r"|talk(?:ing)? (?:about|to you)|(?:i|we) (?:mentioned|showed|talked|spoke|said)"
        r"|show (?:you|us)|demo\w*|in a (?:minute|moment|second)|later (?:on|in)|come back to|get back to|today"
        r"|tell you|remember when|(?:first|next|last) (?:slide|thing)|go ahead|there we go|here we go"
        r"|looking at is|(?:example|thing|feature)s? (?:\w+ ){0,5}we (?:want|wanted|have) to show|are (?:going to|gonna) (?:show|explain|talk)|we(?:'d| would| will|'ll)? (?:want to|like to) (?:show|talk)|i hope|we hope"
        r"|watch (?:this|what)|look at (?:this|that|the)|about to see|(?:have|got) .{0,40}\bhere\b|for us here|(?:noticed|recall)\b|take a look|for you guys|you guys)\b",
        advice=r"\b(?:you (?:should|need to|must|ought to|might want to|may want to|had better)\b(?! (?:be (?!sure|careful)|have\b|know|see|remember))"
        r"|(?<!all )you have to(?! (?:do|use) is)|make sure|be sure to|(?:it's|it is) (?:best|better|worth|advisable|a good idea)"
        r"|(?:i|we) (?:strongly |highly |would )?(?:recommend|suggest|advise|encourage) (?!ed)"
        r"|my (?:advice|recommendation|suggestion|rule)|the (?:rule|trick) is|don't forget to|remember to|go to \w+\.(?:com|org|net))\b"
        rf"|^(?:please |just |simply |always |instead,? |then |next,? |first,? |second,? |third,? |finally,? )?(?:{_IMPERATIVES})\s(?!is\b|was\b|are\b|were\b|that\b|of\b|to\b)",
        warning=r"^(?:please |just )*(?:do not|don't|never|avoid|beware|be careful|watch out|stop)\b"
        r"|\byou (?:should not|shouldn't|must not|mustn't|never want to|can't afford)\b"
        r"|\b(?:i|we) (?:recommend|suggest|advise) (?:you |that you )?(?:not|against|avoid\w*)\b"
        r"|\b(?:is|was|be|are) (?:a |an |the )?(?:really |very |pretty |most )*(?:bad|terrible|horrible|dangerous|worst|wrong|common|classic) (?:idea|thing|mistake|practice|way|trap)s?\b"
        r"|\b(?:(?:biggest|worst|common|first|second|third|classic) (?:mistake|trap|pitfall|error)|if you avoid|should never|must never|avoid(?:ing)? the|very,? (?:very,? )?bad thing)\b",
        weight=r"\b(?:important\w*|key|crucial|essential|critical|fundamental\w*|main|biggest|best|worst"
        r"|most|never|always|only|problem\w*|solution\w*|solve[sd]?|reason\w*|because|means? that|result\w*|mistake\w*"
        r"|lesson\w*|learn\w*|goal\w*|idea\w*|allow\w*|enable\w*|lets you|designed|invent\w*|discover\w*"
        r"|conclu\w*|in (?:short|summary)|to sum|bottom line|turns out|is (?:a|an|the|called)|are (?:a|an|the|called)"
        r"|more than|less than|percent|million|billion|thousand|faster|better|launch\w*|announc\w*|open[- ]sourc\w*|difference)\b",
        gist=r"\b(?:to summari[sz]e|in (?:summary|short|conclusion|essence)|to sum up|bottom line|the (?:main|key|big|whole|basic|core) (?:idea|point|message|thing|goal|lesson)"
        r"|what (?:we|i)(?:'ve| have)? (?:built|made|learned|found)|(?:is|are|was|has become|have become) (?:really |probably |basically |essentially |simply |just )*(?:a|an|the|about|called|how)\b(?!.*\bexample\b)|it's called"
        r"|the (?:goal|purpose|reason|point|lesson|answer|problem|question) (?:of|is|was|here)|(?:is|was) (?:designed|built|made|meant) to|allows? (?:you|us|people|developers|users)|lets (?:you|us)"
        r"|this (?:talk|video|lecture)|we learned|i learned|turned out|matters)\b",
    ),
    "de": Lexicon(
        lead=r"(?:(?:also|und|aber|ja|nun|gut|okay|so|naja|genau|eben|übrigens|dann|ich glaube|ich denke),?\s+)+",
        dangling=r"(?:das|dies|diese[rsmn]?|es|sie|er|die|der|denn|weil|deshalb|daher|dadurch|damit|dabei|davon|dort|trotzdem)\b",
        chatter=r"\b(?:danke\w*|vielen dank|guten (?:morgen|tag|abend)|hallo|willkommen|herzlich|mein name|applaus|abonnier\w*|gesponsert|werbung|tschüss|fragen\?)\b",
        staging=r"\b(?:hier (?:sehen|seht|sieht)|sie sehen|wie (?:sie|ihr) seht|klick\w*|auf der folie|ich (?:werde|möchte|zeige|will))\b",
        advice=r"\b(?:sollte[nt]?|müss(?:en|t)|muss man|achte[tn]?|am besten|empfehle\w*|wichtig ist|versuch\w*)\b",
        warning=r"\b(?:nie(?:mals)?|vermeide\w*|vorsicht|nicht (?:dürfen|sollten)|fehler|falsch)\b",
        weight=r"\b(?:wichtig\w*|wesentlich\w*|problem\w*|lösung\w*|ergebnis\w*|deshalb|bedeutet|grund|ziel\w*|prozent)\b",
    ),
    "fr": Lexicon(
        lead=r"(?:(?:alors|donc|et|mais|bon|ben|voilà|oui|en fait|bien|du coup|je pense que),?\s+)+",
        dangling=r"(?:c'est|ça|cela|ceci|ils?|elles?|ce|cette|ces|celui|parce que|qui|dont|là)\b",
        chatter=r"\b(?:merci|bonjour|bonsoir|bienvenue|je m'appelle|applaudissements|abonne\w*|sponsor\w*|au revoir|des questions)\b",
        staging=r"\b(?:vous voyez|comme vous|cliqu\w*|je vais|on va voir|à l'écran)\b",
        advice=r"\b(?:il faut|vous devez|vous devriez|on doit|je (?:vous )?(?:conseille|recommande)|assurez|essayez|mieux vaut|pensez à)\b",
        warning=r"\b(?:ne (?:jamais|faites)|jamais|évite\w*|attention|erreur\w*|il ne faut pas)\b",
        weight=r"\b(?:important\w*|essentiel\w*|problème\w*|solution\w*|résultat\w*|parce que|but|objectif|pour cent)\b",
    ),
    "es": Lexicon(
        lead=r"(?:(?:entonces|pues|y|pero|bueno|así que|o sea|vale|sí|ahora|creo que),?\s+)+",
        dangling=r"(?:eso|esto|es|ellos|ellas|él|ella|este|esta|estos|porque|lo que|que|ahí)\b",
        chatter=r"\b(?:gracias|buenos días|buenas (?:tardes|noches)|hola|bienvenid\w*|me llamo|aplausos|suscr\w*|patrocin\w*|adiós|preguntas\?)\b",
        staging=r"\b(?:como (?:ven|pueden ver|ves)|aquí (?:ven|vemos|pueden)|clic|voy a|vamos a ver|en pantalla)\b",
        advice=r"\b(?:deb(?:es|en|emos|e|ería\w*)|tienes que|tenemos que|hay que|recomiendo|aconsejo|asegúr\w*|intent\w*|lo mejor es)\b",
        warning=r"\b(?:nunca|evit\w*|cuidado|error\w*|no (?:debes|hay que|hagas))\b",
        weight=r"\b(?:importante\w*|clave|problema\w*|solución|resultado\w*|porque|objetivo\w*|por ciento)\b",
    ),
    "ru": Lexicon(
        lead=r"(?:(?:итак|и|а|но|ну|вот|так|значит|да|поэтому|так что|хорошо|теперь|конечно|кстати|собственно|в общем|я думаю),?\s+)+",
        dangling=r"(?:это|этот|эта|эти|он|она|оно|они|их|его|её|ее|такой|там|тогда|который|потому что|чтобы|то|здесь|тут|вот)\b",
        chatter=r"(?:спасибо|добро пожаловать|добр(?:ый|ое|ого) (?:утр|день|вечер|дня|всем)|всем добр\w*|здравствуйте|привет|дамы и господа|меня зовут|аплодис|овац|подпис(?:ывайтесь|аться)|спонсор|до свидания|вопросы\?|позвольте (?:мне )?(?:представить|начать)|рад (?:вас|быть)|приветств|извините|простите)",
        staging=r"(?:как (?:вы )?(?:видите|можете видеть)|вы (?:видите|увидите|можете видеть)|посмотрите|смотрите|здесь вы|нажима\w*|нажму|щелк\w*|клик\w*|давайте|сейчас я|я (?:хочу|собираюсь|покажу|буду|могу|сейчас|только)|мы (?:покажем|посмотрим|увидим)|на (?:экране|слайде)|справа|слева|демонстрац)",
        advice=r"(?:\bнужно\b|\bнадо\b|\bследует\b|вам стоит|\bдолжны\b|убедитесь|советую|рекоменду|попробуйте|лучше (?:всего|\w+ть)|необходимо|важно)",
        warning=r"(?:\bникогда\b|избега|осторожн|нельзя|ошибк|не (?:стоит|следует|нужно|надо))",
        weight=r"(?:важн|главн|основн|проблем|решени|потому что|результат|означает|цель|позволя|процент|миллион|лучш|открыт)",
    ),
    "sv": Lexicon(
        lead=r"(?:(?:så|och|men|nå|ja|okej|alltså|då),?\s+)+",
        dangling=r"(?:det|den|de|han|hon|detta|dessa|därför|för att|som|där)\b",
        chatter=r"\b(?:tack|god (?:morgon|kväll)|hej|välkommen|välkomna|jag heter|applåd\w*|prenumerera|sponsr\w*|hejdå)\b",
        advice=r"\b(?:du (?:bör|ska|måste)|man (?:bör|ska|måste)|vi måste|se till|försök|bäst att|kom ihåg)\b",
        warning=r"\b(?:aldrig|undvik|akta|inte får|fel)\b",
        weight=r"\b(?:viktig\w*|problem\w*|lösning\w*|därför|mål\w*|procent|perfekt\w*)\b",
    ),
    "ja": Lexicon(
        lead=r"(?:さあ|さて|では|じゃあ|そして|それで|でも|で|しかし|また|ええと|えー|まあ|はい|つまり|ちなみに)、?\s*",
        dangling=r"(?:これ|それ|あれ|この|その|あの|ここ|そこ|そう|彼|そのため|だから|なぜなら)",
        chatter=r"(?:こんにちは|こんばんは|おはよう|ありがとう|ようこそ|はじめまして|と申します|拍手|チャンネル登録|提供は|スポンサー|さようなら|ご質問は|ご視聴|これを見ているあなた)",
        staging=r"(?:ご覧(?:ください|のように|いただ)|クリックし|見てみましょう|お見せ|紹介しま|お話し|ご説明しま|ご質問)",
        advice=r"(?:てください|しましょう|するべき|すべき|したほうがよ?い|必要があります|必要です|おすすめ|ことが大切|重要です)",
        warning=r"(?:しないで|てはいけ|避け|注意|禁止|間違い)",
        weight=r"(?:重要|大切|問題|解決|理由|ため|簡単|できます|可能|目的|結果|とは)",
    ),
    "zh": Lexicon(
        lead=r"(?:那么|好的?|然后|所以|但是|不过|而且|现在|因此|其实|嗯|啊|这样|由此|下面|接下来)，?\s*",
        dangling=r"(?:这|那|它|他|她|它们|他们|因为|如果没有|此)",
        chatter=r"(?:您好|你好|大家好|谢谢|感谢|欢迎|我叫|我的名字|掌声|订阅|赞助|再见|提问|早上好|晚上好|太棒了|您可能会问)",
        staging=r"(?:可以看到|请看|让我们看|让我们来看|点击|我要(?:讲|说|谈|介绍)|我将|我们来看|屏幕上|我必须先|向您(?:举例)?说明)",
        advice=r"(?:应该|必须|您需要|你需要|建议|最好(?:是|先|把|用|不)|一定要|记得|请(?:务必|使用|访问|尝试|记)|不妨|可以访问)",
        warning=r"(?:不要|避免|切勿|(?:请|要|当)(?:小心|注意)|常见错误)",
        weight=r"(?:重要|关键|问题|解决|因为|原因|目的|结果|可以|能够|最|就是|意味着|优势|简单)",
    ),
    "hi": Lexicon(
        lead=r"(?:तो|और|लेकिन|अब|अच्छा|हाँ),?\s+",
        dangling=r"(?:यह|ये|वह|वे|इस|उस|इसका|उसका|क्योंकि|जो)\s",
        chatter=r"(?:नमस्कार|नमस्ते|धन्यवाद|शुक्रिया|स्वागत|मेरा नाम|सब्सक्राइब|मैं हूँ|तालियाँ)",
        advice=r"(?:चाहिए|कीजिए|करें|कर सकते हैं|जाएँ|जाएं|ज़रूरी|जरूरी)",
        warning=r"(?:मत |कभी नहीं|सावधान|गलती)",
        weight=r"(?:महत्वपूर्ण|समस्या|समाधान|आसानी|क्योंकि|लक्ष्य|मतलब|सबसे)",
    ),
    "ar": Lexicon(
        lead=r"(?:و|ثم|لكن|حسنا|حسن|إذا|نعم|طيب)،?\s+",
        dangling=r"(?:هذا|هذه|ذلك|تلك|هو|هي|هم|إنه|إنها|لأن)\s",
        chatter=r"(?:شكرا|مرحبا|أهلا|السلام عليكم|صباح الخير|مساء الخير|اسمي|تصفيق|اشترك|برعاية)",
        advice=r"(?:يجب|عليك أن|ينبغي|من الأفضل|أنصح|تأكد|حاول|لا بد)",
        warning=r"(?:لا ت|أبدا|تجنب|احذر|خطأ|غير آمن)",
        weight=r"(?:مهم|مشكلة|حل|سبب|هدف|نتيجة|أفضل|الأكثر)",
    ),
}  # fmt: skip
LEXICONS["pt"] = Lexicon(
    lead=r"(?:(?:então|e|mas|bom|bem|pois|agora|né|sim|tipo|acho que),?\s+)+",
    dangling=r"(?:isso|isto|é|eles|elas|ele|ela|este|esta|esse|essa|porque|que|aí)\b",
    chatter=r"\b(?:obrigad[oa]|bom dia|boa (?:tarde|noite)|olá|bem-vind\w*|meu nome|aplausos|inscrev\w*|patrocin\w*|tchau)\b",
    advice=r"\b(?:deve\w*|você (?:precisa|tem que)|temos que|é preciso|recomendo|tente|o melhor é|certifique\w*)\b",
    warning=r"\b(?:nunca|evit\w*|cuidado|erro\w*|não (?:deve|faça))\b",
    weight=r"\b(?:importante\w*|problema\w*|solução|resultado\w*|porque|objetivo\w*|por cento)\b",
)
LEXICONS["it"] = Lexicon(
    lead=r"(?:(?:allora|quindi|e|ma|bene|ecco|sì|dunque|adesso|penso che),?\s+)+",
    dangling=r"(?:questo|questa|quello|quella|è|essi|loro|lui|lei|perché|che|lì)\b",
    chatter=r"\b(?:grazie|buongiorno|buonasera|ciao|benvenut\w*|mi chiamo|applausi|iscriv\w*|sponsor\w*|arrivederci)\b",
    advice=r"\b(?:dov(?:ete|ete|reste|resti)|devi|bisogna|consiglio|assicura\w*|prova\w*|è meglio)\b",
    warning=r"\b(?:mai|evita\w*|attenzione|errore|errori|non (?:bisogna|fare))\b",
    weight=r"\b(?:importante|importanti|problema|problemi|soluzione|risultat\w*|perché|obiettivo|per cento)\b",
)


@cache
def cues_for(language: str) -> Cues:
    """Compiled lexicon of a language code such as `en-US`."""
    lexicon = LEXICONS.get(base_language(language), Lexicon())
    return Cues(
        lead=regex.compile(rf"^(?:{lexicon.lead})", regex.IGNORECASE),
        dangling=regex.compile(rf"^(?:{lexicon.dangling})", regex.IGNORECASE),
        chatter=regex.compile(lexicon.chatter, regex.IGNORECASE),
        staging=regex.compile(lexicon.staging, regex.IGNORECASE),
        advice=regex.compile(lexicon.advice, regex.IGNORECASE),
        warning=regex.compile(lexicon.warning, regex.IGNORECASE),
        weight=regex.compile(lexicon.weight, regex.IGNORECASE),
        gist=regex.compile(lexicon.gist, regex.IGNORECASE),
    )
