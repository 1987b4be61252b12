"""Newsdesk beside others, in one run: the same passages, the same MiniLM weights, one machine.

    python -m pip install -e ".[peers]"
    python -m tests.benchmarks.peers DATASET …

Each peer gets the passages that Newsdesk makes of the articles (title and text together, as its
documentation would have it) and is asked every question; an article counts by its best passage
among the first hundred. Each runs in a process of its own, so that its memory is its own: what is
given is how much the process grew from before the index was built until the last question. Times
are of one question, its vector included, asked one after another. A peer that is not installed is
said to be missing and left out.

rank-bm25 as it is: `BM25Okapi` with its defaults on lower-case words split at \\W. The ensembles
have their defaults: LangChain's weighs both halves alike, txtai's hybrid is 0.5, LlamaIndex's
fusion is by reciprocal rank without generated queries.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Outcome
from newsdesk.index.generation import open_current
from newsdesk.index.indexes.dense.models import DEFAULT_MODEL, place
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Passage, Query

DEPTH = 100
Ask = Callable[[str], list[int]]  # a question to the numbers of passages, best first


class Texts:
    """The passages of a dataset, with their titles and the articles they belong to."""

    def __init__(self, settings: Settings) -> None:
        generation = open_current(settings.home)
        owners = generation.column("passage_article").tolist()
        articles = [generation.article(n) for n in range(generation.manifest.articles)]
        passages: list[Passage] = [
            generation.passage(row, articles[owner]) for row, owner in enumerate(owners)
        ]
        self.articles = [articles[owner].id for owner in owners]
        self.texts = [
            f"{articles[owner].title}. {one.text}" if articles[owner].title else one.text
            for owner, one in zip(owners, passages, strict=True)
        ]


def words(text: str) -> list[str]:
    """As people split who take rank-bm25 as it is."""
    return re.findall(r"\w+", text.lower())


def rank_bm25(texts: Sequence[str]) -> Ask:
    """BM25Okapi, its `get_scores` over all passages."""
    import numpy as np
    from rank_bm25 import BM25Okapi

    bm25 = BM25Okapi([words(text) for text in texts])

    def ask(question: str) -> list[int]:
        scores = bm25.get_scores(words(question))
        order: list[int] = np.argsort(-scores, kind="stable")[:DEPTH].tolist()
        return order

    return ask


def sentence_transformers(texts: Sequence[str]) -> Ask:
    """`semantic_search`: exact cosines."""
    from sentence_transformers import SentenceTransformer, util

    model = SentenceTransformer(str(place(DEFAULT_MODEL)), device="cpu")
    vectors = model.encode(list(texts), normalize_embeddings=True, convert_to_tensor=True)

    def ask(question: str) -> list[int]:
        asked = model.encode([question], normalize_embeddings=True, convert_to_tensor=True)
        (found,) = util.semantic_search(asked, vectors, top_k=DEPTH)
        return [int(one["corpus_id"]) for one in found]

    return ask


def langchain(texts: Sequence[str]) -> Ask:
    """EnsembleRetriever over BM25Retriever and FAISS."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings

    documents = [Document(text, metadata={"n": n}) for n, text in enumerate(texts)]
    by_words = BM25Retriever.from_documents(documents, k=DEPTH)
    embeddings = HuggingFaceEmbeddings(model_name=str(place(DEFAULT_MODEL)))
    by_meaning = FAISS.from_documents(documents, embeddings).as_retriever(
        search_kwargs={"k": DEPTH}
    )
    both = EnsembleRetriever(retrievers=[by_words, by_meaning], weights=[0.5, 0.5], id_key="n")
    return lambda question: [int(one.metadata["n"]) for one in both.invoke(question)]


def txtai(texts: Sequence[str]) -> Ask:
    """Embeddings with hybrid=True."""
    from txtai import Embeddings

    index = Embeddings(path=str(place(DEFAULT_MODEL)), hybrid=True)
    index.index(list(enumerate(texts)))
    return lambda question: [int(number) for number, _ in index.search(question, DEPTH)]


def llama_index(texts: Sequence[str]) -> Ask:
    """QueryFusionRetriever over BM25Retriever and a VectorStoreIndex."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(text=text, id_=str(n)) for n, text in enumerate(texts)]
    embedding = HuggingFaceEmbedding(model_name=str(place(DEFAULT_MODEL)))
    by_meaning = VectorStoreIndex(nodes, embed_model=embedding).as_retriever(similarity_top_k=DEPTH)
    by_words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(DEPTH, len(nodes)))
    both = QueryFusionRetriever(
        [by_words, by_meaning],
        llm=MockLLM(),  # asked for nothing, since no further queries are made
        num_queries=1,
        mode="reciprocal_rerank",
        similarity_top_k=DEPTH,
        use_async=False,
    )
    return lambda question: [int(one.node.node_id) for one in both.retrieve(question)]


PEERS: dict[str, tuple[Callable[[Sequence[str]], Ask], tuple[str, ...]]] = {
    "rank-bm25": (rank_bm25, ("rank-bm25",)),
    "sentence-transformers": (sentence_transformers, ("sentence-transformers",)),
    "LangChain ensemble": (langchain, ("langchain-classic", "langchain-community", "faiss-cpu")),
    "txtai hybrid": (txtai, ("txtai",)),
    "LlamaIndex fusion": (llama_index, ("llama-index-core", "llama-index-retrievers-bm25")),
}
OURS = "newsdesk"


def resident() -> float:
    """Megabytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def one(name: str, path: Path, home: Path) -> dict[str, Any]:
    """Build one peer's index and ask it everything."""
    dataset = evaluate.load(path)
    settings, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    if name == OURS:
        return ours(dataset, home)
    build, _packages = PEERS[name]
    texts = Texts(settings)
    before, start = resident(), time.perf_counter()
    ask = build(texts.texts)
    built = time.perf_counter() - start
    ask("warm up")
    return measured(dataset, lambda q: (texts.articles[n] for n in ask(q)), built, before)


def ours(dataset: evaluate.Dataset, home: Path) -> dict[str, Any]:
    """Newsdesk, its index built anew from the articles' files, reading and splitting included."""
    with tempfile.TemporaryDirectory() as fresh:
        anew = Settings(home=Path(fresh))
        (Path(fresh) / MODELS).symlink_to((home / MODELS).absolute())
        code = (
            "import sys; from pathlib import Path; from newsdesk.index import evaluate, Settings\n"
            "evaluate.index(evaluate.load(Path(sys.argv[1])), Settings(home=Path(sys.argv[2])),"
            " lambda *_: None)"
        )
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, str(dataset.corpus.parent), fresh], check=True)
        built = time.perf_counter() - start
        place_ = evaluate.index(dataset, anew, lambda *_: None)[0]
    before = resident()
    settings, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    del place_
    with Searcher(settings, models=home / MODELS) as searcher:
        searcher.articles(Query("warm up"), DEPTH)
        days = {q.text: q.day for q in dataset.questions}

        def ask(question: str) -> Iterable[str]:
            query = Query(question, asked=days[question])
            return (article for article, _ in searcher.articles(query, DEPTH))

        return measured(dataset, ask, built, before)


def measured(
    dataset: evaluate.Dataset, ask: Callable[[str], Iterable[str]], built: float, before: float
) -> dict[str, Any]:
    """Ask every question; quality, and what it cost."""
    outcomes, seconds = [], []
    for question in dataset.questions:
        start = time.perf_counter()
        found = list(dict.fromkeys(ask(question.text)))
        seconds.append(time.perf_counter() - start)
        ranking = tuple((article, -float(n)) for n, article in enumerate(found))
        nothing = Answer(question.text, "none", 0.0, None, ())
        outcomes.append(Outcome(replace(question, answers=(), sentences=()), ranking, nothing))
    measures = evaluate.measure(outcomes)
    seconds.sort()
    return {
        **{name: measures[name] for name in ("nDCG@10", "hit@1", "MRR@10")},
        "build s": built,
        "memory MB": resident() - before,
        "median ms": 1000 * median(seconds),
        "p95 ms": 1000 * seconds[int(0.95 * (len(seconds) - 1))],
    }


def versions(packages: Sequence[str]) -> str:
    """Names and versions of some packages; raises PackageNotFoundError."""
    return ", ".join(f"{one_} {version(one_)}" for one_ in packages)


def main() -> None:
    """Every peer on every dataset, as rows of a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    parser.add_argument("--only", help="one peer, by its name; prints JSON")
    given = parser.parse_args()
    if given.only:
        print(json.dumps(one(given.only, given.datasets[0], given.home)))
        return
    told = ""
    for path in given.datasets:
        for name in (OURS, *PEERS):
            told = row(name, path, given.home, told)


def row(name: str, path: Path, home: Path, head: str) -> str:
    """Run one peer in a process of its own and print its row, below the head of the table."""
    try:
        packages = versions(PEERS[name][1]) if name in PEERS else versions([OURS])
    except PackageNotFoundError as missing:
        print(f"{name}: {missing} is not installed, so it is left out", file=sys.stderr)
        return head
    command = [sys.executable, __file__, str(path), "--home", str(home), "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: failed:\n{done.stderr[-2000:]}", file=sys.stderr)
        return head
    found = json.loads(done.stdout.splitlines()[-1])
    names = f"| set | which | {' | '.join(found)} |"
    if names != head:
        print(f"{names}\n|{'---|' * (len(found) + 2)}")
    cells = [f"{v:.3f}" if "@" in k else f"{v:.1f}" for k, v in found.items()]
    print(f"| {path.name} | {packages} | {' | '.join(cells)} |", flush=True)
    return names


if __name__ == "__main__":
    main()
