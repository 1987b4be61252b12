"""Other sentence-transformers models: tiny ones with random weights, made here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from newsdesk.index.errors import LibraryDamaged, ModelError, NewsdeskError
from newsdesk.index.generation.integrity import seal_file
from newsdesk.index.indexes.dense import (
    PassageEncoder,
    find_exported,
    fingerprint,
    sentence_cosines,
)
from newsdesk.index.indexes.dense.exported_model import EXPORT_VERSION
from newsdesk.index.indexes.dense.models import graph_threads
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Query, Question, Span
from newsdesk.index.update import update
from tests.helpers.disks import disk
from tests.helpers.support import ROOT, write


def build(folder: Path, *behind: str, pooling: str = "mean", **options: Any) -> Path:
    """Save a tiny sentence-transformers model with random weights; the same ones every time."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(7)
    folder.mkdir(parents=True)
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    vocabulary = folder / "words.txt"
    vocabulary.write_text("\n".join(pieces))
    BertTokenizer(vocab=str(vocabulary), model_max_length=64).save_pretrained(folder / "bert")
    shape = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    BertModel(shape).save_pretrained(folder / "bert")
    parts: dict[str, Callable[[], Any]] = {"dense": lambda: Dense(32, 24), "normal": Normalize}
    modules = [Transformer(str(folder / "bert")), Pooling(32, pooling)]
    modules += [parts[name]() for name in behind]
    SentenceTransformer(modules=modules, device="cpu", **options).save(str(folder / "model"))
    return folder / "model"


VARIANTS: Mapping[str, Callable[[Path], Path]] = {
    "plain": build,
    "normalised": lambda folder: build(folder, "normal"),
    "prompted": lambda folder: build(
        folder, "normal", prompts={"query": "query: ", "document": "passage: "}
    ),
    "with a dense layer": lambda folder: build(folder, "dense", "normal"),
    "pooled by its first token": lambda folder: build(folder, pooling="cls"),
    "with a dense layer behind its first token": lambda folder: build(
        folder, "dense", pooling="cls"
    ),
}


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {
        f"story-{number}.txt": f"Story {number}\n\n" + " ".join([text] * 6)
        for number, text in enumerate(
            ["Nine countries met in Bucharest.", "A ship blocked the canal.", "Vaccines arrived."]
        )
    }
    return write(tmp_path_factory.mktemp("articles"), texts)


class Other(NamedTuple):
    """A variant, and the settings of a library that was indexed with it, and so exported it."""

    name: str
    settings: Settings

    @property
    def model(self) -> str:
        """Where it lies."""
        return self.settings.model


@pytest.fixture(scope="module", params=VARIANTS)
def other(
    request: pytest.FixtureRequest, articles: Path, tmp_path_factory: pytest.TempPathFactory
) -> Other:
    folder = tmp_path_factory.mktemp("other")
    named = Settings(home=folder / "home", model=str(VARIANTS[request.param](folder / "made")))
    assert update(named, [articles]).encoded == 3
    return Other(request.param, named)


def test_another_model_can_be_named_to_index_and_ask(other: Other) -> None:
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(other.model, device="cpu")
    with Searcher(other.settings, mode="dense") as searcher:
        hits = searcher.search(Query("which ship blocked it?", k=3))
        answer = searcher.ask(Question("which ship blocked it?"))
    question = original.encode_query("which ship blocked it?", normalize_embeddings=True)
    shown = [f"{hit.article.title}\n{hit.passage.text}" for hit in hits]
    documents = original.encode_document(shown, normalize_embeddings=True)
    cosines = [hit.signals["dense"] for hit in hits]
    np.testing.assert_allclose(cosines, documents @ question, atol=1e-4)
    assert answer.passages


def test_the_sentences_of_another_model_are_in_its_own_space(other: Other) -> None:
    encoder = PassageEncoder(other.model)
    text = "A ship blocked the canal in Egypt for six days."
    (found,) = encoder.encode([""], [text], [[Span(0, len(text))]])
    assert found.sentences.shape == (1, encoder.model.dimensions)
    (own,) = sentence_cosines(found.vector, [found.sentences])[0]  # but for what frames a text
    assert own > 0.95


def test_passages_are_encoded_by_the_export_where_sentences_are_means_of_its_tokens(
    other: Other,
) -> None:
    encoder = PassageEncoder(other.model)
    exported = find_exported(encoder.model.name, other.settings.home / "models" / encoder.model.id)
    assert (exported is not None) == (other.name in {"plain", "normalised", "prompted"})
    if exported:
        given = ["A title"], ["It rained. It snowed."], [[Span(0, 10), Span(11, 21)]]
        (one,), (own,) = exported.encode(*given), encoder.encode(*given)
        np.testing.assert_allclose(one.vector, own.vector, atol=1e-5)
        assert np.abs(one.sentences.astype(int) - own.sentences).max() <= 1


def test_an_export_of_another_version_is_made_again(articles: Path, tmp_path: Path) -> None:
    named = Settings(home=tmp_path / "home", model=str(build(tmp_path / "made")))
    update(named, [articles])
    (settings,) = (tmp_path / "home" / "models").glob("*/export.json")
    current = settings.read_text("utf-8")
    older = current.replace(f'"version": {EXPORT_VERSION}', '"version": 1')
    assert older != current
    settings.write_text(older, "utf-8")
    seal = settings.with_name("seal.json")
    sealed = json.loads(seal.read_text("utf-8")) | {"export.json": seal_file(settings)}
    seal.write_text(json.dumps(sealed), "utf-8")
    with pytest.raises(ModelError, match="run `newsdesk index`"):
        Searcher(named)
    update(named)
    assert settings.read_text("utf-8") == current
    Searcher(named).close()


def test_a_model_is_told_from_others_by_all_that_shapes_its_vectors(tmp_path: Path) -> None:
    found = {name: fingerprint(str(make(tmp_path / name))) for name, make in VARIANTS.items()}
    assert None not in found.values()
    assert len(set(found.values())) == len(VARIANTS)


def test_a_readme_makes_no_other_model_but_a_weight_does(tmp_path: Path) -> None:
    model = build(tmp_path / "made", "dense")
    before = fingerprint(str(model))
    (model / "README.md").write_text("Improved.")
    assert fingerprint(str(model)) == before
    weights = next(path for path in model.rglob("*.safetensors") if "Dense" in str(path))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert fingerprint(str(model)) != before


def test_a_model_that_the_hub_once_gave_is_known_without_asking_it(tmp_path: Path) -> None:
    """As the hub's own cache lays it out; nothing is fetched."""
    model = build(tmp_path / "made")
    cached = tmp_path / "hub" / "models--someone--tiny"
    write(cached, {"refs/main": "0" * 40})
    shutil.copytree(model, cached / "snapshots" / ("0" * 40))
    told = (
        "from newsdesk.index.indexes.dense import fingerprint\n"
        "print(fingerprint('someone/tiny'), fingerprint('someone/tiniest'), fingerprint('a b'))"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", told],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [fingerprint(str(model)), "None", "None"], done.stderr


@pytest.mark.parametrize(
    ("given", "threads"), [("1", 1), ("", 0), ("0", 0), ("-1", 0), ("two", 0), ("9" * 30, None)]
)
def test_a_graph_takes_no_more_threads_than_the_environment_says_or_there_are_cores(
    monkeypatch: pytest.MonkeyPatch, given: str, threads: int | None
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert graph_threads() == (os.cpu_count() if threads is None else threads)


def without_weights(model: Path) -> None:
    for path in model.rglob("*.safetensors"):
        path.unlink()


def with_cut_weights(model: Path) -> None:
    for path in model.rglob("*.safetensors"):
        os.truncate(path, path.stat().st_size // 2)


def with_a_foreign_tokenizer(model: Path) -> None:
    for path in model.rglob("tokenizer.json"):
        path.write_text("{}")


@pytest.mark.parametrize(
    "damage", [without_weights, with_cut_weights, with_a_foreign_tokenizer, shutil.rmtree]
)
def test_a_model_that_does_not_load_is_an_error_with_the_mend(
    damage: Callable[[Path], None], articles: Path, tmp_path: Path
) -> None:
    model = build(tmp_path / "made")
    damage(model)
    named = Settings(home=tmp_path / "home", model=str(model))
    with pytest.raises(ModelError, match=r"set NEWSDESK_MODEL|fetch it") as told:
        update(named, [articles])
    assert "\n" not in str(told.value)
    with pytest.raises(NewsdeskError):
        Searcher(named)


def test_a_model_that_cannot_be_exported_says_so(articles: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    words = Tokenizer(WordLevel({"[UNK]": 0, "nine": 1}, unk_token="[UNK]"))
    static = StaticEmbedding(words, embedding_dim=8)
    SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "static"))
    named = Settings(home=tmp_path / "home", model=str(tmp_path / "static"))
    with pytest.raises(ModelError, match="cannot be exported for asking"):
        update(named, [articles])


def test_no_room_for_the_exported_model_is_told_as_that(articles: Path, tmp_path: Path) -> None:
    model = build(tmp_path / "made")
    with disk(tmp_path / "disk", 400) as place:
        named = Settings(home=place / "home", model=str(model))
        with pytest.raises(LibraryDamaged, match="free some space"):
            update(named, [articles])
        assert [path.name for path in (place / "home" / "models").iterdir()] == [".lock"]
