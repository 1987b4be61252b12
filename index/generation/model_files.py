"""Exported models: what encodes questions, by the id of the model it was made of."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from pathlib import Path

from newsdesk.index.errors import LibraryDamaged, ModelError
from newsdesk.index.indexes.dense import Encoder, Model, is_outdated
from newsdesk.index.library import describe_os_error

from .integrity import flaw, seal_file, sync_folder, write_synced

MODELS = "models"  # where they lie in a home
_SEAL = "seal.json"
_SCRATCH = ".new"
_LOCK = ".lock"


def export(models: Path, encoder: Encoder) -> Path:
    """Export a model, unless that was done. Appears whole or not at all. Returns its folder.

    Raises ModelError, or LibraryDamaged where there is no room for it.
    """
    from filelock import FileLock

    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / _LOCK):  # several libraries may share the folder
            return _export(models, encoder)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, models)) from error


def _export(models: Path, encoder: Encoder) -> Path:
    folder, scratch = models / encoder.model.id, models / _SCRATCH
    with contextlib.suppress(ModelError):
        return find(models, encoder.model, verify=True)
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
    scratch.mkdir()
    try:
        encoder.export(scratch)
        sealed = {path.name: seal_file(path) for path in sorted(scratch.iterdir())}
        write_synced(scratch / _SEAL, json.dumps(sealed, indent=1).encode())
        sync_folder(scratch)
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
        sync_folder(models)
    except ModelError as error:
        # torch and onnxruntime do not tell when there was no room: less than 16 MB left is none.
        if shutil.disk_usage(models).free < 16_000_000:
            raise OSError(errno.ENOSPC, "No space left on device", str(models)) from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def find(models: Path, model: Model, verify: bool = False) -> Path:
    """The folder of an exported model. Raises ModelError if it is missing or damaged."""
    folder = models / model.id
    try:
        sealed = json.loads((folder / _SEAL).read_text("utf-8"))
        for name, given in sealed.items():
            with (folder / name).open("rb") as stream:
                wrong = flaw(folder / name, stream, given, verify)
            if wrong:
                raise _unsound(folder, f"{name}: {wrong}")
        if is_outdated(folder):
            raise _unsound(folder, "written by another version of newsdesk")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unsound(folder, str(error)) from error
    return folder


def _unsound(folder: Path, what: str) -> ModelError:
    return ModelError(
        f"{folder}: the exported model is damaged or missing ({what}); run `newsdesk index` to "
        "export it again"
    )
