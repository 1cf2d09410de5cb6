"""A generated event sheet of real shape: the same rows for the same number and seed.

About 170 posts at real places, each with many dated steps; one to three reports of each step, a
source for every three rows, a quote in every fifth. No row is in error: two steps of one kind at
one post lie in different years, so that a coarse date fits one of them only, and a source comes
out after what it reports.
"""

import csv
import datetime
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from missions.event_words import STAGE_WORDS
from missions.models import Stage
from nkwatch.editorial.text import split_list

HERE = Path(__file__).parent
COUNTRIES = HERE.parent.parent / "sources" / "reference" / "countries.csv"

COLUMNS = [
    "host_country",
    "event",
    "date",
    "date_wording",
    "source_url",
    "source_title",
    "source_outlet",
    "source_issued",
    "source_language",
    "source_archive_url",
    "city",
    "mission_kind",
    "summary",
    "reasons",
    "basis",
    "attributed_to_actor",
    "locator",
    "wording",
    "quote",
    "quote_kind",
    "quote_original",
    "quote_language",
    "speaker",
    "speaker_role",
    "said_on",
]

YEARS = range(1975, 2025)
EARLIER_YEARS = range(1950, 1975)
REASONS = {"sanctions": "Sanctions", "costs": "Costs", "reorganisation": "Reorganisation", "pressure": "Pressure"}
AGENCIES = split_list(
    "Yonhap News Agency;Kyodo News;Agence France-Presse;Reuters;Xinhua;TASS;Korean Central News Agency;EFE;"
    "Associated Press;ANSA;Lusa;Deutsche Presse-Agentur;Press Trust of India;Antara;Bernama;Prensa Latina"
)
"""Actors that stand before the import, and to which reports attribute what they say."""
PAPERS = split_list(
    "조선일보;동아일보;한겨레;중앙일보;자유아시아방송;데일리NK;The Korea Herald;The Korea Times;NK News;Nile Times;"
    "Lima Daily;Kuala Lumpur Gazette;Lisbon Post;Le Monde diplomatique;El País;Corriere della Sera;The Hindu;"
    "The Straits Times;Daily Monitor;Jornal de Angola;Dhaka Tribune;The Himalayan Times;South China Morning Post;"
    "Der Standard;Helsingin Sanomat;Kathmandu Post;Nation Thailand;Phnom Penh Post;Haaretz;Al-Ahram"
)

_FAMILY = split_list("Kim;Ri;Pak;Choe;Jong;Kang;Jo;Yun;Jang;Rim;Han;O;So;Sin;Kwon;Hwang;An;Song;Ryu;Hong")
_GIVEN = split_list("Yong;Chol;Song;Myong;Kwang;Il;Hyok;Jin;Sun;Ho;Nam;Gil;Chun;Hui")
_ROLES = split_list("Spokesperson;Ambassador;Foreign minister;Deputy foreign minister;First secretary;Head of protocol")
_CLAUSES = split_list(
    "the mission has been told to leave by the end of the month;the flag was taken down in the morning;"
    "relations between the two countries go on as before;the embassy cannot pay its rent any more;"
    "the staff and their families will fly home through Beijing;the host government was informed by note;"
    "this is a sovereign decision and nothing unusual;a smaller office will look after what remains;"
    "the ambassador paid a farewell call to the president;no reason was given to the ministry;"
    "sanctions have cut the income on which the mission lived;the building is to be handed back to its owner"
)
_CLAUSES_KO = split_list(
    "공관이 이달 말까지 철수하라는 통보를 받았다;오전에 국기가 내려졌다;양국 관계는 예전과 같이 지속된다;"
    "대사관은 더 이상 임대료를 낼 수 없다;직원과 가족은 베이징을 거쳐 귀국한다;주재국 정부에 각서로 통보하였다;"
    "이는 주권적 결정이며 특별한 일이 아니다;대사가 대통령에게 이임 인사를 하였다;제재로 수입원이 끊겼다"
)


@dataclass(frozen=True)
class Post:
    """A place where a mission stands, in the words that sheets use for its host."""

    names: tuple[str, ...]
    city: str
    kind: str
    alone: bool

    @property
    def place(self) -> str:
        return f"{self.names[0]}, {self.city}"


@dataclass
class Carrier:
    """A source, before it is known when it came out."""

    room: int
    covers: list["Report"] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass
class Step:
    """One dated step at a post, with what all its reports say of it."""

    post: Post
    stage: Stage
    day: datetime.date
    dated: bool = True
    cells: dict[str, str] = field(default_factory=dict)
    quote: dict[str, str] = field(default_factory=dict)


@dataclass
class Report:
    """One row: what one source says of one step."""

    step: Step
    carrier: Carrier


def event_sheet(rows: int, seed: int = 4, years: range = YEARS) -> bytes:
    """An event sheet of `rows` rows on steps in `years`, as CSV in UTF-8."""
    return _Generator(seed, years).sheet(rows)


def posts() -> list[Post]:
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        countries = {row["code"]: row for row in csv.DictReader(file)}
    lines = (HERE / "posts.txt").read_text("utf-8").splitlines()
    codes = [line[:2] for line in lines]
    found = []
    for line in lines:
        code, _, rest = line.partition(" ")
        city, _, kind = rest.rpartition(" ") if rest.rsplit(" ", 1)[-1].islower() else (rest, "", "embassy")
        names = (countries[code]["name"], code, countries[code]["alpha3"], countries[code]["name_ko"])
        found.append(Post(names, city, kind, codes.count(code) == 1))
    return found


class _Generator:
    def __init__(self, seed: int, years: range) -> None:
        self.random, self.years = random.Random(seed), years
        self.stage_words = {stage: [stage.value, *split_list(words)] for stage, words in STAGE_WORDS.items()}
        self.speakers = [f"{a} {b} {c}" for a in _FAMILY for b in _GIVEN for c in _GIVEN if b != c][::9]
        self.spoken: set[tuple[str, datetime.date]] = set()
        self.undated: set[tuple[Post, Stage]] = set()
        self.titled: set[tuple[str, ...]] = set()

    def sheet(self, rows: int) -> bytes:
        reports = list(self._reports(rows))
        for number, carrier in enumerate({id(report.carrier): report.carrier for report in reports}.values(), 1):
            carrier.cells = self._source(carrier, number)
        lines = [self._row(report) for report in reports]
        self.random.shuffle(lines)
        written = io.StringIO()
        writer = csv.DictWriter(written, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(lines)
        return written.getvalue().encode()

    def _reports(self, rows: int) -> Iterator[Report]:
        """Steps in order of time, each in one to three of the sources that are open just then."""
        slots = [(post, stage, year) for post in posts() for stage in Stage for year in self.years]
        counts = self._one_to_three(rows)
        steps = sorted((self._step(*slot) for slot in self.random.sample(slots, len(counts))), key=lambda s: s.day)
        carriers: list[Carrier] = []
        for step, count in zip(steps, counts, strict=True):
            while len(carriers) < 6:
                carriers.append(Carrier(self.random.choice((1, 2, 3, 4, 5))))
            for carrier in self.random.sample(carriers, count):
                report = Report(step, carrier)
                carrier.covers.append(report)
                yield report
            carriers = [carrier for carrier in carriers if len(carrier.covers) < carrier.room]

    def _one_to_three(self, total: int) -> list[int]:
        counts = []
        while total:
            counts.append(min(total, self.random.choices((1, 2, 3), (35, 35, 30))[0]))
            total -= counts[-1]
        return counts

    def _step(self, post: Post, stage: Stage, year: int) -> Step:
        step = Step(post, stage, datetime.date(year, self.random.randint(3, 10), self.random.randint(1, 28)))
        if self._chance(0.01) and (post, stage) not in self.undated:
            self.undated.add((post, stage))
            step.dated = False
        if self._chance(0.6):
            step.cells["summary"] = f"{stage.label.capitalize()}: the post in {post.place}, {self._clause()}."
        if self._chance(0.25):
            step.quote = self._quote(step.day)
        return step

    def _quote(self, day: datetime.date) -> dict[str, str]:
        speaker = self.random.choice(self.speakers)
        while (speaker, day) in self.spoken:
            speaker = self.random.choice(self.speakers)
        self.spoken.add((speaker, day))
        words = f"{self._clause().capitalize()}, and {self._clause()}; {self._clause()}."
        quote = {"quote": words, "speaker": speaker, "said_on": day.isoformat()}
        if self._chance(0.4):
            original = ". ".join(self.random.sample(_CLAUSES_KO, 2))
            quote |= {"quote_original": f"{original}. {day.year}년 {day.month}월 {day.day}일", "quote_language": "ko"}
            if self._chance(0.2):
                quote["quote"] = ""
        if self._chance(0.8):
            quote["speaker_role"] = self.random.choice(_ROLES)
        if self._chance(0.3):
            quote["reasons"] = "; ".join(self.random.sample(list(REASONS), self.random.choice((1, 1, 2))))
        return quote

    def _source(self, carrier: Carrier, number: int) -> dict[str, str]:
        first, last = carrier.covers[0].step, carrier.covers[-1].step
        issued = last.day + datetime.timedelta(days=self.random.randint(0, 14))
        outlet, place = self.random.choice(AGENCIES + PAPERS), first.post.place
        language = self.random.choices(("en", "ko", "es", "fr"), (70, 18, 7, 5))[0]
        title = {
            "en": f"North Korea in {place}: {first.stage.label}, {self._clause()}",
            "ko": f"북한, {first.post.names[3]} 공관 {self.random.choice(_CLAUSES_KO)}",
            "es": f"Corea del Norte en {place}: la embajada, {issued.year}",
            "fr": f"La Corée du Nord à {place} : l’ambassade, {issued.year}",
        }[language]
        cells = {"source_outlet": outlet, "source_issued": issued.isoformat(), "source_language": language}
        told_apart = (title, outlet, cells["source_issued"]) not in self.titled
        self.titled.add((title, outlet, cells["source_issued"]))
        if not told_apart:
            title = f"{title} ({number})"
        if self._chance(0.9):
            cells["source_url"] = f"https://news.example.org/{issued:%Y/%m/%d}/dprk-mission-{number}"
            if self._chance(0.15):
                cells["source_archive_url"] = f"https://archive.example.net/{number}"
        return cells | {"source_title": title}

    def _row(self, report: Report) -> dict[str, str]:
        step = report.step
        row = {
            "host_country": self.random.choices(step.post.names, (60, 15, 10, 15))[0],
            "event": self.random.choice(self.stage_words[step.stage]),
            **report.carrier.cells,
            **step.cells,
            **self._date(step),
        }
        if not step.post.alone or self._chance(0.6):
            row["city"] = step.post.city
        if not step.post.alone or self._chance(0.5):
            row["mission_kind"] = step.post.kind
        if self._chance(0.2):
            row |= {"basis": "attributed", "attributed_to_actor": self.random.choice(AGENCIES)}
        elif self._chance(0.2):
            row["basis"] = "own-reporting"
        if self._chance(0.5):
            row["locator"] = f"¶{self.random.randint(1, 30)}"
        if self._chance(0.5):
            row["wording"] = self.random.choice(_CLAUSES_KO if row["source_language"] == "ko" else _CLAUSES)
        if step.quote and self._chance(0.8):
            row |= step.quote | {"quote_kind": self.random.choice(("verbatim", "fragment", "paraphrase", ""))}
        return row

    def _date(self, step: Step) -> dict[str, str]:
        """The step's date as this source gives it: to the day, a few days, the month or the year."""
        if not step.dated:
            return {"date": "unknown"}
        day = step.day
        to_the_day = (
            *(day.isoformat(),) * 4,
            f"{day.day} {day:%b} {day.year}",
            f"{day:%B} {day.day}, {day.year}",
            f"{day:%Y.%m.%d}",
            f"{day.year}년 {day.month}월 {day.day}일",
        )
        coarser = (
            f"{day:%Y-%m}",
            f"{day:%b %Y}",
            f"{day.year}년 {day.month}월",
            f"{day:%Y-%m}~",
            f"{day.year}",
            f"{day.year}?",
            f"{day:%Y-%m}-01/{day:%Y-%m}-28",
        )
        cells = {"date": self.random.choice(to_the_day if self._chance(0.6) else coarser)}
        if self._chance(0.15):
            cells["date_wording"] = self.random.choice(("on Wednesday", "last week", "지난주", "earlier this month"))
        return cells

    def _clause(self) -> str:
        return self.random.choice(_CLAUSES)

    def _chance(self, part: float) -> bool:
        return self.random.random() < part
