"""The record as data: what there is, how large, with checksums, and whole as SQLite (pages.md, Data)."""

import contextlib
import hashlib
import itertools
import json
import os
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, resolve, reverse
from django.views.generic import TemplateView

from nkwatch.editorial.bulk_versions import chunks
from nkwatch.editorial.models import Publishable
from nkwatch.editorial.public.linked_data import CONTEXT
from nkwatch.editorial.public.pages import MACHINE_READABLE, PublicPage
from nkwatch.site.tables import LISTS, Column, Table, columns_of_list, tables

MEASURED_AT_ONCE = 20_000
"""Up to so many rows, the sizes of all files are found while somebody waits for the page."""

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
TITLE = "nkwatch: North Korea’s diplomatic missions, open and closed"
SQLITE_TYPES = {"integer": "INTEGER", "number": "REAL"}


@dataclass(frozen=True)
class Measured:
    """How large a file is, and by what it is known to be whole."""

    size: int
    sha256: str


class Stamp:
    """What readers see now: how many public rows each table has, and when the newest of them was changed.

    Whatever is published, changed or retracted makes it another one; drafts do not.
    """

    def __init__(self) -> None:
        kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
        counts = [
            model.objects.public().order_by().values("state").annotate(n=Count("pk"), newest=Max("updated"))
            for model in kinds
        ]
        self.rows: dict[Any, int] = {}
        self.updated: dict[Any, Any] = {}
        for model, found in zip(kinds, counts, strict=True):
            for row in found:
                self.rows[model], self.updated[model] = row["n"], row["newest"]
        told = sorted((model._meta.label, n, self.updated[model].isoformat()) for model, n in self.rows.items())
        self.key = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    @property
    def newest(self) -> Any:
        """When anything that readers see was changed last; None before anything is published."""
        return max(self.updated.values(), default=None)


FORMATS = ("csv", "json", "geojson", "xlsx")
OF_THE_HOST = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO")


@dataclass(frozen=True)
class File:
    """One file of the record: where it is, and what is known of it; None while nobody has measured it."""

    ending: str
    address: str
    measured: Measured | None


def files_of(table: Table, stamp: Stamp, request: HttpRequest) -> list[File]:
    """The files of a table, which the lists of the site are."""
    found = []
    for ending in FORMATS if table.name in LISTS else ():
        try:
            address = reverse(f"{table.name}.{ending}")
        except NoReverseMatch:
            continue
        found.append(File(ending, address, _known(address, stamp, request)))
    return found


def _known(address: str, stamp: Stamp, request: HttpRequest) -> Measured | None:
    """What is known of the file at an address as it stands; found out where the record is small.

    Files name their records by whole addresses, so each name of the site has its own.
    """
    key = f"measured-{stamp.key}-{request.build_absolute_uri(address)}"
    known = cache.get(key)
    if known is None and stamp.total <= MEASURED_AT_ONCE:
        known = measure(address, request)
        cache.set(key, known, timeout=None)
    return known


def measure(address: str, request: HttpRequest) -> Measured:
    """Go through the file that an address answers with, as whoever asks for it, as for `request`, gets it."""
    asked = HttpRequest()
    asked.method, asked.path, asked.path_info = "GET", address, address
    asked.META = {name: value for name, value in request.META.items() if name in OF_THE_HOST}
    found = resolve(address)
    answer: Any = found.func(asked, *found.args, **found.kwargs)
    digest, size = hashlib.sha256(), 0
    for part in answer.streaming_content if answer.streaming else [answer.content]:
        digest.update(part)
        size += len(part)
    # Closing the answer itself would tell Django that the request is over.
    if file := getattr(answer, "file_to_stream", None):
        file.close()
    return Measured(size, digest.hexdigest())


def database_of(stamp: Stamp) -> Path:
    """The public record as one SQLite file, written anew where the record has changed since it was asked for last."""
    folder = Path(f"{settings.MEDIA_ROOT}-downloads")
    path = folder / f"nkwatch-{stamp.key}.sqlite3"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        before = [found for found in folder.glob("nkwatch-*.sqlite3") if found != path]
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        try:
            write_database(Path(name), stamp)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        for old in before:
            old.unlink(missing_ok=True)
    return path


def write_database(path: Path, stamp: Stamp) -> None:
    """Write every table of the public record into a new SQLite file, a part of the rows in memory at a time."""
    with contextlib.closing(sqlite3.connect(path)) as written:
        written.execute("PRAGMA journal_mode=OFF")
        written.execute("PRAGMA synchronous=OFF")
        for table in tables():
            columns = ", ".join(
                f'"{column.name}" {SQLITE_TYPES.get(column.type, "TEXT")}'
                + (" PRIMARY KEY" if column.name == table.columns[0].name and column.name in KEYS else "")
                for column in table.columns
            )
            written.execute(f'CREATE TABLE "{table.name}" ({columns})')
            marks = ", ".join("?" * len(table.columns))
            for rows in chunks(table.rows()):
                written.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)
        written.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
        told = {"title": TITLE, "licence": LICENCE["path"], "changed": stamp.newest and stamp.newest.isoformat()}
        written.executemany("INSERT INTO about VALUES (?, ?)", told.items())
        written.execute("CREATE TABLE dictionary (table_name TEXT, field TEXT, type TEXT, meaning TEXT, val TEXT)")
        described = ((t.name, c.name, c.type, c.meaning, c.values) for t in tables() for c in t.columns)
        written.executemany("INSERT INTO dictionary VALUES (?, ?, ?, ?, ?)", described)
        written.commit()


KEYS = ("number", "slug", "code")


class DataPage(PublicPage, TemplateView):
    """Every table with its files and its dictionary, the whole as SQLite, and how to use them."""

    template_name = "site/data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stamp = Stamp()
        key = f"examples-{stamp.key}"
        shown: Any = cache.get_or_set(key, lambda: {table.name: examples(table) for table in tables()}, None)
        told: list[dict[str, Any]] = [
            {
                "table": table,
                "rows": stamp.rows.get(table.model, 0)
                if issubclass(table.model, Publishable)
                else table.records().count(),
                "updated": stamp.updated.get(table.model),
                "files": files_of(table, stamp, self.request),
                "columns": list(zip(table.columns, shown[table.name], strict=True)),
            }
            for table in tables()
        ]
        site = self.request.build_absolute_uri("/").rstrip("/")
        return super().get_context_data(
            lists=[entry for entry in told if entry["table"].name in LISTS],
            tables=told,
            stamp=stamp,
            database=database_measured(stamp),
            licence=LICENCE,
            site=site,
            linked_data=dataset(self.request, stamp),
            alternates=[("application/json", "Data Package", reverse("datapackage.json"))],
            **kwargs,
        )


def dataset(request: HttpRequest, stamp: Stamp | None = None) -> dict[str, Any]:
    """The record as a dataset for search engines (JSON-LD), with the files it is had as."""
    files = [(f"{name}.{ending}", media) for name in LISTS for ending, media in MACHINE_READABLE]
    files.append(("nkwatch.sqlite3", "application/vnd.sqlite3"))
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": request.build_absolute_uri(reverse("data")),
        "name": TITLE,
        "description": "Which North Korean missions abroad, and foreign missions in Pyongyang, are open, closing and "
        "closed: what was said of each, by whom, printed where, and how well that is supported.",
        "url": request.build_absolute_uri(reverse("data")),
        "license": LICENCE["path"],
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": "nkwatch", "url": request.build_absolute_uri("/")},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "encodingFormat": media,
                "contentUrl": request.build_absolute_uri(reverse(name)),
            }
            for name, media in files
        ],
        **({"dateModified": stamp.newest.isoformat()} if stamp and stamp.newest else {}),
    }


def database_measured(stamp: Stamp) -> Measured | None:
    """What is known of the SQLite file; it is written for the page where the record is small."""
    path = Path(f"{settings.MEDIA_ROOT}-downloads") / f"nkwatch-{stamp.key}.sqlite3"
    if not path.exists() and stamp.total > MEASURED_AT_ONCE:
        return None
    key = f"measured-{stamp.key}-sqlite"
    known = cache.get(key)
    if known is None or not path.exists():
        content = database_of(stamp)
        with content.open("rb") as file:
            known = Measured(content.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
        cache.set(key, known, timeout=None)
    return known


def examples(table: Table) -> list[str]:
    """A value that readers see for each column: the first of the first rows; empty where there is none."""
    found = [""] * len(table.columns)
    for row in itertools.islice(table.rows(), 200):
        found = [old or ("" if new is None else str(new)) for old, new in zip(found, row, strict=True)]
        if all(found):
            break
    return found


def download_database(request: HttpRequest) -> HttpResponseBase:
    """The public record as SQLite."""
    stamp = Stamp()
    answer = FileResponse(database_of(stamp).open("rb"), content_type="application/vnd.sqlite3")
    answer["Content-Disposition"] = 'attachment; filename="nkwatch.sqlite3"'
    answer["ETag"] = f'"{stamp.key}"'
    return answer


def datapackage(request: HttpRequest) -> HttpResponse:
    """The lists described as a data package (Frictionless), for tools that read one."""
    stamp = Stamp()
    resources = []
    for table in tables():
        found = next((file for file in files_of(table, stamp, request) if file.ending == "csv"), None)
        if found is None:
            continue
        columns = columns_of_list(table)
        resource: dict[str, Any] = {
            "name": table.name,
            "path": request.build_absolute_uri(found.address),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": {"fields": [_field(column) for column in columns]},
        }
        if found.measured:
            resource |= {"bytes": found.measured.size, "hash": f"sha256:{found.measured.sha256}"}
        resources.append(resource)
    package = {
        "name": "nkwatch",
        "title": TITLE,
        "homepage": request.build_absolute_uri(reverse("data")),
        "licenses": [LICENCE],
        "created": stamp.newest.isoformat() if stamp.newest else None,
        "resources": resources,
    }
    known = {name: value for name, value in package.items() if value is not None}
    return JsonResponse(known, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.meaning}
    return field | ({"constraints": {"enum": list(column.choices)}} if column.choices else {})
