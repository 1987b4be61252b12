"""From the library to a generation: encode what is new, build, publish."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from newsdesk.index import generation
from newsdesk.index.errors import LibraryDamaged, LibraryMissing, ModelError, NothingUsable
from newsdesk.index.generation import model_files
from newsdesk.index.indexes.dense import (
    Encoder,
    ExportedPassageEncoder,
    Model,
    PassageEncoder,
    find_exported,
    fingerprint,
    has_bf16,
)
from newsdesk.index.library import Library, within
from newsdesk.index.settings import Settings

from .copies import find_copies
from .reading import Progress, Report

_MANY = 1_000  # passages, from which on loading torch pays where it has bfloat16


class PassageEncoderLoader:
    """Loads the encoder when something needs it; the model's hash is known before that."""

    def __init__(
        self, name: str, load: Callable[[str], Encoder] | None, progress: Progress
    ) -> None:
        self._name, self._load, self._progress = name, load or PassageEncoder, progress
        self._is_own = load is not None
        # With another `load`, or a model that was never fetched, only loading tells the hash.
        self.hash = (None if load else fingerprint(name)) or self.encoder.model.hash

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder itself. Raises ModelError."""
        self._progress("loading the model", 0, 0)
        return self._load(self._name)

    def exported(self, folder: Path, bf16: bool = False) -> Encoder | ExportedPassageEncoder:
        """The encoder of a model that is exported there: without torch where that can be.

        With `bf16` torch's, by bfloat16, see `pays_bf16`. Raises ModelError.
        """
        if self._is_own:
            return self.encoder
        self._progress("loading the model", 0, 0)
        if bf16:
            return PassageEncoder(self._name, bf16=True)
        return find_exported(self._name, folder) or self.encoder


def pays_bf16(settings: Settings, passages: int) -> bool:
    """Whether so many passages are to be encoded by bfloat16: if that is set, and can be."""
    is_wanted = settings.dense.bf16 and passages >= _MANY
    return is_wanted and has_bf16() and importlib.util.find_spec("torch") is not None


def publish(
    settings: Settings,
    library: Library,
    loader: PassageEncoderLoader,
    report: Report,
    progress: Progress,
    models: Path,
    verify: bool = True,
) -> None:
    """Find copies, encode what is new, export the model if need be, and publish a generation.

    Where nothing is new, the generation is read whole, to see that it is sound, if `verify`. Where
    Milvus is what answers, it is brought to the same state after that.
    """
    if not library.counts()[0]:
        withdraw(settings, library)
        if report.removed:
            return
        raise NothingUsable(
            f"{settings.home}: the library holds no article; run `newsdesk index FOLDER`"
        )
    find_copies(library, progress)
    _publish_here(settings, library, loader, report, progress, models, verify)
    if settings.engine == "milvus":
        _publish_there(settings, library, report, progress)


def withdraw(settings: Settings, library: Library) -> None:
    """Publish that there is nothing to ask, wherever it is asked. Raises LibraryError."""
    generation.withdraw(settings.home)
    if settings.engine == "milvus":
        from newsdesk.index import milvus

        milvus.withdraw(settings.milvus, library.identity())


def _publish_there(
    settings: Settings, library: Library, report: Report, progress: Progress
) -> None:
    from newsdesk.index import milvus

    report.moved = milvus.move(
        settings.milvus,
        generation.open_current(settings.home),
        library.identity(),
        settings.lexical,
        lambda done, total: progress("moving", done, total),
    )


def _publish_here(
    settings: Settings,
    library: Library,
    loader: PassageEncoderLoader,
    report: Report,
    progress: Progress,
    models: Path,
    verify: bool,
) -> None:
    missing = library.unencoded()
    model = Model(settings.model, loader.hash, library.dimensions())
    if not _is_exported(models, model):
        model = _unchanged(loader.encoder.model, loader)
        model_files.export(models, loader.encoder)
    elif not missing and _is_up_to_date(settings.home, library, model, verify):
        return
    if missing:
        folder = model_files.find(models, model)
        encoder = loader.exported(folder, pays_bf16(settings, len(missing)))
        model = _unchanged(encoder.model, loader)
        report.encoded = _encode(library, encoder, missing, settings.dense.batch, progress)
    generation.build(
        settings.home, library, model, lambda done, total: progress("building", done, total)
    )
    report.published = True


def _unchanged(model: Model, loader: PassageEncoderLoader) -> Model:
    if model.hash != loader.hash:
        raise ModelError(f"model {model.name}: its files changed just now; run it again")
    return model


def _is_exported(models: Path, model: Model) -> bool:
    try:
        model_files.find(models, model, verify=True)
    except ModelError:
        return False
    return True


def _is_up_to_date(home: Path, library: Library, model: Model, verify: bool) -> bool:
    """Whether the current generation is sound, and shows the library as it is."""
    try:
        opened = generation.open_current(home, verify)
    except (LibraryMissing, LibraryDamaged):
        return False
    return opened.manifest.revision == library.revision and opened.model == model


def _encode(
    library: Library,
    encoder: Encoder | ExportedPassageEncoder,
    missing: Sequence[tuple[bytes, str, int]],
    batch: int,
    progress: Progress,
) -> int:
    """Encode passages, longest first so that a batch holds like lengths; commits every batch."""
    progress("encoding", 0, len(missing))
    for start in range(0, len(missing), batch):
        rows = missing[start : start + batch]
        taken = [library.passage(article_id, ordinal) for _, article_id, ordinal in rows]
        encoded = encoder.encode(
            [article.title for article, _ in taken],
            [passage.text for _, passage in taken],
            [within(passage) for _, passage in taken],
        )
        with library.transaction():
            library.put_vectors(
                (key, encoding.vector.tobytes(), encoding.sentences.tobytes())
                for (key, _, _), encoding in zip(rows, encoded, strict=True)
            )
        progress("encoding", start + len(rows), len(missing))
    return len(missing)
