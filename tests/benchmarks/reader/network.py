"""The reader as torch trains it: MiniLM with a head for the passage and one for its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from newsdesk.index.reading.onnx_reader import END, EVIDENCE, START
from newsdesk.index.reading.reader import Text
from newsdesk.index.reading.tokens import range_of, tokens

from .pairs import Pair


class Reader(nn.Module):
    """Logits for "the passage answers", and per token for start, end and evidence."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds MiniLM's config and weights."""
        super().__init__()
        self.enc = AutoModel.from_pretrained(
            folder, attn_implementation="eager", add_pooling_layer=False
        )
        width = self.enc.config.hidden_size
        self.span = nn.Linear(width, 3)
        self.ans = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        for part in self.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0  # so small a model, shown its data once, does not overfit
        for weights in self.enc.embeddings.parameters():
            weights.requires_grad_(False)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes (batch,) and (batch, tokens, 3) of ids, types and mask (batch, tokens), int64."""
        states = self.enc(input_ids=ids, token_type_ids=types, attention_mask=mask)
        hidden = states.last_hidden_state
        return self.ans(hidden[:, 0])[:, 0], self.span(hidden)


class Example(NamedTuple):
    """A pair in tokens. Numbers of tokens count from the start of the whole sequence."""

    ids: list[int]
    types: list[int]
    passage: tuple[int, int]  # first token, and behind the last
    sentences: list[tuple[int, int]]
    gold: list[int]
    span: tuple[int, int] | None  # first and last token
    answers: bool


class Batch(NamedTuple):
    """Examples as tensors; positions are masks of shape (batch, tokens)."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    passage: Tensor  # bool
    evidence: Tensor  # bool: tokens of the sentences that answer
    starts: Tensor  # (batch,), -1 where not known
    ends: Tensor
    answers: Tensor  # (batch,), float


def encode(tokenizer: Tokenizer, pair: Pair, with_title: bool = True) -> Example:
    """A pair in tokens, as the reader that ships gets a question and a passage."""
    title = pair.title if with_title else ""
    coded = tokens(tokenizer, pair.question, Text(title, pair.text, pair.sentences))
    gold = [i for i in pair.gold if coded.sentences[i][1]]
    start, end = range_of(coded.offsets, pair.answer) if pair.answer else (0, 0)
    known = (start, end - 1) if end else None
    return Example(
        coded.ids, coded.types, coded.passage, coded.sentences, gold, known, pair.answers
    )


def batch_of(examples: Sequence[Example], device: str) -> Batch:
    """Padded to a multiple of 16 tokens, so that few shapes occur."""
    width = -(-max(len(each.ids) for each in examples) // 16) * 16
    shape = (len(examples), width)
    ids, types, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    passage, evidence = (torch.zeros(shape, dtype=torch.bool) for _ in range(2))
    for row, each in enumerate(examples):
        size = len(each.ids)
        ids[row, :size] = torch.tensor(each.ids)
        types[row, :size] = torch.tensor(each.types)
        mask[row, :size] = 1
        passage[row, each.passage[0] : each.passage[1]] = True
        for number in each.gold:
            evidence[row, each.sentences[number][0] : each.sentences[number][1]] = True
    spans = torch.tensor([each.span or (-1, -1) for each in examples])
    answers = torch.tensor([float(each.answers) for each in examples])
    made: list[Any] = [ids, types, mask, passage, evidence, spans[:, 0], spans[:, 1], answers]
    return Batch(*(tensor.to(device) for tensor in made))


def losses(reader: Reader, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Means over a batch: of the passage's answer, the span's ends, the sentence by its mass."""
    answer, tokens = reader(batch.ids, batch.types, batch.mask)
    answer, tokens = answer.float(), tokens.float()
    tokens = tokens.masked_fill(~batch.passage[..., None], -1e9)
    shares = functional.log_softmax(tokens, dim=1)
    zero = tokens.sum() * 0
    judged = functional.binary_cross_entropy_with_logits(answer, batch.answers)
    known = (batch.starts >= 0).nonzero()[:, 0]
    span = zero
    if len(known):
        starts = shares[known, batch.starts[known], START]
        ends = shares[known, batch.ends[known], END]
        span = -(starts + ends).mean() / 2
    held = batch.evidence.any(dim=1)
    sentence = zero
    if held.any():
        inside = shares[held][..., EVIDENCE].masked_fill(~batch.evidence[held], -1e9)
        sentence = -torch.logsumexp(inside, dim=1).mean()
    return judged, span, sentence
