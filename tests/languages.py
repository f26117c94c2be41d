"""Talks of our own in languages where a hesitation of English is a word: um, er, han."""

TALKS = {
    "de": (
        "Heute geht es um die Frage, warum er um acht Uhr schon am Bahnhof stand.",
        "Er sagte, um ehrlich zu sein, dass der Zug nie pünktlich kommt.",
        "Wir haben um zwölf Prozent mehr Leute gezählt als im letzten Jahr.",
        "Um das zu verstehen, muss man wissen, wer er war und wo er wohnte.",
        "Sie ging um die Ecke, ehe er etwas sagen konnte.",
        "Darum hat er uns gebeten, um sechs noch einmal anzurufen.",
    ),
    "da": (
        "Han siger, at han er glad for det, der er sket i dag.",
        "Der er ikke mange, som ved, hvor gammel han er.",
        "Jeg er sikker på, at er man først i gang, så er det nemt.",
        "Vi er tolv i holdet, og han er den yngste af os.",
        "Det er derfor, han er kommet tilbage til øen.",
        "Han har aldrig sagt, at der er noget galt med båden.",
    ),
    "nl": (
        "Er is een reden waarom er zo weinig mensen om acht uur komen.",
        "Hij vroeg er om, en daarom is er niemand boos geworden.",
        "We moeten om de tafel gaan zitten, want er ligt een plan.",
        "Er zijn twaalf redenen om het niet te doen.",
        "Om eerlijk te zijn is er nooit iets van gekomen.",
        "Hij zei dat er om elf uur nog een trein gaat.",
    ),
    "no": (
        "Han er den som er best på ski, og det er han glad for.",
        "Det er ikke sikkert at han er hjemme når vi kommer.",
        "Om han er syk, så er det noen andre som må kjøre.",
        "Vi er tolv stykker, og han er den eldste av oss.",
        "Her er det viktigste: han er aldri alene på havet.",
        "Jeg vet at han er på vei, men veien er lang.",
    ),
    "pt": (
        "Um dia, um amigo meu trouxe um livro sobre um navio.",
        "Era um homem que nunca dizia um número sem um motivo.",
        "Vamos falar de um problema que um engenheiro resolveu em um mês.",
        "Não é um segredo que um terço do porto está vazio.",
        "Um a um, os barcos voltaram, e um deles trazia doze pessoas.",
        "Para um começo, isso é um bom resultado.",
    ),
}
