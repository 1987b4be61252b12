"""A closer look at the first passages: how well the best sentence of each fits the question.

A passage's scores are of all its words together. What answers stands in one sentence: a passage
that has the question's words in one sentence is better than one that has them here and there.

Measured by tests/benchmarks/fit_ranking.py with the weights .4 and .3; p in parentheses. The same
pair is best on the others for every dataset but time_magazine, where the others would have chosen
.2 and .6: nDCG@10 .801. What gave nothing that held on several: phrases, words near each other,
vectors of the whole article or of neighbours, other forms of the question, feedback.

                    hit@1 without, with       nDCG@10 without, with
    xquad/en        .956  .964 (.024)         .979  .983 (.002)
    squad2_sample   .913  .938 (.033)         .959  .968 (.025)
    multihoprag     .843  .852                .835  .841
    time_magazine   .759  .771 (.99)          .801  .814 (.079)
    real news       .881  .873                .918  .914        (.876, .922 with recency .2)
    seeds           .986  .991 (.99)          .994  .996 (.50)
    seeds, held out .955  .982 (.25)          .982  .992 (.13)

The source that is named takes multihoprag to .878 and .868 (p < .001 both); the others name none.
xquad/de, which nothing was chosen on: .880, .896 (p < .001); xquad/zh, which the model does not
know: .893, .884 (p .04).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .types import Article


def best_sentence(
    sentences: Sequence[Collection[str]],
    cosines: Sequence[float],
    heading: Collection[str],
    weights: Mapping[str, float],
    cosine: float,
    words: float,
) -> float:
    """The best of `cosine` times the sentence's cosine and `words` times its share of the question.

    `sentences` are the terms of each, `weights` the idf of the question's terms. A term of the
    `heading` is shared by all sentences: what an article is about, and when, is not said again in
    each. Never below 0, so that no passage loses by being read.
    """
    total = sum(weights.values()) or 1.0
    about = sum(weight for term, weight in weights.items() if term in heading)
    left = {term: weight for term, weight in weights.items() if term not in heading}
    fits = [
        cosine * near + words * (about + sum(left[term] for term in left.keys() & terms)) / total
        for terms, near in zip(sentences, cosines, strict=True)
    ]
    return max(0.0, max(fits, default=0.0))


def heading(article: Article) -> str:
    """What holds for every sentence of an article: its title, its month and its year."""
    return f"{article.title} {article.published:%B %Y}" if article.published else article.title
