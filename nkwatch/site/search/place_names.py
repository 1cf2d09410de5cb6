"""The names of countries and cities by which texts and readers may call them.

Where they come from:

- countries: the reference table (English, Korean of both Koreas, old and official names; see
  `sources/reference/prepare_countries.py`), and CLDR's territory names in the languages below;
- cities: CLDR's names of the cities that stand for time zones, in the same languages (Unicode licence, by
  Babel); what CLDR lacks was written for this project: former names, the romanisations of Pyongyang
  (McCune-Reischauer, the North's own), the North's Korean spellings where they differ, and capitals that
  stand for no time zone.
"""

import functools
from collections.abc import Iterable, Iterator

from babel import Locale

from nkwatch.editorial.text import split_list
from sources.models import Country

LANGUAGES = ("ko", "ja", "zh", "zh_Hant", "ru", "es", "fr", "de")
"""Those in which the subject is written about, beside English."""

ZONED_CITIES = """
Asia/Pyongyang: Phyongyang; P'yŏngyang; Pyeongyang; Piongyang; Heijō; 평양시
Asia/Seoul: Sŏul; Keijō; Hanyang; 서울시; 漢城; 汉城; 京城
Asia/Vladivostok: 울라지보스또크; 해삼위; 海參崴; 海参崴
Europe/Moscow: 모스끄바; Moskva
Africa/Kinshasa: Léopoldville; Leopoldville
Africa/Luanda: São Paulo da Assunção de Loanda
Africa/Kampala:
Africa/Conakry: 꼬나크리; 코나크리
Africa/Dakar:
Africa/Algiers: 알지에; 알제리시
Africa/Tripoli: 뜨리뽈리
Africa/Cairo: 까히라; Al-Qahira
Africa/Addis_Ababa: 아디스 아바바
Africa/Lagos:
Africa/Harare: Salisbury
Africa/Windhoek:
Africa/Dar_es_Salaam:
Africa/Maputo: Lourenço Marques
Africa/Accra:
Africa/Bamako:
Africa/Malabo: Santa Isabel
Asia/Katmandu: Kathmandu
Asia/Dhaka: Dacca
Asia/Rangoon: Yangon; Rangoon; 양곤; 양군
Asia/Saigon: Saigon; Hô Chi Minh; Thành phố Hồ Chí Minh; 호찌민; 호치민
Asia/Phnom_Penh: 프놈뻰
Asia/Vientiane: 비엔티엔; 윁쨘
Asia/Ulaanbaatar: Ulan Bator; Urga; 울란바따르; 庫倫
Asia/Bangkok: Krung Thep; 방코크
Asia/Jakarta: Djakarta; Batavia; 쟈까르따
Asia/Kuala_Lumpur: 꾸알라 룸뿌르; 쿠알라 룸푸르
Asia/Tehran: Teheran
Asia/Damascus: 디마스끄
Asia/Baghdad:
Asia/Beirut:
Asia/Kabul:
Asia/Dubai:
Asia/Tashkent:
Europe/Madrid: 마드리드시
Europe/Berlin: 베를린시
Europe/London: 런던시
Europe/Paris:
Europe/Rome: Roma
Europe/Vienna: Wien; 윈
Europe/Warsaw: Warszawa; 와르샤와
Europe/Prague: Praha; 쁘라하
Europe/Bucharest: București; 부꾸레슈띠
Europe/Sofia: 쏘피아
Europe/Budapest: 부다뻬슈뜨
Europe/Belgrade: Beograd; 베오그라드
Europe/Stockholm: 스톡홀름시
Europe/Lisbon: Lisboa
Europe/Athens: 아테네시
Europe/Minsk:
Europe/Kiev: Kyiv; Kiev; 키이우
Europe/Brussels:
Europe/Helsinki:
Europe/Copenhagen: København
America/Havana: 아바나; 라 아바나
America/Lima: 리마시
America/Caracas: 까라까스
America/Mexico_City: Ciudad de México; 메히꼬시
America/New_York: 뉴욕시; 뉴요크
America/Managua:
"""
"""Cities that stand for a time zone, by CLDR's name of the zone, with further names of each."""

OTHER_CITIES = """
Beijing: Peking; Pekín; Pékin; Beiping; 베이징; 북경; 北京; ペキン; Пекин
Shenyang: Mukden; Fengtian; 선양; 심양; 봉천; 沈阳; 瀋陽; 奉天; Шэньян; Мукден
Dandong: Andong; 단둥; 단동; 안동시; 丹东; 丹東; Даньдун
Hanoi: Hà Nội; Hanói; Hanoï; 하노이; 河内; 河內; ハノイ; Ханой
New Delhi: Nueva Delhi; Neu-Delhi; 뉴델리; 뉴 델리; 新德里; ニューデリー; Нью-Дели
Islamabad: 이슬라마바드; 伊斯兰堡; 伊斯蘭堡; イスラマバード; Исламабад
Karachi: Karatschi; 카라치; 까라치; 卡拉奇; カラチ; Карачи
Geneva: Genf; Genève; Ginebra; 제네바; 쥬네브; 日内瓦; 日內瓦; ジュネーブ; Женева
Bern: Berne; Berna; 베른; 伯尔尼; 伯恩; ベルン; Берн
Brasilia: Brasília; 브라질리아; 巴西利亚; 巴西利亞; ブラジリア; Бразилиа
Pretoria: Tshwane; 프리토리아; 比勒陀利亚; プレトリア; Претория
Abuja: 아부자; 阿布贾; 阿布札; アブジャ; Абуджа
Ankara: Angora; 앙카라; 안까라; 安卡拉; アンカラ; Анкара
Kuwait City: 쿠웨이트시티; 쿠웨이트 시티; 科威特城; クウェート市; Эль-Кувейт
Khabarovsk: Chabarowsk; 하바롭스크; 하바로프스크; 伯力; 哈巴罗夫斯克; ハバロフスク; Хабаровск
Nakhodka: Nachodka; 나홋카; 나호드까; ナホトカ; Находка
"""
"""Cities that stand for no time zone, with their names in the same languages where they are written otherwise."""

AMBIGUOUS = """
인도 이란 수단 가나 오만 말리 기니 기네 피지 호주 차드 토고 통가 로마 리마 다카 괌 부탄 저지 건지 파리 타이 양군
Island Maurice Granada Male Batavia Salisbury Andong Roma Urga Damas Argel Daca Soul Inde Eire Lagos
"""
NOT_IN_TEXTS = frozenset(AMBIGUOUS.split())
"""Names that are also words, or parts of words, of a language of the sources: only a reader who asks means the place.

인도 is also the start of "humanitarian", 수단 "means", 이란 a particle; Island is German for Iceland.
"""


def country_names(countries: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, list[str]]]:
    """The key and the names of each country, given its code, English and Korean name and variants."""
    territories = [Locale.parse(language).territories for language in LANGUAGES]
    for code, name, name_ko, variants in countries:
        listed = [name, name_ko, *split_list(variants), *(found.get(code, "") for found in territories)]
        yield code.lower(), list(dict.fromkeys(filter(None, listed)))


@functools.cache
def city_names() -> tuple[tuple[str, list[str]], ...]:
    """The key and the names of each city."""
    zones = [Locale.parse(language).time_zones for language in ("en", *LANGUAGES)]
    found = []
    for line in ZONED_CITIES.strip().splitlines():
        zone, _, others = line.partition(":")
        usual = zone.rpartition("/")[2].replace("_", " ")
        in_languages = [str(known[zone].get("city", "")) for known in zones if zone in known]
        found.append((usual, [usual, *(name.partition(" (")[0] for name in in_languages), *split_list(others)]))
    for line in OTHER_CITIES.strip().splitlines():
        usual, _, others = line.partition(":")
        found.append((usual, [usual, *split_list(others)]))
    return tuple((usual.replace(" ", "").lower(), list(dict.fromkeys(filter(None, names)))) for usual, names in found)


def known_countries() -> tuple[tuple[str, str, str, str], ...]:
    """What the reference table says of each country, as `country_names` takes it: one query."""
    return tuple(Country.objects.order_by("pk").values_list("code", "name", "name_ko", "variants"))
