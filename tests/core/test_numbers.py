"""Numbers are the same however a speaker says them or a model writes them."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from youtube_analysis.checking.numbers import numbers_in

DIGITS: list[tuple[str, str, list[float]]] = [
    ("en", "1,500 people, 1,234.56 metres", [1500, 1234.56]),
    ("de", "1.500 Leute, 1.234,56 Meter, 1.500.000", [1500, 1234.56, 1_500_000]),
    ("ru", "12 000 человек, 3,5", [12_000, 3.5]),
    ("fr", "12\u202f000 personnes", [12_000]),
    ("en", "3.5 or 3,5, but 0,125", [3.5, 3.5, 0.125]),
    ("de", "3.5 oder 3,5", [3.5, 3.5]),
    ("en", "38 % is 38% and 38 percent", [38, 38, 38]),
    ("en", "$1.2 million, 1.2M, 3k and 7B", [1_200_000, 1_200_000, 3000, 7e9]),
    ("de", "1,2 Mio. und 2 Mrd. Euro", [1_200_000, 2e9]),
    ("en", "5km, 5m and 5MB", [5, 5, 5]),
    ("en", "10-15 or 10–15", [10, 15, 10, 15]),
    ("en", "1984, 2019, 2020", [1984, 2019, 2020]),
    ("ar", "٣٥ و ٣٫٥ و ١٬٥٠٠", [35, 3.5, 1500]),
    ("ja", "３８パーセント", [38]),
    ("ko", "약 300명", [300]),
    ("en", "at 10:30 or 1:02:03", []),
    ("en", "a ratio of 3:2", [3, 2]),
    ("en", "the 3rd and the 21st", [3, 21]),
    ("de", "am 2. Mai, in Zeile 12. Danach", [2, 12]),
    ("en", "version 2.0, v3.1", [2, 3.1]),
    ("en", "US$5, 5G, 4x4 and x10", [5, 5, 4, 4, 10]),
    ("en", "MP3, H2O, 10h30 and 2024-03-12", [10, 2024, 3, 12]),
    ("en", "**12** million", [12_000_000]),
    ("sv", "1.500 och two", [1500]),
    ("", "one 7 two", [7]),
]
ENGLISH: list[tuple[str, str, list[float]]] = [
    ("en", "Twenty-one, twenty one", [21, 21]),
    ("en-US", "a hundred and five, a thousand", [105, 1000]),
    ("en", "ninety-fifth, the twenty-first, third", [95, 21, 3]),
    ("en", "nineteen eighty-four, twenty twenty-four", [1984, 2024]),
    ("en", "nineteen to eighty, nineteen five, twenty twenty", [19, 80, 19, 5, 2020]),
    ("en", "two thousand nine, nineteen hundred", [2009, 1900]),
    ("en", "one million two hundred thousand and six", [1_200_006]),
    ("en", "nine hundred ninety-nine million", [999e6]),
    ("en", "12 million, 2 million 300 thousand", [12e6, 2_300_000]),
    ("en", "half a million, two and a half million", [500_000, 2_500_000]),
    ("en", "two million and a half, an hour and a half", [2_500_000]),
    ("en", "two point five million three hundred", [2_500_300]),
    ("en", "a dozen, two dozen, dozens", [12, 24]),
    ("en", "three point one four, two point five million", [3.14, 2_500_000]),
    ("en", "at that point two people, version two dot zero", [2, 2]),
    ("en", "one hundred and two hundred, a thousand two thousand", [100, 200, 1000, 2000]),
    ("en", "two three four, five, six", [2, 3, 4, 5, 6]),
    ("en", "the eighties, the nineteen eighties, the 1980s", [80, 1980, 1980]),
    ("en", "one of them, a second, first, millions of people", []),
    ("en", "freight, often, tender, someone, tensile, attention, at once", []),
]
GERMANIC: list[tuple[str, str, list[float]]] = [
    ("de", "Achtunddreißig, zwölftausend, hundertfünf", [38, 12_000, 105]),
    ("de", "neunzehnhundertvierundachtzig, zweitausendneun", [1984, 2009]),
    ("de", "eine Million zweihunderttausend, 12 Millionen", [1_200_000, 12e6]),
    ("de", "anderthalb, anderthalb Millionen, zweieinhalb", [1.5, 1_500_000, 2.5]),
    ("de", "eine halbe Million, drei Komma fünfundzwanzig", [500_000, 3.25]),
    ("de", "der dritte, die einundzwanzigste, im hundertsten", [3, 21, 100]),
    ("de", "zwischen fünf und zwanzig, hundert und zweihundert", [5, 20, 100, 200]),
    ("de", "zwo\u0308lf Prozent, ein Dutzend", [12, 12]),
    ("de", "ein Mann, eine Frau, Millionen Menschen", []),
    ("de", "gewesen, einsam, Achtung, achte auf, Zweig, Viertel, dreist", []),
    ("nl", "eenentwintig, tweeëntwintig, achtennegentig", [21, 22, 98]),
    ("nl", "honderdvijf, tweeduizend negen", [105, 2009]),
    ("nl", "negentien vierentachtig, negentienvierentachtig", [1984, 1984]),
    ("nl", "twaalf miljoen, 12 mln", [12e6, 12e6]),
    ("nl", "anderhalf, een half miljoen", [1.5, 500_000]),
    ("nl", "de derde, de achtste, de twintigste", [3, 8, 20]),
    ("nl", "twee honderd, drie komma vijf", [200, 3.5]),
    ("nl", "een man en een vrouw, één ding", []),
    ("nl", "achten, tientallen, vierkant, zessen, enig", []),
]
ROMANCE: list[tuple[str, str, list[float]]] = [
    ("fr", "quatre-vingt-dix-sept, Quatre vingts", [97, 80]),
    ("fr", "vingt et un, soixante et onze, soixante-dix", [21, 71, 70]),
    ("fr", "mille neuf cent quatre-vingt-quatre", [1984]),
    ("fr", "deux mille neuf, cent cinq, deux cents", [2009, 105, 200]),
    ("fr", "douze millions, un demi-million", [12e6, 500_000]),
    ("fr", "deux millions et demi, trois virgule cinq", [2_500_000, 3.5]),
    ("fr", "le troisième, le vingt et unième", [3, 21]),
    ("fr", "quatre vingt mille", [80_000]),
    ("fr", "un homme, une femme, des millions", []),
    ("fr", "dixit, septembre, douzième-ci, centre", [12]),
    ("es", "ciento veintitrés, treinta y uno", [123, 31]),
    ("es", "mil novecientos ochenta y cuatro, dos mil nueve", [1984, 2009]),
    ("es", "quinientas personas, cien mil", [500, 100_000]),
    ("es", "dos mil millones, un millón doscientos mil", [2e9, 1_200_000]),
    ("es", "medio millón, dos millones y medio", [500_000, 2_500_000]),
    ("es", "veinte y treinta, tres coma cinco", [20, 30, 3.5]),
    ("es", "la tercera vez, el quinto", [3, 5]),
    ("es", "un hombre, una mujer, uno de ellos, medio", []),
    ("es", "entonces, docente, millonario, sietemesino", []),
    ("pt", "duzentas e cinco, vinte e um", [205, 21]),
    ("pt", "mil novecentos e oitenta e quatro", [1984]),
    ("pt", "dois mil e nove, cento e cinco", [2009, 105]),
    ("pt", "três milhões, meio milhão", [3e6, 500_000]),
    ("pt", "dezesseis ou dezasseis", [16, 16]),
    ("pt", "três vírgula cinco, 12 bilhões", [3.5, 12e9]),
    ("pt", "o terceiro, a décima", [3, 10]),
    ("pt", "um homem, uma mulher, a quinta-feira", []),
    ("pt", "setembro, dezena, comum, ontem", []),
    ("it", "ventuno, ventotto, trentatré, centotto", [21, 28, 33, 108]),
    ("it", "millenovecentottantaquattro, duemilanove", [1984, 2009]),
    ("it", "ventotto, centotto, due cento", [28, 108, 200]),
    ("it", "due milioni, mezzo milione", [2e6, 500_000]),
    ("it", "cento e uno, tre virgola cinque", [101, 3.5]),
    ("it", "il terzo, il ventesimo", [3, 20]),
    ("it", "sei mila, seicento", [6000, 600]),
    ("it", "un uomo, una donna, uno, tu sei", []),
    ("it", "settimana, Trento, ottobre, centro", []),
]
RUSSIAN: list[tuple[str, str, list[float]]] = [
    ("ru", "двадцать один, Тридцать восемь", [21, 38]),
    ("ru", "тысяча девятьсот", [1900]),
    ("ru", "тысяча девятьсот восемьдесят четвёртый", [1984]),
    ("ru", "две тысячи девять, сто пять", [2009, 105]),
    ("ru", "12 млн, два миллиона триста тысяч", [12e6, 2_300_000]),
    ("ru", "полтора, полмиллиона, пол миллиона", [1.5, 500_000, 500_000]),
    ("ru", "два с половиной миллиона", [2_500_000]),
    ("ru", "о пяти, двенадцатью, третьего, двадцатом", [5, 12, 3, 20]),
    ("ru", "один человек, одна женщина, тысячи людей", []),
    ("ru", "стол, семья, пятка, во-первых, во-вторых, трижды", []),
]
HAN: list[tuple[str, str, list[float]]] = [
    ("zh", "三十八, 一万二千, 二百五十, 一百零五", [38, 12_000, 250, 105]),
    ("zh-Hans", "二〇〇九年, 一九八四年", [2009, 1984]),
    ("zh", "1200万, 3亿, 三万亿", [12e6, 3e8, 3e12]),
    ("zh", "百分之三十, 百分之五, 三分之二", [30, 5]),
    ("zh", "三个人, 两次, 十个, 五岁", [3, 2, 10, 5]),
    ("zh", "一个, 一起, 统一, 唯一, 一一, 一点", []),
    ("zh", "十分好, 千万不要, 万一, 百科, 三明治, 四川", []),
    ("zh", "三点五十分, 二三十人, 3.5, 10:30", [50, 30, 3.5]),
    ("ja", "三十八, 一万二千円, 二百五十", [38, 12_000, 250]),
    ("ja", "二〇〇九年, 二千九年", [2009, 2009]),
    ("ja", "1200万人, 3億5000万円, 1,200 万", [12e6, 350e6, 12e6]),
    ("ja", "三人, 二つ, 五パーセント, 三倍", [3, 2, 5, 3]),
    ("ja", "三十分, 百円, 千年", [30, 100, 1000]),
    ("ja", "一番, 統一, 一つ, 一人, 万が一", []),
    ("ja", "十分です, 百貨店, 九州, 三角, 万能", []),
    ("ja", "百二, 一一〇番", [102, 110]),
    ("ja", "約300人 MP3 two", [300]),
]
ROWS = [*DIGITS, *ENGLISH, *GERMANIC, *ROMANCE, *RUSSIAN, *HAN]


@pytest.mark.parametrize(("language", "text", "expected"), ROWS)
def test_a_number_is_found_as_it_is_said_or_written(
    language: str, text: str, expected: list[float]
) -> None:
    assert numbers_in(text, language) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("language", ["en", "de", "nl", "it", "fr", "es", "pt", "ru", "zh", "ja"])
def test_each_language_has_eight_rows_and_one_without_a_number(language: str) -> None:
    rows = [expected for code, _, expected in ROWS if code.split("-")[0] == language]
    assert len(rows) >= 8
    assert [] in rows


@given(
    st.text(alphabet="1９. ,:'k-一二十万点分two hundredachtundmille"),
    st.sampled_from("en de it fr zh ja ar".split()),
)
def test_any_text_has_finite_numbers(text: str, language: str) -> None:
    assert all(0 <= number < math.inf for number in numbers_in(text, language))


@pytest.mark.parametrize("digit", ["9", "九", "9,999"])
def test_a_very_long_number_is_finite(digit: str) -> None:
    assert max(numbers_in(digit * 400, "ja")) < math.inf


SMALL = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn",
}
TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
}


def _english(number: int) -> str:
    small, tens = SMALL["en"].split(), TENS["en"].split()
    for size, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_english(number % size)}" if number % size else ""
            return f"{_english(number // size)} {name}{rest}"
    if number < 20:
        return small[number]
    return tens[number // 10 - 2] + (f"-{small[number % 10]}" if number % 10 else "")


def _german(number: int) -> str:
    small, tens = SMALL["de"].split(), TENS["de"].split()
    for size, name in ((1000, "tausend"), (100, "hundert")):
        if number >= size:
            rest = _german(number % size) if number % size else ""
            return _german(number // size).removesuffix("s" * (number // size == 1)) + name + rest
    if number < 20:
        return small[number]
    unit = f"{small[number % 10].replace('eins', 'ein')}und" if number % 10 else ""
    return unit + tens[number // 10 - 2]


@given(st.integers(0, 999_999_999).filter(lambda number: number != 1))
def test_a_number_spelt_out_is_read_back(number: int) -> None:
    assert numbers_in(f"so {_english(number)} of it", "en") == [number]


@given(st.integers(2, 999_999))
def test_a_number_written_in_one_word_is_read_back(number: int) -> None:
    assert numbers_in(f"also {_german(number)} davon", "de") == [number]


HOSTILE = [
    ("en", "one "),
    ("en", "half a "),
    ("en", "one point "),
    ("en", "thousand "),
    ("en", "hundred and "),
    ("de", "achtund "),
    ("fr", "quatre-"),
    ("zh", "三点"),
    ("zh", "1万"),
    ("zh", "1,"),
    ("en", "9"),
    ("en", "1:11"),
    ("en", "1."),
    ("fr", "1 111 "),
    ("it", "trent"),
]


def _seconds(text: str, language: str) -> float:
    """The processor time of this thread, the best of five."""
    taken = []
    for _ in range(5):
        before = time.thread_time()
        numbers_in(text, language)
        taken.append(time.thread_time() - before)
    return min(taken)


@pytest.mark.parametrize(("language", "unit"), HOSTILE)
def test_eight_times_the_text_takes_about_eight_times_as_long(language: str, unit: str) -> None:
    """Were it quadratic, it would take 64 times as long."""
    short = unit * (5000 // len(unit))
    numbers_in("", language)
    assert _seconds(short * 8, language) < 16 * _seconds(short, language)
