"""Write countries.csv, the reference table of host and sending countries.

Run by hand, from the root of the repository, after changing a table below or
upgrading Babel; commit the script and the CSV together:

    uv run sources/reference/prepare_countries.py

Label points are kept from the present countries.csv in that case. To compute
them again from the map data they came from:

    npm install --prefix SCRATCH world-atlas@2.0.2
    uv run sources/reference/prepare_countries.py \\
        SCRATCH/node_modules/world-atlas/countries-10m.json

Both runs are deterministic and give the same file for the same inputs.

Where each column comes from:

code, alpha3
    ISO 3166-1, with the codes that Babel's CLDR data (Unicode licence) gives;
    XK and XKX (Kosovo) are user-assigned codes in common use, not ISO ones.
name, name_ko
    CLDR's English and Korean territory names, except where NAMES and NAMES_KO
    prefer a plainer one. CLDR's own name then becomes a variant.
variants
    Other names in use, written for this project: former and official names,
    abbreviations, and the Korean spellings of both Koreas. Never a name that
    could mean two countries: neither "Congo" nor "Korea" is a variant.
region, subregion
    The United Nations' M49 names, taking the finest level that M49 has
    ("Eastern Africa", not "Sub-Saharan Africa"). M49 gives no region for
    Antarctica and does not list Taiwan or Kosovo; those two are placed with
    their neighbours.
latitude, longitude
    A point for a label inside the largest piece of land, not a capital:
    its centroid or, where that falls outside or close to a border, the inland
    point farthest from any border. Computed from Natural Earth 1:10m (public domain) as packaged
    in world-atlas 2.0.2 (ISC). POINTS holds the territories that the map does
    not draw by themselves, placed by hand.
governed_by
    The state that governs a dependent territory. Empty for states, for
    Taiwan, Kosovo and Palestine, and wherever the answer is itself in dispute
    or changing (see GOVERNED).
"""

import argparse
import csv
import heapq
import json
import math
import re
import unicodedata
from pathlib import Path

from babel import Locale
from babel.core import get_global

CSV_PATH = Path(__file__).with_name("countries.csv")
COLUMNS = [
    "code",
    "alpha3",
    "name",
    "name_ko",
    "variants",
    "region",
    "subregion",
    "latitude",
    "longitude",
    "governed_by",
]

# 249 ISO 3166-1 entries and Kosovo.
EXPECTED_ROWS = 250

REGIONS = {
    "Africa": {
        "Northern Africa": "DZ EG EH LY MA SD TN",
        "Eastern Africa": ("BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW"),
        "Middle Africa": "AO CD CF CG CM GA GQ ST TD",
        "Southern Africa": "BW LS NA SZ ZA",
        "Western Africa": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    },
    "Americas": {
        "Caribbean": ("AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI"),
        "Central America": "BZ CR GT HN MX NI PA SV",
        "South America": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
        "Northern America": "BM CA GL PM US",
    },
    "Asia": {
        "Central Asia": "KG KZ TJ TM UZ",
        "Eastern Asia": "CN HK JP KP KR MN MO TW",
        "South-eastern Asia": "BN ID KH LA MM MY PH SG TH TL VN",
        "Southern Asia": "AF BD BT IN IR LK MV NP PK",
        "Western Asia": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    },
    "Europe": {
        "Eastern Europe": "BG BY CZ HU MD PL RO RU SK UA",
        "Northern Europe": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
        "Southern Europe": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
        "Western Europe": "AT BE CH DE FR LI LU MC NL",
    },
    "Oceania": {
        "Australia and New Zealand": "AU CC CX HM NF NZ",
        "Melanesia": "FJ NC PG SB VU",
        "Micronesia": "FM GU KI MH MP NR PW UM",
        "Polynesia": "AS CK NU PF PN TK TO TV WF WS",
    },
    "": {"": "AQ"},
}

# Codes that CLDR knows under more than one three-letter code: the present one.
ALPHA3 = {
    "BY": "BLR",
    "CD": "COD",
    "DE": "DEU",
    "FR": "FRA",
    "MM": "MMR",
    "RO": "ROU",
    "TL": "TLS",
    "XK": "XKX",
    "YE": "YEM",
}

# Who governs what. The Falkland Islands and South Georgia follow the United
# Nations' list of administering powers, whatever the claims. Left out: Cook
# Islands and Niue (they conduct their own foreign relations), the British
# Indian Ocean Territory (being handed over to Mauritius), Western Sahara,
# Antarctica.
GOVERNED = {
    "AU": "CC CX HM NF",
    "CN": "HK MO",
    "DK": "FO GL",
    "FI": "AX",
    "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT",
    "GB": "AI BM FK GG GI GS IM JE KY MS PN SH TC VG",
    "NL": "AW BQ CW SX",
    "NO": "BV SJ",
    "NZ": "TK",
    "US": "AS GU MP PR UM VI",
}

# English names where CLDR's is a label rather than a name. "&" is written
# "and" and "St." is written "Saint" throughout (see plain_english).
NAMES = {
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "HK": "Hong Kong",
    "MM": "Myanmar",
    "MO": "Macau",
    "PS": "Palestine",
}

NAMES_KO = {
    "CD": "콩고민주공화국",
    "CG": "콩고공화국",
    "HK": "홍콩",
    "MO": "마카오",
    "PS": "팔레스타인",
}

# Other names, most useful first. CLDR's name is added where ours differs.
VARIANTS = {
    "AE": "UAE; Emirates; 아랍에미리트 연합국; 아랍추장국련방",
    "AF": "Islamic Republic of Afghanistan; 아프가니스탄 이슬람 공화국",
    "AL": "Republic of Albania",
    "AM": "Republic of Armenia",
    "AO": "Republic of Angola; People's Republic of Angola; 앙골라 공화국",
    "AQ": "남극",
    "AR": "Argentine Republic",
    "AS": "미국령 사모아; 아메리칸사모아",
    "AT": "Republic of Austria; 오지리",
    "AU": "Commonwealth of Australia; 호주; 오스트랄리아",
    "AX": "Aland",
    "AZ": "Republic of Azerbaijan",
    "BA": "Bosnia; Bosnia-Herzegovina; BiH; 보스니아",
    "BD": "People's Republic of Bangladesh; 방글라데슈",
    "BE": "Kingdom of Belgium; 벨지끄; 벨지크",
    "BF": "Upper Volta; 부르키나 파소",
    "BG": "Republic of Bulgaria; People's Republic of Bulgaria; 벌가리아",
    "BH": "Kingdom of Bahrain",
    "BI": "Republic of Burundi",
    "BJ": "Dahomey; Republic of Benin; 베넹",
    "BL": "Saint Barts",
    "BN": "Brunei Darussalam; 브루네이; 부르네이",
    "BO": "Plurinational State of Bolivia",
    "BQ": "Bonaire, Sint Eustatius and Saba",
    "BR": "Federative Republic of Brazil; 브라질 연방 공화국",
    "BS": "The Bahamas",
    "BT": "Kingdom of Bhutan",
    "BW": "Republic of Botswana",
    "BY": "Belorussia; Byelorussia; Republic of Belarus; 벨로루시; 벨라루씨",
    "BZ": "British Honduras",
    "CA": "카나다",
    "CC": "Cocos Islands; Keeling Islands",
    "CD": (
        "DRC; D.R. Congo; Democratic Republic of the Congo; "
        "Democratic Republic of Congo; Dem. Rep. of the Congo; DR of the Congo; "
        "Congo (DRC); Congo, Democratic Republic of the; Congo (Kinshasa); Zaire; "
        "민주콩고; 콩고 민주 공화국; 콩고(킨샤사); DR콩고; 민주꽁고; "
        "꽁고민주주의공화국; 자이르"
    ),
    "CF": "CAR; 중앙아프리카공화국; 중앙아프리카",
    "CG": (
        "Republic of Congo; People's Republic of the Congo; Congo (Brazzaville); "
        "Congo, Republic of the; 콩고 공화국; 콩고(브라자빌); 꽁고공화국"
    ),
    "CH": "Swiss Confederation; 스위스 연방",
    "CI": ("Ivory Coast; Republic of Côte d'Ivoire; 코트디브와르; 아이보리코스트; 꼬뜨디봐르"),
    "CK": "쿡 아일랜드",
    "CL": "Republic of Chile; 칠리",
    "CM": "Republic of Cameroon; 까메룬",
    "CN": ("PRC; P.R. China; People's Republic of China; Mainland China; 중화인민공화국; 中国; 中國"),
    "CO": "Republic of Colombia; 꼴롬비아",
    "CR": "Republic of Costa Rica; 꼬스따리까",
    "CU": "Republic of Cuba; 꾸바",
    "CV": "Cabo Verde; Republic of Cabo Verde; 까보베르데",
    "CY": "Republic of Cyprus; 사이프러스; 키프로스 공화국; 끼쁘로스",
    "CZ": "Czech Republic; 체코 공화국; 체스꼬",
    "DE": "Federal Republic of Germany; FRG; 독일연방공화국; 도이췰란드",
    "DJ": "Republic of Djibouti",
    "DK": "Kingdom of Denmark; 단마르크",
    "DM": "Commonwealth of Dominica; 도미니카 연방",
    "DO": "Dominican Rep.",
    "DZ": "People's Democratic Republic of Algeria; 알제리 인민 민주 공화국; 알제리아",
    "EC": "Republic of Ecuador",
    "EG": "Arab Republic of Egypt; 에짚트; 이집트 아랍 공화국",
    "EH": "Sahrawi Arab Democratic Republic; SADR; 사하라 아랍 민주 공화국",
    "ES": "Kingdom of Spain; España; 에스파냐; 에스빠냐; 서반아",
    "ET": ("Federal Democratic Republic of Ethiopia; Abyssinia; 이디오피아; 에티오피아 연방 민주 공화국"),
    "FI": "Republic of Finland; 핀란드 공화국",
    "FK": "Falklands; Falkland Islands (Malvinas); Malvinas; Islas Malvinas",
    "FM": "Federated States of Micronesia; FSM; 미크로네시아 연방",
    "FO": "Faroes; Faeroe Islands",
    "FR": "French Republic; 불란서; 프랑스 공화국",
    "GA": "Gabonese Republic; 가봉 공화국",
    "GB": ("UK; U.K.; Britain; Great Britain; United Kingdom of Great Britain and Northern Ireland; 대영제국; 브리튼"),
    "GE": "Republic of Georgia; 그루지야; 조지아 공화국",
    "GH": "Republic of Ghana; Gold Coast; 가나 공화국",
    "GM": "The Gambia; Republic of the Gambia",
    "GN": "Guinea-Conakry; Republic of Guinea; French Guinea; 기니 공화국; 기네",
    "GQ": "Republic of Equatorial Guinea; Spanish Guinea; 적도기네",
    "GR": "Hellenic Republic; Hellas; 희랍",
    "GS": "South Georgia",
    "GW": "Republic of Guinea-Bissau; Portuguese Guinea; 기네비싸우",
    "GY": "Co-operative Republic of Guyana; British Guiana; 가이아나 협동공화국",
    "HK": (
        "Hong Kong SAR; HKSAR; Hongkong; Hong Kong, China; "
        "Hong Kong Special Administrative Region; 홍콩특별행정구; 홍콩 특구; 香港"
    ),
    "HM": "Heard Island and McDonald Islands",
    "HR": "Republic of Croatia; 흐르바쯔까",
    "HU": "Republic of Hungary; 웽그리아; 마쟈르; 헝가리 공화국",
    "ID": "Republic of Indonesia; 인도네시아 공화국; 인도네시야",
    "IE": "Republic of Ireland; Irish Republic; Eire; 에이레",
    "IL": "State of Israel",
    "IM": "Isle of Mann",
    "IN": "Republic of India; Bharat; 인디아; 인도 공화국",
    "IO": "BIOT; Chagos Islands; Chagos Archipelago; 차고스 제도",
    "IQ": "Republic of Iraq; 이라크 공화국; 이라끄",
    "IR": "Islamic Republic of Iran; Persia; 이란 이슬람 공화국",
    "IS": "Republic of Iceland; 이슬란드",
    "IT": "Italian Republic; 이태리; 이딸리아; 이탈리아 공화국",
    "JO": "Hashemite Kingdom of Jordan; 요르단 하심 왕국; 요르단왕국",
    "JP": "Nippon; Nihon; 일본국; 日本",
    "KE": "Republic of Kenya; 케니아",
    "KG": "Kyrgyz Republic; Kirghizia; 키르기즈스탄; 키르기스",
    "KH": ("Kampuchea; Democratic Kampuchea; Khmer Republic; Kingdom of Cambodia; 캄보쟈; 캄푸치아"),
    "KM": "Union of the Comoros",
    "KN": "Saint Christopher and Nevis",
    "KP": (
        "DPRK; D.P.R.K.; DPR Korea; Democratic People's Republic of Korea; N. Korea; "
        "NK; Korea, North; Korea (DPRK); 조선민주주의인민공화국; 북조선; 이북"
    ),
    "KR": (
        "ROK; R.O.K.; Republic of Korea; S. Korea; Korea, South; Korea (ROK); "
        "Korea, Republic of; 한국; 남한; 남조선; 이남"
    ),
    "KW": "State of Kuwait",
    "KZ": "Republic of Kazakhstan; Kazakstan; 까자흐스딴",
    "LA": ("Lao PDR; Lao People's Democratic Republic; Lao; 라오스 인민 민주 공화국; 라오인민민주주의공화국; 라오"),
    "LB": "Lebanese Republic; 레바논 공화국",
    "LK": "Ceylon; Democratic Socialist Republic of Sri Lanka; 스리 랑카; 실론; 스리랑까",
    "LR": "Republic of Liberia",
    "LS": "Kingdom of Lesotho; Basutoland",
    "LT": "Republic of Lithuania",
    "LU": "Grand Duchy of Luxembourg; Luxemburg; 룩셈부르그",
    "LV": "Republic of Latvia; 라뜨비야",
    "LY": (
        "State of Libya; Libyan Arab Jamahiriya; Great Socialist People's Libyan Arab "
        "Jamahiriya; 리비아 아랍 자마히리야"
    ),
    "MA": "Kingdom of Morocco; 마로끄",
    "MD": "Republic of Moldova; Moldavia; 몰도바 공화국; 몰도바공화국",
    "ME": "Crna Gora; 쯔르나고라",
    "MG": "Malagasy Republic; Republic of Madagascar; 마다가스까르",
    "MH": "Republic of the Marshall Islands; Marshalls",
    "MK": ("Macedonia; FYROM; Former Yugoslav Republic of Macedonia; Republic of North Macedonia; 마케도니아"),
    "ML": "Republic of Mali; French Sudan; 말리 공화국",
    "MM": "Burma; Republic of the Union of Myanmar; Union of Myanmar; 버마; 미얀마 연방 공화국",
    "MN": "Mongolian People's Republic; Outer Mongolia; 몽고; 몽골국; 몽골리아",
    "MO": (
        "Macao; Macau SAR; Macao SAR; Macau, China; Macao, China; "
        "Macao Special Administrative Region; 마카오특별행정구; 澳門; 澳门"
    ),
    "MP": "Northern Marianas; CNMI; Saipan; 사이판",
    "MR": "Islamic Republic of Mauritania; 모리따니",
    "MT": "Republic of Malta; 말따",
    "MU": "Republic of Mauritius",
    "MV": "Maldive Islands; Republic of Maldives; 몰디브 공화국",
    "MW": "Nyasaland; Republic of Malawi",
    "MX": "United Mexican States; México; 메히꼬; 메히코",
    "MY": "Federation of Malaysia; 말레이지아",
    "MZ": "Republic of Mozambique; People's Republic of Mozambique; 모잠비끄",
    "NA": "Republic of Namibia; South West Africa; 나미비아 공화국",
    "NE": "Republic of Niger; Republic of the Niger; 니제르 공화국",
    "NG": "Federal Republic of Nigeria; 나이제리아; 나이지리아 연방 공화국",
    "NI": "Republic of Nicaragua; 니까라과",
    "NL": "Holland; The Netherlands; Kingdom of the Netherlands; 화란; 네데를란드; 홀란드",
    "NO": "Kingdom of Norway; 노르웨이 왕국; 노르웨이왕국",
    "NP": "Federal Democratic Republic of Nepal; Kingdom of Nepal; 네팔 연방 민주 공화국",
    "NZ": "Aotearoa; 뉴질란드",
    "OM": "Sultanate of Oman; Muscat and Oman",
    "PA": "Republic of Panama; 빠나마",
    "PE": "Republic of Peru; 뻬루",
    "PG": "PNG; Independent State of Papua New Guinea; 파푸아 뉴기니",
    "PH": "The Philippines; Republic of the Philippines; 필리핀 공화국",
    "PK": "Islamic Republic of Pakistan; 파키스탄 이슬람 공화국; 빠끼스딴",
    "PL": "Republic of Poland; Polish People's Republic; 폴랜드; 뽈스까",
    "PN": "Pitcairn; Pitcairn, Henderson, Ducie and Oeno Islands",
    "PS": (
        "State of Palestine; Palestinian Authority; Palestinian National Authority; "
        "Occupied Palestinian Territory; Occupied Palestinian Territories; "
        "팔레스타인국; 팔레스타인 자치정부; 팔레스티나"
    ),
    "PT": "Portuguese Republic; 포르투칼; 뽀르뚜갈",
    "PW": "Republic of Palau; Belau",
    "PY": "Republic of Paraguay; 빠라과이",
    "QA": "State of Qatar; 까타르",
    "RO": "Rumania; Roumania; Socialist Republic of Romania; 로므니아; 루마니아 공화국",
    "RS": "Republic of Serbia; 쓰르비아; 세르비아 공화국",
    "RU": "Russian Federation; 러시아 연방; 로씨야; 로씨야련방; 노서아",
    "RW": "Republic of Rwanda; 르완다 공화국",
    "SA": "KSA; Kingdom of Saudi Arabia; 사우디; 사우디 아라비아",
    "SC": "Republic of Seychelles; 세이쉘; 쎄이쉘",
    "SD": "Republic of the Sudan; The Sudan; 수단 공화국",
    "SE": "Kingdom of Sweden; 스웨리예; 스웨덴 왕국",
    "SG": "Republic of Singapore; 싱가폴; 싱가포르 공화국",
    "SH": "Saint Helena, Ascension and Tristan da Cunha",
    "SI": "Republic of Slovenia; 슬로베니야",
    "SJ": "Svalbard",
    "SK": "Slovak Republic; 슬로바키아 공화국; 슬로벤스꼬",
    "SL": "Republic of Sierra Leone; 시에라 리온",
    "SN": "Republic of Senegal; 세네갈 공화국; 쎄네갈",
    "SO": "Federal Republic of Somalia; Somali Republic; Somali Democratic Republic",
    "SR": "Surinam; Dutch Guiana; Republic of Suriname",
    "SS": "Republic of South Sudan; 남부수단",
    "ST": "Sao Tome; São Tomé; 상투메프린시페; 쌍또메 프린씨뻬",
    "SV": "Republic of El Salvador; 쌀바도르",
    "SX": "St. Maarten",
    "SY": "Syrian Arab Republic; 시리아 아랍 공화국; 수리아",
    "SZ": "Swaziland; Kingdom of Eswatini; 스와질란드; 에스와티니 왕국",
    "TD": "Republic of Chad; Tchad; 챠드",
    "TF": "French Southern and Antarctic Lands",
    "TG": "Togolese Republic; 또고; 토고 공화국",
    "TH": "Siam; Kingdom of Thailand; 타이; 타이왕국",
    "TJ": "Republic of Tajikistan; Tadzhikistan; 따쥐끼스딴",
    "TL": "East Timor; Democratic Republic of Timor-Leste; 티모르레스테; 동띠모르",
    "TM": "Turkmenia; 뚜르크메니스딴",
    "TN": "Republic of Tunisia; Tunisian Republic; 튀니지아; 튜니지",
    "TO": "Kingdom of Tonga",
    "TR": "Turkey; Republic of Turkey; Republic of Türkiye; 터키; 뛰르끼예; 토이기",
    "TT": "Trinidad; 트리니다드 토바고 공화국",
    "TV": "Ellice Islands",
    "TW": (
        "Republic of China; Chinese Taipei; Taiwan, China; Taiwan, Province of China; "
        "Formosa; 타이완; 중화민국; 臺灣; 台湾"
    ),
    "TZ": "United Republic of Tanzania; Tanganyika; 탄자니아 연합 공화국; 딴자니아",
    "UA": "The Ukraine",
    "UG": "Republic of Uganda; 우간다 공화국",
    "UM": "United States Minor Outlying Islands; U.S. Minor Outlying Islands",
    "US": "USA; U.S.A.; US; U.S.; United States of America; 미합중국; 아메리카 합중국; 미국연방",
    "UY": "Eastern Republic of Uruguay",
    "UZ": "Republic of Uzbekistan; 우즈베크; 우즈베끼스딴",
    "VA": "Holy See; Vatican; Vatican City State; The Vatican; 바티칸; 교황청; 바티칸시국",
    "VC": "Saint Vincent and the Grenadines; 세인트빈센트 그레나딘",
    "VE": "Bolivarian Republic of Venezuela; 베네주엘라; 베네수엘라 볼리바르 공화국",
    "VG": "BVI",
    "VI": "USVI; United States Virgin Islands",
    "VN": "Viet Nam; Socialist Republic of Vietnam; SRV; 월남; 윁남; 베트남 사회주의 공화국",
    "VU": "New Hebrides",
    "WF": "Wallis and Futuna Islands",
    "WS": "Western Samoa; Independent State of Samoa; 서사모아",
    "XK": "Kosova; Republic of Kosovo; 코소보 공화국",
    "YE": "Republic of Yemen; 예멘 공화국",
    "ZA": "RSA; Republic of South Africa; 남아공; 남아프리카공화국; 남아프리카 공화국",
    "ZM": "Republic of Zambia; Northern Rhodesia; 잠비아 공화국",
    "ZW": "Republic of Zimbabwe; Rhodesia; Southern Rhodesia; 짐바브웨 공화국; 로디지아; 짐바브에",
}

# Never a name or variant of any country, folded: each could mean two.
AMBIGUOUS = [
    "Congo",
    "The Congo",
    "콩고",
    "꽁고",
    "Korea",
    "Corea",
    "조선",
    "코리아",
    "America",
    "아메리카",
    "Virgin Islands",
    "버진아일랜드",
    "ROC",
]

# Latitude and longitude of what the map does not draw by itself, by hand.
POINTS = {
    "AQ": (-82.00, 20.00),
    "BQ": (12.18, -68.26),  # Bonaire
    "BV": (-54.42, 3.36),
    "CC": (-12.17, 96.83),  # West Island
    "CX": (-10.49, 105.63),
    "GF": (3.93, -53.08),
    "GP": (16.15, -61.68),  # Basse-Terre
    "MQ": (14.65, -61.00),
    "RE": (-21.12, 55.53),
    "SJ": (78.85, 16.00),  # Spitsbergen
    "TK": (-9.17, -171.81),  # Nukunonu
    "VA": (41.90, 12.45),
    "YT": (-12.82, 45.15),
}


def fold(text):
    """The key under which two spellings count as the same name."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (char for char in text if unicodedata.category(char)[0] not in "MPSZ")
    return unicodedata.normalize("NFC", "".join(kept))


def plain_english(name):
    return re.sub(r"\bSt\. ", "Saint ", name).replace(" & ", " and ")


def iso_aliases(code):
    """The three-letter codes and the number that CLDR maps to a code."""
    sole = [alias for alias, codes in get_global("territory_aliases").items() if codes == [code]]
    letters = {alias for alias in sole if len(alias) == 3 and alias.isalpha()}
    numbers = {alias for alias in sole if alias.isdigit()}
    return letters, numbers


def variants_of(code, names, cldr_names):
    listed = [text.strip() for text in VARIANTS.get(code, "").split(";") if text.strip()]
    variants = []
    for text in [*listed, *cldr_names]:
        if text not in names and text not in variants:
            variants.append(text)
    return variants


# Label points ---------------------------------------------------------------


def decode_arcs(topology):
    """TopoJSON arcs as lists of (longitude, latitude)."""
    (scale_x, scale_y), (shift_x, shift_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def join_ring(indexes, arcs):
    ring = []
    for index in indexes:
        points = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(points[1:] if ring else points)
    return unwrap(ring)


def unwrap(ring):
    """Go on past 180 degrees rather than jump back across the whole map."""
    turned = ring[:1]
    for x, y in ring[1:]:
        x += 360 * round((turned[-1][0] - x) / 360)
        turned.append((x, y))
    return turned


def shoelace(ring):
    """Signed area and centroid of a closed ring."""
    area = sum_x = sum_y = 0.0
    origin_x, origin_y = ring[0]
    for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
        x1, y1, x2, y2 = x1 - origin_x, y1 - origin_y, x2 - origin_x, y2 - origin_y
        cross = x1 * y2 - x2 * y1
        area += cross
        sum_x += (x1 + x2) * cross
        sum_y += (y1 + y2) * cross
    if not area:
        return 0.0, ring[0]
    return area / 2, (origin_x + sum_x / (3 * area), origin_y + sum_y / (3 * area))


def signed_distance(x, y, rings):
    """Distance to the nearest border, negative outside the polygon."""
    inside = False
    nearest = math.inf
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                inside = not inside
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length)) if length else 0.0
            nearest = min(nearest, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2)
    return math.sqrt(nearest) if inside else -math.sqrt(nearest)


def inland_point(rings, precision=0.02):
    """The point farthest from any border, by halving squares (polylabel)."""
    xs = [x for x, _ in rings[0]]
    ys = [y for _, y in rings[0]]
    size = min(max(xs) - min(xs), max(ys) - min(ys))
    queue = []

    def push(x, y, half):
        distance = signed_distance(x, y, rings)
        heapq.heappush(queue, (-(distance + half * math.sqrt(2)), x, y, half, distance))

    x = min(xs)
    while x < max(xs):
        y = min(ys)
        while y < max(ys):
            push(x + size / 2, y + size / 2, size / 2)
            y += size
        x += size
    best = (-math.inf, 0.0, 0.0)
    while queue:
        bound, x, y, half, distance = heapq.heappop(queue)
        best = max(best, (distance, x, y))
        if -bound - best[0] <= precision:
            break
        for sign_x in (-1, 1):
            for sign_y in (-1, 1):
                push(x + sign_x * half / 2, y + sign_y * half / 2, half / 2)
    return best[1], best[2]


def label_point(polygons):
    """Latitude and longitude inside the largest polygon of a country."""

    def true_area(rings):
        area, (_, latitude) = shoelace(rings[0])
        return abs(area) * math.cos(math.radians(latitude))

    rings = max(polygons, key=true_area)
    # Work in degrees of equal length, so that distances mean something.
    squeeze = math.cos(math.radians(shoelace(rings[0])[1][1]))
    rings = [[(x * squeeze, y) for x, y in ring] for ring in rings]
    area, (x, y) = shoelace(rings[0])
    # A centroid outside, or hard by a border, is no place for a label.
    if signed_distance(x, y, rings) < max(0.007, 0.1 * math.sqrt(abs(area))):
        x, y = inland_point(rings)
    longitude = (x / squeeze + 180) % 360 - 180
    return round(y, 2), round(longitude, 2)


def points_from_map(path, codes):
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = decode_arcs(topology)
    by_key = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        drawn = {"Polygon": [shape.get("arcs")], "MultiPolygon": shape.get("arcs")}
        polygons = [[join_ring(indexes, arcs) for indexes in polygon] for polygon in drawn.get(shape["type"], [])]
        by_key.setdefault(shape.get("id") or shape["properties"]["name"], []).extend(polygons)
    points = dict(POINTS)
    for code in codes:
        keys = ["Kosovo"] if code == "XK" else sorted(iso_aliases(code)[1])
        polygons = [polygon for key in keys for polygon in by_key.get(key, [])]
        if polygons and code not in POINTS:
            points[code] = label_point(polygons)
    return points


def points_from_csv():
    with CSV_PATH.open(encoding="utf-8", newline="") as file:
        kept = {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(file)}
    return {**kept, **POINTS}


# Rows -----------------------------------------------------------------------


def build_rows(points):
    english = Locale("en").territories
    korean = Locale("ko").territories
    region_of = {
        code: (region, subregion)
        for region, subregions in REGIONS.items()
        for subregion, codes in subregions.items()
        for code in codes.split()
    }
    governor_of = {code: state for state, codes in GOVERNED.items() for code in codes.split()}
    rows = []
    for code in sorted(region_of):
        name = NAMES.get(code) or plain_english(english[code])
        name_ko = NAMES_KO.get(code) or korean[code]
        alpha3 = ALPHA3.get(code) or min(iso_aliases(code)[0])
        region, subregion = region_of[code]
        latitude, longitude = points[code]
        rows.append(
            {
                "code": code,
                "alpha3": alpha3,
                "name": name,
                "name_ko": name_ko,
                "variants": "; ".join(variants_of(code, {name, name_ko}, [english[code], korean[code]])),
                "region": region,
                "subregion": subregion,
                "latitude": f"{latitude:.2f}",
                "longitude": f"{longitude:.2f}",
                "governed_by": governor_of.get(code, ""),
            }
        )
    return rows


def check(rows):
    """Completeness and uniqueness; a failure names the row at fault."""
    codes = [row["code"] for row in rows]
    known = set(codes)

    assert len(rows) == len(known) == EXPECTED_ROWS, len(rows)
    listed = " ".join(part for group in REGIONS.values() for part in group.values()).split()
    assert sorted(listed) == codes, "a code stands in two subregions"
    assert {"HK", "KP", "KR", "MO", "PS", "TW", "XK"} <= known

    # ISO 3166-1 is what CLDR gives a number, less the European Union, Sark,
    # CLDR's two test regions and "unknown"; and with Kosovo, as above.
    iso = {code for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", code) and iso_aliases(code)[1]} - {
        "CQ",
        "EU",
        "XA",
        "XB",
        "ZZ",
    }
    assert iso | {"XK"} == known, sorted((iso | {"XK"}) ^ known)

    # Codes, three-letter codes, names and variants: one meaning each.
    owner = {}
    for row in rows:
        code = row["code"]
        assert re.fullmatch(r"[A-Z]{2}", code), code
        assert re.fullmatch(r"[A-Z]{3}", row["alpha3"]), code
        assert row["alpha3"] == "XKX" or row["alpha3"] in iso_aliases(code)[0], code
        if len(iso_aliases(code)[0]) > 1:
            assert code in ALPHA3, f"{code}: choose one of {iso_aliases(code)[0]}"
        variants = row["variants"].split("; ") if row["variants"] else []
        assert len(set(variants)) == len(variants), code
        for text in [code, row["alpha3"], row["name"], row["name_ko"], *variants]:
            assert text == text.strip() and ";" not in text, (code, text)
            assert unicodedata.is_normalized("NFC", text), (code, text)
            key = fold(text)
            assert key, (code, text)
            assert owner.setdefault(key, code) == code, (text, code, owner[key])
    for text in AMBIGUOUS:
        assert fold(text) not in owner, (text, owner[fold(text)])
    for column in ["alpha3", "name", "name_ko"]:
        assert len({row[column] for row in rows}) == len(rows), column

    for row in rows:
        code = row["code"]
        assert bool(row["region"]) == bool(row["subregion"]) == (code != "AQ"), code
        assert -90 <= float(row["latitude"]) <= 90, code
        assert -180 <= float(row["longitude"]) <= 180, code
        assert row["governed_by"] in known - {code} | {""}, code
    governor_of = {row["code"]: row["governed_by"] for row in rows}
    assert governor_of["HK"] == governor_of["MO"] == "CN"
    assert not any(governor_of[code] for code in ["TW", "XK", "PS"])
    assert not any(governor_of[state] for state in filter(None, governor_of.values()))

    points = [(row["latitude"], row["longitude"]) for row in rows]
    assert len(set(points)) == len(points), "two countries on one point"
    assert ("0.00", "0.00") not in points, "a shape too small to have a point"
    stale = (set(VARIANTS) | set(NAMES) | set(NAMES_KO) | set(ALPHA3) | set(POINTS)) - known
    assert not stale, stale


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "map",
        nargs="?",
        type=Path,
        help="countries-10m.json of world-atlas; without it, points are kept",
    )
    options = parser.parse_args()
    codes = " ".join(part for group in REGIONS.values() for part in group.values()).split()
    points = points_from_map(options.map, codes) if options.map else points_from_csv()
    missing = sorted(set(codes) - set(points))
    assert not missing, f"no label point for {' '.join(missing)}"
    rows = build_rows(points)
    check(rows)
    with CSV_PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} rows written to {CSV_PATH.name}")


if __name__ == "__main__":
    main()
