"""Linear models: weights out of data files, one for each feature that there is."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from newsdesk.index.brief import clusters, telling, topics
from newsdesk.index.linear_model import LinearModel, Weights, logistic
from newsdesk.index.reading.onnx_reader import CARD, PACKAGED
from newsdesk.index.search import sentences, verdicts
from tests.helpers.support import ROOT

MODELS = [
    *(sentences.MODEL, sentences.PLAIN, verdicts.READ, verdicts.PLAIN, verdicts.ABOUT),
    *(clusters.MODEL, topics.MODEL, telling.MODEL, telling.UPDATES),
]


def identity(model: LinearModel) -> str:
    return model.file.stem


@pytest.fixture
def model(tmp_path: Path) -> LinearModel:
    (tmp_path / "own.json").write_text('{"weights": {"long": 0.5, "short": -2}, "bias": 1}')
    return LinearModel(tmp_path / "own.json", ("long", "short"))


def test_a_score_is_the_bias_and_the_weighted_sum(model: LinearModel) -> None:
    assert model.score({"long": 3.0, "short": 1.0}) == 0.5
    assert model.score({"long": 3.0}) == 2.5
    assert model.score({}, offset=0.25) == 1.25
    many = model.score({"long": np.array([[1.0, 2.0]])}, np.array([[0.0], [1.0]]))
    assert many.tolist() == [[1.5, 2.0], [2.5, 3.0]]


def test_a_feature_without_a_weight_is_an_error(model: LinearModel) -> None:
    with pytest.raises(KeyError, match="wide"):
        model.score({"wide": 1.0})


@pytest.mark.parametrize("features", [("long",), ("long", "short", "wide"), ()])
def test_a_file_has_to_have_just_the_features_there_are(
    features: tuple[str, ...], model: LinearModel
) -> None:
    other = LinearModel(model.file, features)
    with pytest.raises(ValueError, match=r"own\.json: no weights for"):
        other.score({})
    with pytest.raises(ValueError, match="no weights for"):
        other.use(Weights({"long": 1.0, "short": 1.0}))


def test_what_is_written_is_what_is_read(model: LinearModel) -> None:
    weights = Weights({"long": 1.25, "short": 0.1}, -3.0)
    assert model.weights.bias == 1
    model.write(weights, {"command": "python fit.py"})
    assert LinearModel(model.file, model.features).weights == weights
    model.use(weights)
    assert model.score({"short": 1.0}) == pytest.approx(-2.9)


def test_a_logit_of_0_is_a_half() -> None:
    assert logistic(0.0) == 0.5
    assert logistic(-3.0) == pytest.approx(1 - logistic(3.0))


@pytest.mark.parametrize("model", MODELS, ids=identity)
def test_every_model_says_where_its_weights_are_from(model: LinearModel) -> None:
    """Also that data which lies here is the data it names."""
    assert model.weights.values.keys() == model.features
    fitted = json.loads(model.file.read_text("utf-8"))["fitted"]
    assert fitted["command"].startswith("python -m tests.benchmarks.fit_")
    assert fitted["date"] >= "2026-11-24"
    assert fitted["data"]
    for name, sha256 in fitted["data"].items():
        assert len(sha256) == 64
        if (ROOT / name).is_file():
            assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == sha256


def test_there_is_no_other_file_of_weights() -> None:
    card = PACKAGED / CARD  # of the reader, see tests/index/reading/
    assert {*ROOT.glob("index/**/*.json")} == {
        card.resolve(),
        *(model.file.resolve() for model in MODELS),
    }


def test_weights_are_not_read_before_something_is_scored() -> None:
    told = (
        "import pathlib\n"
        "reading = pathlib.Path.read_bytes\n"
        "pathlib.Path.read_bytes = lambda path: print(path.name) or reading(path)\n"
        "from newsdesk.index.search import searcher, verdicts\n"
        "verdicts.ABOUT.score({})"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["about.json"]
