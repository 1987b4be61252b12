"""What is handed over together is published together, by the librarian alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from newsdesk.bot.librarian import Found, Librarian
from newsdesk.bot.settings import BotSettings
from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.generation import current
from newsdesk.index.types import Article
from tests.helpers.feeding import NET, story
from tests.helpers.support import SmallEncoder, small
from tests.helpers.web import Web

from .test_additions import CUTTING, ids


@pytest.fixture
def librarian(home: Path) -> Librarian:
    given = structs.asdict(small(home)) | {"net": NET}
    return Librarian(BotSettings(**given), SmallEncoder)


def generation(home: Path) -> int:
    return int(current(home).partition("-")[0])


def article(number: int) -> Article:
    text = f"The kestrel{number} nested at the lighthouse. Nobody saw it leave again."
    return Article(f"k{number}", f"Kestrel {number}", text, f"https://t.me/c/1/{number}")


def test_what_comes_together_is_published_once(
    librarian: Librarian, home: Path, tmp_path: Path, web: Web
) -> None:
    before, first = ids(home), generation(home)
    web.lines("/feed", [story(1), story(2)])
    (tmp_path / "ferry.txt").write_bytes(CUTTING)
    told: list[Found] = []

    async def together() -> None:
        added = await asyncio.gather(
            *(librarian.add_article(article(n), 0.0, told.append) for n in range(5)),
            librarian.add_file(tmp_path / "ferry.txt", 0.0, told.append),
        )
        assert [found.articles for found in added] == [1] * 6
        assert generation(home) == first + 1  # and each waited until it was
        await librarian.add([web.url("/feed")], 0.0, told.append)
        assert generation(home) == first + 2
        assert not await librarian.catch_up()
        every = [f"k{n}" for n in range(5)]
        await asyncio.gather(*(librarian.remove([name]) for name in every))
        assert generation(home) == first + 3

    asyncio.run(together())
    librarian.close()
    assert len(told) == 7
    assert len(ids(home)) == len(before) + 3


def test_a_publication_that_fails_fails_for_all_that_waited_and_is_done_again(
    librarian: Librarian, home: Path
) -> None:
    first = generation(home)

    async def add_two() -> list[object]:
        both = (librarian.add_article(article(n), 0.0, lambda _: None) for n in range(2))
        return await asyncio.gather(*both, return_exceptions=True)

    async def again() -> None:
        generations = home / "generations"
        generations.rename(home / "elsewhere")
        generations.write_bytes(b"no folder")
        failed = await add_two()
        assert [type(each) for each in failed] == [LibraryDamaged] * 2
        generations.unlink()
        (home / "elsewhere").rename(generations)
        assert [type(each) for each in await add_two()] == [Found] * 2
        assert generation(home) == first + 1

    asyncio.run(again())
    librarian.close()
