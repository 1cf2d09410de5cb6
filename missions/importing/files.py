"""The file of an import: kept privately from its upload until it is written or given up (pages.md, B3)."""

import hashlib
import uuid
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from missions.importing.imports import read
from nkwatch.editorial.importing.options import SheetOptions
from nkwatch.editorial.models import ImportBatch
from nkwatch.editorial.reading import Sheet, UnreadableFileError
from nkwatch.editorial.versions import Door

FOLDER = "uploads"
LONGEST_NAME = 255


def receive(
    content: bytes, name: str, user: Any, options: SheetOptions, door: str = Door.IMPORT, token: str = ""
) -> ImportBatch:
    """Keep an uploaded file under a name that nobody can guess, and open the import that it belongs to.

    `door` and `token` say how it came, where no editor uploaded it.
    Raises UnreadableFileError, and then keeps nothing.
    """
    sheet = read(content, options)
    return ImportBatch.objects.create(
        file=PurePath(name).name[-LONGEST_NAME:],
        digest=hashlib.sha256(content).hexdigest(),
        door=door,
        user=user,
        token=token,
        stage=ImportBatch.Stage.UPLOADED,
        kind=options.kind,
        options=options.as_json(),
        upload=default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}", ContentFile(content)),
        rows_read=len(sheet.rows),
    )


def content_of(batch: ImportBatch) -> bytes:
    """The uploaded file. Raises UnreadableFileError once it was removed."""
    if not batch.upload or not default_storage.exists(batch.upload):
        raise UnreadableFileError(f"The file {batch.file} is no longer kept: upload it again.")
    with default_storage.open(batch.upload) as file:
        content: bytes = file.read()
    return content


def sheet_of(batch: ImportBatch) -> Sheet:
    """The uploaded sheet as it stands in the file, before any choice but how to read it."""
    return read(content_of(batch), SheetOptions.from_json(batch.options))


def choose(batch: ImportBatch, options: SheetOptions) -> None:
    """Keep the importer's choices; a preview made with others is out of date and removed.

    Once the import was confirmed, in another tab say, the choices stand and nothing is kept.
    """
    before = batch.preview
    batch.options, batch.preview = options.as_json(), ""
    waiting = ImportBatch.objects.filter(pk=batch.pk, stage=ImportBatch.Stage.UPLOADED)
    if waiting.update(options=batch.options, preview="") and before:
        default_storage.delete(before)
