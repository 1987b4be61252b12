"""The two kinds of index over passages: BM25 and dense vectors."""
