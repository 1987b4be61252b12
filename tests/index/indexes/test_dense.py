"""The real model: sentence-transformers and its export give the same vectors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.index.indexes.dense import (
    DEFAULT_MODEL,
    ExportedPassageEncoder,
    Matrix,
    PassageEncoder,
    QuestionEncoder,
    find_exported,
    fingerprint,
    has_bf16,
    sentence_cosines,
)
from newsdesk.index.indexes.dense.exported_model import ASKING, WEIGHTS
from newsdesk.index.indexes.dense.models import place
from newsdesk.index.settings import Dense, Settings
from newsdesk.index.text.passages import split
from newsdesk.index.types import Span
from newsdesk.index.update.publishing import PassageEncoderLoader, pays_bf16
from tests.helpers.support import ROOT, SEEDS, write

OFFICIAL = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONG = "Russia has massed some 100,000 troops near Ukraine’s border – “no one” knows why. "


@pytest.fixture(scope="module")
def real() -> PassageEncoder:
    return PassageEncoder(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def original() -> Any:
    """The same model as sentence-transformers itself loads it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(place(DEFAULT_MODEL)), device="cpu")


@pytest.fixture(scope="module")
def asking(models: Path, real: PassageEncoder) -> QuestionEncoder:
    return QuestionEncoder(models / real.model.id)


@pytest.fixture(scope="module")
def exact(
    models: Path, real: PassageEncoder, tmp_path_factory: pytest.TempPathFactory
) -> QuestionEncoder:
    """By the graph in float32, that passages are encoded by."""
    folder = tmp_path_factory.mktemp("exact") / real.model.id
    shutil.copytree(models / real.model.id, folder, copy_function=os.link)
    (folder / ASKING).unlink()
    return QuestionEncoder(folder)


def whole(encoder: PassageEncoder, title: str, text: str) -> Matrix:
    """The vector of one passage that is encoded alone."""
    (found,) = encoder.encode([title], [text], [[Span(0, len(text))]])
    return found.vector


# The real model


def test_the_default_model_is_the_official_one(real: PassageEncoder) -> None:
    assert (real.model.name, real.model.hash) == (DEFAULT_MODEL, OFFICIAL)
    assert real.model.dimensions == 384
    assert fingerprint(DEFAULT_MODEL) == OFFICIAL


def test_a_passage_is_encoded_with_its_title_as_sentence_transformers_does(
    real: PassageEncoder, original: Any
) -> None:
    expected = original.encode(["The Bucharest Nine\nIt met in May."], normalize_embeddings=True)
    found = whole(real, "The Bucharest Nine", "It met in May.")
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found, expected[0], atol=1e-5)
    untitled = original.encode(["It met in May."], normalize_embeddings=True)
    np.testing.assert_allclose(whole(real, "", "It met in May."), untitled[0], atol=1e-5)


def test_a_vector_does_not_depend_on_its_batch(real: PassageEncoder) -> None:
    texts = [f"{LONG * count}" for count in (1, 3, 9, 2)]
    spans = [[Span(0, len(text))] for text in texts]
    together = real.encode(["A title"] * 4, texts, spans)
    for text, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(found.vector, whole(real, "A title", text), atol=1e-5)


TEXTS = {
    "a question": "who is in the B9?",
    "a mark": "?",
    "nothing": "",
    "white space": " \n\t ",
    "emoji": "😀🇺🇦 ✈",
    "Arabic": "من هم التسعة؟",
    "Chinese": "谁在B9里？",
    "accents apart": "e\u0301" * 40,
    "control characters": "a\x00b\u200b\ufeff",
    "a sentence": LONG,
    "about what fits": LONG * 12,
    "far more than fits": LONG * 200,
    "one long word": "B9" * 5_000,
    "SQL": "SELECT * FROM articles; --",
    "a pattern": r"^(a+)+$",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_export_gives_the_vector_of_sentence_transformers(
    name: str, asking: QuestionEncoder, exact: QuestionEncoder, original: Any
) -> None:
    (expected,) = original.encode_query([TEXTS[name]], normalize_embeddings=True)
    np.testing.assert_allclose(exact.encode(TEXTS[name]), expected, atol=1e-5)
    assert float(asking.encode(TEXTS[name]) @ expected) > 0.97


@settings(max_examples=5)
@given(st.lists(st.text(max_size=200), min_size=4, max_size=8))
def test_the_export_gives_the_same_vector_for_any_text(
    exact: QuestionEncoder, original: Any, texts: list[str]
) -> None:
    expected = original.encode_query(texts, normalize_embeddings=True)
    found = [exact.encode(text) for text in texts]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_seed_questions_get_the_same_vector(
    asking: QuestionEncoder, exact: QuestionEncoder, original: Any
) -> None:
    lines = (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[::4]]
    expected = original.encode_query(questions, normalize_embeddings=True)
    found = [exact.encode(question) for question in questions]
    assert len(questions) >= 20
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # By weights of 8 bits nearly the same, and the same again each time.
    small = np.array([asking.encode(question) for question in questions])
    np.testing.assert_allclose(np.linalg.norm(small, axis=1), 1, atol=1e-6)
    assert (small * expected).sum(axis=1).min() > 0.988
    assert np.median((small * expected).sum(axis=1)) > 0.994
    assert [asking.encode(one).tolist() for one in questions[:5]] == small[:5].tolist()


def test_questions_and_passages_share_the_tables_of_tokens(
    models: Path, real: PassageEncoder
) -> None:
    folder = models / real.model.id
    assert (folder / "asking.bin").stat().st_size < 20_000_000 < (folder / WEIGHTS).stat().st_size


def test_what_a_terminal_could_not_decode_is_no_error(asking: QuestionEncoder) -> None:
    assert asking.encode("caf\udce9").tolist() == asking.encode("caf?").tolist()


def test_passages_get_the_same_vectors_of_the_export_without_torch(
    models: Path, real: PassageEncoder
) -> None:
    exported = find_exported(DEFAULT_MODEL, models / real.model.id)
    assert exported
    assert exported.model == real.model
    texts = [text for text in (*TEXTS.values(), LONG * 3) if len(text) > 1]
    spans = [[Span(0, len(text) // 2), Span(len(text) // 2, len(text))] for text in texts]
    titles = ["A title"] * len(texts)
    for one, other in zip(
        exported.encode(titles, texts, spans), real.encode(titles, texts, spans), strict=True
    ):
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-5)
        apart = one.sentences.astype(int) - other.sentences
        assert np.abs(apart).max() <= 1  # of 127: rounding


NO_TORCH = """
import sys
from pathlib import Path
from newsdesk.index.settings import Settings
from newsdesk.index.update import update
report = update(Settings(home=Path(sys.argv[1])), [Path(sys.argv[2])])
print(report.encoded, "torch" in sys.modules, "transformers" in sys.modules)
"""


def test_once_a_model_is_exported_indexing_never_imports_torch(
    models: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models)
    news = write(tmp_path / "news", {"a.txt": "Ferry Sinks\n\nThe ferry sank on Monday.\n"})
    words = [sys.executable, "-c", NO_TORCH, str(tmp_path / "home"), str(news)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["1", "False", "False"]


ASKED = """
import sys, time
from pathlib import Path
from newsdesk.index.indexes.dense import QuestionEncoder
print(len(QuestionEncoder(Path(sys.argv[1])).encode("who is in the B9?")))
time.sleep(0.5)
"""


def test_nobody_is_told_that_a_question_was_asked(
    models: Path, real: PassageEncoder, tmp_path: Path
) -> None:
    """ONNX Runtime would note a name for the machine in the home folder, and send it to its maker.

    It does not where it thinks that it is tested, so that the variable for this is taken out.
    """
    left_out = {"CI", "TF_BUILD", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    told = kept | {"HOME": str(tmp_path)}
    words = [sys.executable, "-c", ASKED, str(models / real.model.id)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT, env=told)
    assert (done.stdout.strip(), done.stderr) == ("384", "")
    assert [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name] == []


def test_the_sentence_that_answers_is_nearest(
    real: PassageEncoder, asking: QuestionEncoder
) -> None:
    text = (
        "Leaders spoke by phone on Thursday. The Bucharest Nine are Bulgaria, the Czech Republic, "
        "Estonia, Hungary, Latvia, Lithuania, Poland, Romania and Slovakia. Talks go on in Geneva."
    )
    (passage,) = split("a", text)
    (found,) = real.encode(["Allies"], [text], [passage.sentences])
    question = asking.encode("Which countries are in the B9?")
    (cosines,) = sentence_cosines(question, [found.sentences])
    assert max(range(3), key=cosines.__getitem__) == 1
    assert all(-1.001 <= cosine <= 1.001 for cosine in cosines)


def test_a_sentence_behind_what_the_model_reads_has_no_vector(real: PassageEncoder) -> None:
    text = LONG * 40
    ends = [Span(0, 40), Span(len(text) - 40, len(text))]
    (found,) = real.encode(["A title"], [text], [ends])
    first, last = sentence_cosines(found.vector, [found.sentences])[0]
    assert first > 0.3
    assert last == 0


@pytest.mark.parametrize(
    ("told", "has"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 sse4a\n", True),
        ("flags : amx_bf16 amx_tile\n", True),
        ("Features\t: fp asimd i8mm bf16 dgh\n", True),
        ("flags : avx2 avx512_vnni f16c\n", False),
        ("", False),
    ],
)
def test_whether_a_processor_multiplies_bfloat16_is_read_off_what_it_says(
    told: str, has: bool, tmp_path: Path
) -> None:
    assert has_bf16(tmp_path / "none") is False
    (tmp_path / "cpuinfo").write_text(told)
    assert has_bf16(tmp_path / "cpuinfo") is has


def test_passages_by_bfloat16_are_nearly_those_by_float32(real: PassageEncoder) -> None:
    """Wherever it runs, if slowly; and neither encoder changes the other."""
    texts = [LONG, "It rained in May. It snowed in June.", TEXTS["Arabic"]]
    spans = [[Span(0, len(text) // 2), Span(len(text) // 2, len(text))] for text in texts]
    before = real.encode([""] * 3, texts, spans)
    found = PassageEncoder(DEFAULT_MODEL, bf16=True).encode([""] * 3, texts, spans)
    for one, other in zip(found, before, strict=True):
        assert float(one.vector @ other.vector) > 0.9995
        assert one.vector.dtype == np.float32
        assert np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-5)
        assert np.abs(one.sentences.astype(int) - other.sentences).max() <= 6  # of 127
    assert any((one.vector != other.vector).any() for one, other in zip(found, before, strict=True))
    again = real.encode([""] * 3, texts, spans)
    assert all((a.vector == b.vector).all() for a, b in zip(again, before, strict=True))


def test_many_passages_are_encoded_by_bfloat16_if_that_is_set_and_the_processor_has_it(
    models: Path, real: PassageEncoder
) -> None:
    loader = PassageEncoderLoader(DEFAULT_MODEL, None, lambda *_: None)
    folder = models / real.model.id
    usual, wanted = Settings(), Settings(dense=Dense(bf16=True))
    assert not pays_bf16(usual, 1_000_000)
    assert not pays_bf16(wanted, 10)
    assert pays_bf16(wanted, 1_000_000) == has_bf16()
    assert isinstance(loader.exported(folder), ExportedPassageEncoder)
    assert isinstance(loader.exported(folder, bf16=True), PassageEncoder)
