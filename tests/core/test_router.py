"""What asks for a talk as a whole is told from questions about a detail of it."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from youtube_analysis.llm.offline.router import Intent, Routed, route

WHOLE = """
en summary   summarize | tl;dr | tldr pls | what's this about? | what is the video about
en summary   Can you summarize this talk for me, please?
en takeaways key takeaways | main points | what can I learn from this
en takeaways what are the most important points of this talk?
en topics    main topics | which topics are covered | what topics does she cover in this lecture
en who       who is speaking | who is the speaker | who's talking | Who gives this talk?
en length    how long is it | how long is this video | video length | how long does the talk last?
en beginning how does it start | in this video, how does it begin?
en beginning what does he say at the beginning?
en ending    how does it end | what's the conclusion | what are the closing remarks
en thanks    thanks! | thank you so much 🙏 | Thanks for this video
en greeting  hi | hello there | good morning | Hey! 👋
de summary   worum geht es? | Worum geht's hier eigentlich? | Zusammenfassung bitte
de summary   fass das zusammen | Kannst du das Video kurz zusammenfassen?
de takeaways was sind die wichtigsten Punkte | Hauptaussagen? | Was kann ich daraus lernen?
de topics    welche Themen werden behandelt? | Themen
de who       wer spricht da | Wer hält den Vortrag?
de length    wie lang ist das Video | Wie lange dauert der Vortrag? | Dauer?
de beginning wie fängt es an? | Was sagt er am Anfang?
de ending    wie endet der Vortrag | wie hört es auf | Was ist das Fazit?
de thanks    danke dir! | Vielen Dank
de greeting  Hallo! | Guten Morgen
es summary   ¿de qué va el video? | resumen | Hazme un resumen, por favor
es takeaways ¿cuáles son los puntos principales? | ¿Qué puedo aprender de este video?
es topics    ¿qué temas se tratan?
es who       ¿quién habla? | ¿Quién es el ponente?
es length    ¿cuánto dura? | ¿Cuánto dura el video?
es beginning ¿cómo empieza?
es ending    ¿cómo termina la charla? | ¿cuál es la conclusión?
es thanks    gracias | ¡Muchas gracias!
es greeting  hola | Buenos días
fr summary   de quoi ça parle | résume | De quoi parle cette vidéo ?
fr summary   Peux-tu résumer la vidéo, s'il te plaît ?
fr takeaways quels sont les points clés ? | Qu'est-ce qu'il faut retenir ?
fr topics    quels sujets sont abordés ?
fr who       qui parle ? | qui est l'orateur ?
fr length    combien de temps dure la vidéo ? | durée
fr beginning comment ça commence ?
fr ending    comment ça se termine ? | quelle est la conclusion ?
fr thanks    merci | Merci beaucoup !
fr greeting  bonjour | salut
pt summary   do que se trata o vídeo? | resumo | Sobre o que é o vídeo? | resuma o vídeo, por favor
pt takeaways quais são os pontos principais? | o que posso aprender com este vídeo?
pt topics    quais temas são abordados?
pt who       quem está falando? | quem é o palestrante?
pt length    quanto tempo dura? | qual é a duração do vídeo?
pt beginning como começa?
pt ending    como termina? | qual é a conclusão?
pt thanks    obrigado | Muito obrigada!
pt greeting  olá | bom dia
it summary   di cosa parla il video? | riassunto | Puoi riassumere il video?
it takeaways quali sono i punti principali? | cosa posso imparare da questo video?
it topics    quali argomenti vengono trattati?
it who       chi parla? | chi è il relatore?
it length    quanto dura? | quanto è lungo il video?
it beginning come inizia?
it ending    come finisce? | qual è la conclusione?
it thanks    grazie | Grazie mille!
it greeting  ciao | buongiorno
nl summary   waar gaat het over? | samenvatting | vat de video samen | Kun je dit samenvatten?
nl takeaways wat zijn de belangrijkste punten? | wat kan ik hiervan leren?
nl topics    welke onderwerpen komen aan bod?
nl who       wie is er aan het woord? | wie is de spreker?
nl length    hoe lang is de video? | hoe lang duurt de lezing?
nl beginning hoe begint het?
nl ending    hoe eindigt het? | wat is de conclusie?
nl thanks    bedankt | dank je wel!
nl greeting  hallo | goedemorgen
ru summary   о чём видео | кратко | о чем это? | перескажи кратко
ru summary   Можешь кратко пересказать видео?
ru takeaways главные мысли | какие основные выводы? | что тут самое главное?
ru topics    какие темы обсуждаются?
ru who       кто говорит? | кто выступает
ru length    сколько длится видео? | длительность
ru beginning с чего начинается?
ru ending    чем заканчивается? | какой вывод?
ru thanks    спасибо | Большое спасибо!
ru greeting  привет | добрый день
ja summary   要約して | 何についての動画ですか | この動画を要約してください | 3行でまとめて
ja takeaways 要点は？ | この動画から何が学べますか？
ja topics    どんな話題が出てくる？ | トピックは何ですか
ja who       誰が話していますか | 話しているのは誰ですか？
ja length    この動画の長さは？ | 何分ですか
ja beginning どう始まりますか
ja ending    結論は何ですか？ | どう終わる？
ja thanks    ありがとう | ありがとうございます！
ja greeting  こんにちは | おはようございます
zh summary   总结一下 | 这个视频讲什么 | 这个视频是关于什么的？ | 请总结一下这个视频
zh takeaways 主要观点是什么 | 我能学到什么？
zh topics    讨论了哪些话题？
zh who       谁在说话？ | 演讲者是谁
zh length    这个视频有多长？ | 时长
zh beginning 开头讲了什么？
zh ending    结论是什么？ | 最后说了什么
zh thanks    谢谢 | 非常感谢！
zh greeting  你好 | 早上好
ar summary   ملخص | عن ماذا يتحدث هذا الفيديو؟ | لخص الفيديو من فضلك
ar takeaways ما هي أهم النقاط؟ | ماذا نتعلم من هذا الفيديو؟
ar topics    ما هي المواضيع الرئيسية؟
ar who       من المتحدث؟ | من يتحدث؟
ar length    كم مدة الفيديو؟
ar beginning كيف يبدأ الفيديو؟
ar ending    كيف ينتهي؟ | ما هي الخاتمة؟
ar thanks    شكرا | شكرًا جزيلًا
ar greeting  مرحبا | السلام عليكم
hi summary   सारांश | यह वीडियो किस बारे में है? | इस वीडियो का सारांश बताओ
hi takeaways मुख्य बातें क्या हैं? | इस वीडियो से क्या सीख सकते हैं?
hi topics    कौन से विषय हैं?
hi who       कौन बोल रहा है? | वक्ता कौन है
hi length    यह वीडियो कितना लंबा है? | वीडियो कितने मिनट का है?
hi beginning शुरुआत कैसे होती है?
hi ending    निष्कर्ष क्या है? | यह कैसे खत्म होता है?
hi thanks    धन्यवाद | बहुत धन्यवाद!
hi greeting  नमस्ते | नमस्कार
"""

SECONDS = """
en beginning 300 what do they say in the first five minutes | the first 5 minutes
en beginning 300 summarize the first five minutes please
en beginning 60  what happens in the first minute?
en beginning 1800 what is said in the first half hour
en beginning -   what does she say in the first few minutes?
en ending 120    last two minutes | What happens in the last 2 minutes of the video?
en ending 30     the final 30 seconds
en ending 1800   the last half an hour
de beginning 300 Was sagt er in den ersten fünf Minuten?
de ending 60     was passiert in der letzten Minute
es beginning 300 ¿qué dice en los primeros cinco minutos?
es ending 120    ¿qué pasa en los últimos 2 minutos?
fr beginning 300 que dit-il dans les cinq premières minutes ? | les premières 5 minutes
fr ending 600    qu'est-ce qu'il dit dans les dix dernières minutes ?
pt beginning 300 o que ele diz nos primeiros cinco minutos?
pt ending 180    os últimos três minutos
pt beginning 180 resumo dos primeiros 3 minutos
it beginning 300 cosa dice nei primi cinque minuti?
it ending 120    gli ultimi due minuti
it beginning 120 i primi due minuti
nl beginning 420 wat zegt hij in de eerste zeven minuten?
nl ending 120    de laatste twee minuten
ru beginning 300 что говорит в первые пять минут? | первые 5 минут
ru ending 120    последние две минуты
ja beginning 300 最初の5分で何を言っていますか | 最初の五分
ja ending 120    最後の2分
zh beginning 300 前五分钟讲了什么 | 最初的5分钟
zh ending 120    最后两分钟讲了什么？
ar beginning 300 ماذا يقول في أول خمس دقائق؟
hi beginning 300 पहले पाँच मिनट में क्या कहा गया है?
en at_time 750   what happens at 12:30 | 12:30 | At 12:30, what does he say? | at the 12:30 mark
en at_time 420   at minute 7 | What is said at the 7th minute? | around minute 7
en at_time 3730  1:02:10 | what happens at 1:02:10?
en at_time 90    at 90 seconds | at second 90
en at_time 450   at 7m30s
de at_time 420   Was passiert bei Minute 7? | in der 7. Minute
es at_time 750   ¿qué dice en el minuto 12:30? | ¿Qué pasa en 12:30?
fr at_time 420   que se passe-t-il à la minute 7 ?
pt at_time 420   o que acontece no minuto 7?
it at_time 420   cosa succede al minuto 7?
nl at_time 750   wat gebeurt er op 12:30?
ru at_time 420   что происходит на 7 минуте? | на 7-й минуте
ja at_time 450   7分30秒のところで何を言っていますか
ja at_time 420   7分のところ
zh at_time 420   第7分钟讲了什么？
ar at_time 420   ماذا يحدث في الدقيقة 7؟
hi at_time 750   12:30 पर क्या होता है?
"""

DETAIL = """
en what does he say about the summary page
en what are the main topics of the second chapter of his book | who invented the telegraph
en how long does the upgrade take
en thanks to whom did the project survive? | what is the length of the cable
en hi-fi speakers: which ones | how does the story of the cat end?
en what did he say in the first year
en is there a conclusion about pricing | how long does it take | who is he | how did it start?
en how did it all end | what's the structure | what is it | what did you get | how does it close
en who is talking to the king? | why does the train leave at 12:30 | what happens at 12:30 pm
en what happened in the first five minutes of the match | how many minutes does the egg boil
en does he thank anyone | hello world program: which language | the last two presidents | 5 minutes
en 12:75 | please | what are the takeaways for developers? | what is the speaker made of
de wer ist Frau Weiß | wie lange dauert das | Wie geht es weiter mit dem Projekt?
de worum geht es im zweiten Kapitel | was ist das Fazit der Studie | wem dankt er?
de wie fängt man an? | wer spricht Spanisch?
es cuánto es | ¿de qué es la mesa? | ¿quién es el más importante? | ¿cómo se abre?
es ¿de qué trata la ley? | ¿cuánto dura la batería? | ¿cómo empezó?
fr ça fait combien ? | comment on commence ? | quel est le plan ? | qui a fait ça ?
fr combien de temps dure la cuisson ? | de quoi parle le deuxième livre ?
pt quanto é? | quanto demora? | de que é feita a ponte? | como começou? | quem fala alemão?
pt qual é a conclusão do estudo?
it come si apre? | quanto dura la cottura? | di cosa parla il secondo libro? | chi parla tedesco?
it come è iniziato?
nl hoe lang duurt het? | hoe sluit het? | wie spreekt er Duits? | waar gaat het tweede boek over?
ru сколько это? | сколько времени | с чего всё началось? | какой план? | о чём вторая книга?
ru сколько длится зарядка? | что нового?
ja 何分かかりますか | どのくらいありますか | どう締めますか | 電池の長さは？
ja 誰が電信を発明しましたか | 何が得られますか | これ | まとめページには何がありますか
zh 谁发明了电报？ | 升级要多久？ | 如何开始 | 电缆有多长？ | 第二本书讲什么？ | 他提到什么问题？
zh 持续多久
ar من اخترع التلغراف؟ | كم يستغرق التحديث؟ | ما طول الكابل؟ | عن ماذا يتحدث الكتاب الثاني؟
ar كيف بدأ؟
hi टेलीग्राफ का आविष्कार किसने किया? | केबल कितनी लंबी है? | अपग्रेड में कितना समय लगता है?
hi दूसरी किताब किस बारे में है? | यह कैसे शुरू हुआ?
"""


def _rows(table: str, heads: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for line in table.strip().splitlines():
        *head, questions = line.split(maxsplit=heads)
        rows += [(*head, question.strip()) for question in questions.split(" | ")]
    return rows


def _languages(table: str, heads: int) -> Counter[str]:
    return Counter(language for language, *_ in _rows(table, heads))


@pytest.mark.parametrize(("language", "intent", "question"), _rows(WHOLE, 2))
def test_what_asks_for_the_whole_is_routed(language: str, intent: str, question: str) -> None:
    assert route(question) == Routed(Intent(intent)), language


@pytest.mark.parametrize(("language", "intent", "seconds", "question"), _rows(SECONDS, 3))
def test_a_named_time_is_read(language: str, intent: str, seconds: str, question: str) -> None:
    named = None if seconds == "-" else float(seconds)
    assert route(question) == Routed(Intent(intent), named), language


@pytest.mark.parametrize(("language", "question"), _rows(DETAIL, 1))
def test_a_question_about_a_detail_is_left_to_retrieval(language: str, question: str) -> None:
    assert route(question) is None, language


def test_every_language_has_rows_enough() -> None:
    routed, left = _languages(WHOLE, 2) + _languages(SECONDS, 3), _languages(DETAIL, 1)
    assert routed.keys() == left.keys() == set("en de es fr pt it nl ru ja zh ar hi".split())
    assert min(routed.values()) >= 6
    assert routed["en"] >= 12
    assert left.total() >= 40


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙏", ":", "\u200b"])
def test_a_message_without_words_is_not_routed(text: str) -> None:
    assert route(text) is None


def test_accents_capitals_and_spaces_do_not_matter() -> None:
    assert route("  ¿CUAL es la\u00a0CONCLUSION?? ") == Routed(Intent.ENDING)
    assert route("WHAT\u2019S   THIS ABOUT") == Routed(Intent.SUMMARY)
    assert route("مُلَخَّص") == Routed(Intent.SUMMARY)


def test_a_long_text_is_never_routed() -> None:
    assert route("please " * 27 + "summarize") == Routed(Intent.SUMMARY)
    assert route("summarize".ljust(200)) == Routed(Intent.SUMMARY)
    assert route("summarize".ljust(201)) is None


@pytest.mark.parametrize(
    "piece",
    ["please ", "what are the ", "what is he ", "the video of ", "in the first ", "って", "し",
     "这个视频", "讲的", "的", "है ", "क्या ", "जाता है ", "тут ", "1:", "1", "die ", "los ", "في "],
)  # fmt: skip
def test_no_message_takes_long(piece: str) -> None:
    route("")
    route("summary")
    started = time.process_time()
    for text in (piece, f"how does it {piece}", f"最初は{piece}", f"{piece}summary"):
        route((text + piece * 200)[:199] + "x")
    assert time.process_time() - started < 0.2
