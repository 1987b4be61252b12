"""A closer look at the first passages: how well the best sentence of each fits the question.

A passage's scores are of all its words together. What answers stands in one sentence: a passage
that has the question's words in one sentence is better than one that has them here and there.

Measured by tests/benchmarks/fit_ranking.py, with the weights .4 and .3; p in parentheses:

                    hit@1 without, with       nDCG@10 without, with
    xquad/en        .956  .964 (.022)         .979  .983 (< .001)
    squad2_sample   .913  .938 (.031)         .959  .968 (.023)
    multihoprag     .843  .852 (.011)         .835  .841 (< .001)
    time_magazine   .759  .771 (1.0)          .801  .814 (.082)
    real news       .881  .873 (.55)          .918  .914 (.20)
    seeds           .986  .991 (1.0)          .994  .996 (.50)
    seeds, held out .955  .982 (.25)          .982  .992 (.13)

Cosine or words alone give less on most. With recency .2, not .1, real news is at .876 and .922
(p < .001 beside the row above); with the source that is named multihoprag is at .878 and .868
(p < .001; no other names one). The weights were chosen on all of these; what is best on the others
is .2 and .2 for each but real news, and gives a little less: xquad/en .961, squad2_sample .934,
time_magazine .811. What nothing was chosen on: xquad/de hit@1 .880, .896 (p < .001), tests/week,
held out, .781, .789 (.29) and nDCG@10 .898, .904 (.016), and xquad/zh, which the model does not
know, .893, .884 (.04).

What gave nothing that held on several: phrases, words near each other, vectors of the whole article
or of neighbours, other forms of the question, the second-best passage of an article. Not built,
since of some 4,100 questions but one asks by an acronym, or by its long form, that the right
article has not (articles introduce both), and two spell a name otherwise than it, so that
`Vocabulary.closest` finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from newsdesk.index.types import Article


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
