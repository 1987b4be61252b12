"""Times the reading of 10,000 cuttings: `python -m tests.benchmarks.reading [ARTICLES]`.

In seconds of this process, so that other work on the machine counts for less. No index is built.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from newsdesk.index.readers import plain_text
from newsdesk.index.readers.source import SourceFile
from newsdesk.index.settings import Readers

WORDS = (
    "the ferry to island will stop running in May council said on Monday its operator lost licence "
    "mayor town harbour boat water school bridge people company year million pounds"
).split()
HEADERS = [
    "By Ann Reed | Coast Post\n\n3 March 2026\n\n",
    "By Ann Reed\n\n",
    "By Ann Reed, political editor | France 24 | 5 min read\n\n",
    "3 March 2026\n\n",
    "By Ann Reed and Bob Lee | 3 March 2026 10:15\n\n",
    "",
]


def cutting(number: int, chance: random.Random) -> bytes:
    """A headline, perhaps a byline, and 6 to 14 paragraphs of 25 to 60 words."""
    paragraphs = (
        " ".join(chance.choices(WORDS, k=chance.randint(25, 60))).capitalize() + "."
        for _ in range(chance.randint(6, 14))
    )
    header = chance.choice(HEADERS)
    body = "\n\n".join(paragraphs)
    return f"Ferry {number} stops in May\n\n{header}{body}".encode()


def main(count: int) -> None:
    """Print how long `count` articles take."""
    chance = random.Random(5)
    cuttings = [cutting(number, chance) for number in range(count)]
    begin = time.process_time()
    for data in cuttings:
        list(plain_text.read(SourceFile(Path("a.txt"), Path(), Readers(), data)))
    print(f"{count} articles read in {time.process_time() - begin:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
