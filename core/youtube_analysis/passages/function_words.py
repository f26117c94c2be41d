"""Words that carry grammar rather than subject matter, per language (ISO 639-1).

They are left out of ranking, and they tell the language of a text that does not name its own.
"""

from __future__ import annotations

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """a about above after again all almost already also although always am an and any
            anything are aren't as at away back be because been before being between both
            but by can can't cannot could couldn't did didn't do does doesn't doing don't
            done down during each either else even ever every everyone everything few for
            from get gets getting go goes going gonna got had hadn't has hasn't have haven't
            having he he'd he'll he's her here here's hers herself him himself his how i i'd
            i'll i'm i've if in inside into is isn't it it'd it'll it's its itself just kind let
            let's like little lot lots many may maybe me might mine more most much must my
            myself neither no nor not nothing now of off oh ok okay on one once only onto or
            other others our ours ourselves out over own per perhaps pretty quite rather
            really right said same say says she she'd she'll she's should shouldn't since so
            some somebody someone something somewhat sort still such than that that'd
            that'll that's the their theirs them themselves then there there's these they
            they'd they'll they're they've thing things this those though through to too
            toward towards um uh under until up upon us very want was wasn't way we we'd
            we'll we're we've well were weren't what what's when where where's whether which
            while who who's whom whose why will with within without won't would wouldn't
            yeah yes yet you you'd you'll you're you've your yours yourself actually
            basically obviously guess mean know think see look thank thanks please hello hi
            welcome today""",
        "de": """aber alle allem allen aller alles als also am an ander andere anderem anderen
            auch auf aus bei bin bis bist da damit dann das dass dein deine dem den der des
            dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine
            einem einen einer eines er es etwas euch euer für gegen gewesen hab habe haben
            hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren im in
            indem ins ist ja jede jedem jeden jeder jetzt kann kein keine können könnte
            machen man manche mehr mein meine mich mir mit muss müssen nach nicht nichts
            noch nun nur ob oder ohne schon sehr sein seine seinen selbst sich sie sind so
            solche soll sollte sondern über um und uns unser unter viel vom von vor war
            waren warum was weil welche wenn wer werde werden wie wieder will wir wird wirst
            wo wollen würde zu zum zur zwar zwischen mal halt eben ganz gibt""",
        "fr": """ai aie alors as au aussi autre aux avait avec avoir beaucoup bien c'est ce ceci
            cela celle ces cet cette comme comment dans de des donc dont du elle elles en
            encore entre est et étaient était être eu eux fait faire fois ici il ils j'ai je
            jusqu la là le les leur leurs lui ma mais me même mes moi mon ne nos notre nous
            on ont ou où par parce pas peu peut plus pour pourquoi pouvez qu qu'il qu'on que
            quel quelle quelque qui quoi sa sans se sera ses si soit son sont sous sur ta te
            tes toi ton tous tout toute très tu un une va vais voilà vos votre vous y ça oui
            non""",
        "es": """a al algo algunos ante antes aquí así aunque bien cada casi como con contra cosa
            cuando cual de del desde donde dos durante e el él ella ellas ellos en entre era
            eran es esa ese eso esta está están estar estas este esto estos fue fueron ha
            había han hasta hay hacer la las le les lo los más me mi mis mucho muy nada ni
            no nos nosotros o os otra otro para pero poco por porque pues puede que qué
            quien se ser si sí sido sin sobre solo son su sus también tan tanto te tenemos
            tener tengo ti tiene tienen todo todos tu tú un una unas uno unos usted va vamos
            voy y ya yo""",
        "pt": """a à ao aos aquela aquele aqui as às até bem cada coisa com como da das de dela
            dele depois do dos e é ela elas ele eles em entre era eram essa esse está estão
            estar estas este eu fazer foi foram gente há isso isto já lhe lo mais mas me
            mesmo meu minha muito na não nas nem no nos nós nossa nosso num numa o os ou
            para pela pelo pode por porque quando que quem se seja sem ser seu seus só sua
            suas são também te tem têm temos ter tinha tu tudo um uma vai vamos você vocês
            vou""",
        "it": """a ad ai al alla alle allo anche ancora avere aveva c'è che chi ci come con così
            cosa cui da dagli dai dal dalla degli dei del della delle dello di dove e è ed
            era erano essere fare fatto fra gli ha hai hanno ho i il in io la le lei li lo
            loro lui ma me mi mia mio molto ne nei nel nella noi non nostro o ogni per
            perché però più poi può qua quale quando quanto quella quelle quello questa
            queste questi questo qui se sei si sia siamo sono stato su sua sue sul sulla suo
            tra tu tutte tutti tutto un una uno va voi""",
        "nl": """aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch
            doen door dus een en er ge geen geweest haar had heb hebben heeft hem het hier
            hij hoe hun iemand iets ik in is ja je jij jullie kan kon kunnen maar me meer
            men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op
            over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat we
            wel werd wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder
            zou""",
        "sv": """alla allt alltså att av bara blev bli blir då där de dem den denna deras dess
            det detta dig din dina du efter ej eller en er ett från för ha hade han har
            henne hennes hon honom hur här i icke inte in inom jag ju kan kom kunde man med
            mellan men mig min mina mitt mot mycket måste ni nu när någon något några när
            och också om oss på samma sedan sen sig sin sina sitta själv ska skulle som så
            till under upp ut utan vad var vara varför varit vart vem vi vid vilka vilken
            vill är åt över""",
        "da": """af alle alt anden at blev blive da de dem den denne der deres det dette dig din
            du efter eller en end er et for fra ham han hans har havde hende her hos hun
            hvad hvis hvor i ikke ind jeg jo kan kunne man mange med meget men mig min mit
            mod ned noget nogle nu når og også om op os over på selv sig sin skal skulle som
            sådan til ud under var vi vil ville være været""",
        "no": """alle at av bare ble bli da de den denne der dere deres det dette di din du eller
            en er et ett etter for fordi fra før ha hadde han har henne her hun hva hvis
            hvor hvordan i ikke inn jeg kan kom kunne man mange med meg mellom men min mot
            mye må ned noe noen nå når og også om opp oss over på sa seg selv skal skulle
            slik som så til under ut uten var ved vi vil ville være vært""",
        "pl": """a aby ale bardzo bez bo być był była było były będzie co czy dla do gdy gdzie go
            i ich ja jak jako je jego jej jest jeszcze już każdy kiedy kto która które który
            ma mam mi mnie może można my na nad nam nas nie nic niech nim o od on ona oni
            ono oraz pan po pod przed przez przy się są tak także tam te tego tej ten też to
            tu ty tych tylko tym u w wam was więc wszystko z za ze że żeby""",
        "tr": """acaba ama ancak bana bazı belki ben beni benim bir biri biz bize bu buna bunu
            bunun çok çünkü da daha de değil diye en gibi hem hep her hiç için ile ise kadar
            ki kim ne neden nasıl o olan olarak oldu olduğu on ona onlar onu onun sen siz
            şey şu tüm var ve veya ya yani yok""",
        "ru": """а без более больше будет будто бы был была были было быть в вам вас ведь весь во
            вот все всё всего всех вы г где да даже для до его ее её если есть ещё еще же за
            здесь и из или им их к как какая какой когда конечно кто ли лучше м мне много
            может можно мой моя мы на над надо нас наш не него нее нет ни них но ну о об он
            она они оно от очень по под потому потом почему при про раз с со сам свой себе
            себя сейчас так такой там тебя тем теперь то тогда того тоже только том тот тут
            ты у уже хорошо хотя чего чем что чтобы эта эти это этого этой этом этот эту я
            который которая которые которое это давайте просто вообще""",
        "uk": """а або але б би був була були було бути в вам вас весь вже ви від він вона вони
            воно все всі до для добре його її їх є ж за з зі і із й коли ми мене на над нам
            нас наш не ні них ну о один однак от під по при про сам свій себе собі та так
            також там те ти то тобі того тоді той тому тут у хто це цей ця ці чи чого чому
            що щоб ще як який яка які я""",
        "ar": """في من إلى على عن مع هذا هذه ذلك تلك التي الذي الذين هو هي هم هن أنا أنت نحن كان
            كانت يكون ما ماذا لا لم لن ليس أن إن أو و ثم بل لكن كل بعض غير قد كما حتى إذا لو
            هل أي بين عند بعد قبل فقط أيضا هناك هنا كيف متى أين لماذا نعم يا لي لك له لها
            لنا لكم لهم به بها فيه فيها منه منها عليه عليها""",
        "fa": """و در به از که این آن را با برای است بود شد شده می ها های تا یا هم نیز اما اگر هر
            همه چه چرا کجا چون من تو او ما شما آنها یک بر هست نیست باید خود دیگر پس""",
        "he": """של את על זה זאת הוא היא הם הן אני אתה אנחנו לא כן מה מי איך למה איפה מתי אם או
            גם רק כל עם אל אבל כי יש אין היה היתה להיות אז עוד כמו יותר מאוד""",
        "hi": """और का की के को में से है हैं था थे थी हो होता होती होते हूँ कर करना करने करते
            करता किया किसी कि जो तो यह ये वह वे इस उस इन उन अपने अपना अपनी आप हम मैं तुम ने
            पर भी ही नहीं न या लिए साथ तक कुछ कोई क्या कैसे कब कहाँ क्यों जब तब अब एक बहुत
            सकते सकता सकती रहा रहे रही गया गए गई वाला वाले जैसे फिर द्वारा""",
        "ko": """그 이 저 것 수 등 및 더 또 또는 그리고 그래서 그런데 하지만 그러나 나는 우리
            우리는 너 당신 있는 있습니다 있다 하는 합니다 하다 된 되는 입니다 이다 대한
            때문에 위해 같은 이런 저런 아주 정말 매우 다 안 못 제가 저는 여기 거기 뭐 왜
            어떻게 언제""",
        "id": """ada adalah agar akan anda apa atau bagi bahwa banyak begitu belum bisa dalam dan
            dapat dari dengan di dia hanya harus ini itu jadi jika juga kalau kami karena ke
            kita lagi lebih mereka oleh pada para saat saja sangat saya sebagai seperti
            serta sudah tapi telah tentang tersebut tidak untuk yang""",
        "vi": """và của là có cho không được trong một những các này đó với để khi thì mà như ở
            từ đã sẽ đang cũng nhiều rất tôi bạn chúng ta họ nó anh chị em gì nào sao vì nếu
            hay hoặc ra vào lên lại về theo đến""",
        "fi": """ei en et että he hän ja jo joka jos kaikki kanssa koska kuin kun me mikä minä
            mitä mutta myös ne niin nyt näin ole oli olla olen on ovat se sen sinä siis
            sitten tai te tämä vain vaan vielä voi""",
        "cs": """a aby ale ani asi až bez bude by byl byla bylo být co což do i já jak jako je
            jeho jejich jen ještě již jsem jsme jsou k kde kdo kdy která které který má může
            my na nad nebo není než o od on ona oni po pod pokud pro proto protože před při
            s se si tak také tam ten to tu u už v ve více však z za že""",
        "el": """και το να του η ο της με που την από για θα τα στο είναι οι ένα τη δεν μια μου
            αυτό τον ότι τις στην των αν σε πως σας κι μας αλλά τι εγώ εσύ όχι ναι πολύ πώς
            όταν γιατί""",
    }.items()
}

# Characters of Chinese that are grammar: a pair that holds one says nothing of the subject.
CHINESE_FUNCTION_CHARACTERS = frozenset(
    "的了是在我你他她它们這这那就也着都很会會可以和与與或但而且吗嗎呢吧啊么麼什个個不"
    "没沒有被把给給对對从從到要能让讓些如果因为為所"
)
