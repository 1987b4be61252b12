"""Bad input: each is refused with its reason and mend, everything else is indexed, nothing lost."""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import random
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from newsdesk.index import readers
from newsdesk.index.errors import NothingUsable
from newsdesk.index.library import Library
from newsdesk.index.readers import Refusal
from newsdesk.index.settings import Readers
from newsdesk.index.text.passages import split
from newsdesk.index.types import Article
from newsdesk.index.update import Report, update
from tests.helpers.support import ROOT, SmallEncoder, index, small, write

GOOD = "The council of Marsh Harbour voted on Monday – “at last,” said Mayor O’Hara."
CURLY = "“We’ve waited long enough,” said the mayor – “too long…” It cost €5."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "news", {"good.txt": GOOD})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def stored(home: Path, article_id: str) -> Article:
    with Library(home) as library:
        article = library.article(article_id)
    assert article is not None, f"{article_id} is lost"
    return article


def reasons(report: Report, folder: Path) -> dict[str, str]:
    """Why each file or line was refused, by its path below the folder."""
    told = {str(Path(one.path).relative_to(folder)): one.reason for one in report.refused}
    for reason in told.values():
        assert re.search(r"\S; \S", reason), f"no mend in {reason!r}"
        assert "\n" not in reason
    return told


BINARY = {
    "png.txt": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + random.Random(1).randbytes(3000),
    "random.txt": random.Random(2).randbytes(5000),
    "zip.md": gzip.compress(GOOD.encode() * 50),
    "zeros.txt": b"\x00" * 5000,
    "floats.txt": b"".join(random.Random(n).randbytes(2) + b"\x00\x00" for n in range(900)),
    "machine.txt": b"\x7fELF\x02\x01\x01" + bytes(range(32)) * 60,
}
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty.txt": ("", "the file is empty; remove it"),
    "blank.md": (" \n\n\t\r\n", "the file is empty"),
    "empty.jsonl": ("", "the file is empty"),
    "blank.jsonl": ("\n \n", "the file is empty"),
    "mark.txt": ("\ufeff", "no text; an article needs at least a sentence"),
    "tags.txt": ("<p></p><script>var x;</script>", "no text"),
    "heading.md": ("# Only a heading", "no text"),
    "matter.md": ("---\ntitle: Only a title\n---\n", "no text"),
    "pages.txt": (b"It is " + bytes(range(128, 256)) * 3, "save it as UTF-8"),
    "title.md": (f"---\ntitle: a\n  b: c\n---\n{GOOD}", "put the value in quotes"),
    "picture.jpeg": (b"\xff\xd8\xff", "no reader for this kind of file; known are .txt"),
    "paper.pdf": (b"%PDF-1.4", "damaged, or no PDF; fetch it again"),
    "not.jsonl.gz": (GOOD, "broken gzip: "),
    "cut.jsonl.gz": (gzip.compress(b'{"text": "Cut off."}\n' * 999)[:15], "broken gzip: "),
    **{name: (data, "; ") for name, data in BINARY.items()},
}


def test_each_bad_file_is_refused_with_its_reason_and_the_good_ones_are_indexed(
    folder: Path, home: Path
) -> None:
    write(folder, {name: content for name, (content, _) in REFUSED.items()})
    write(folder, {"z/last.md": GOOD})
    report = index(home, folder)
    assert sorted(report.added) == ["good", "z/last"]
    told = reasons(report, folder)
    assert told.keys() == REFUSED.keys()
    for name, (_, reason) in REFUSED.items():
        assert reason in told[name], name
    assert stored(home, "good").text == GOOD


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_is_no_text_whatever_its_name(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, {name: BINARY[name]}) / name
    (found,) = readers.read(file, tmp_path, Readers())
    assert isinstance(found, Refusal)
    assert re.match("not a text file|neither UTF-8|the file is empty", found.reason)


@pytest.mark.parametrize("content", [{}, {"a.png": "x"}, {"README.md": GOOD, "sub/.a.txt": GOOD}])
def test_a_folder_without_articles_is_an_error_that_names_it(
    tmp_path: Path, home: Path, content: dict[str, str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    write(empty, content)
    with pytest.raises(NothingUsable, match=f"^{empty}: no.*known are .txt"):
        index(home, empty)


def test_an_error_of_all_files_says_why_the_first_were_refused(tmp_path: Path, home: Path) -> None:
    bad = write(tmp_path / "bad", {"a.txt": "", "b.md": b"\x00\x01" * 500})
    with pytest.raises(NothingUsable, match=r"a\.txt: the file is empty.*b\.md: not a text file"):
        index(home, bad)


ENCODINGS = {
    "utf-8": CURLY.encode(),
    "utf-8 with a mark": CURLY.encode("utf-8-sig"),
    "utf-16 with a mark": CURLY.encode("utf-16"),
    "utf-16-be with a mark": b"\xfe\xff" + CURLY.encode("utf-16-be"),
    "utf-16-le": CURLY.encode("utf-16-le"),
    "utf-16-be": CURLY.encode("utf-16-be"),
    "windows-1252": CURLY.encode("cp1252"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_is_told_from_the_bytes(folder: Path, home: Path, encoding: str) -> None:
    write(folder, {"a.txt": ENCODINGS[encoding], "b.md": ENCODINGS[encoding]})
    report = index(home, folder)
    assert not report.refused
    assert stored(home, "a").text == stored(home, "b").text == CURLY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_of_json_are_read_in_every_encoding(
    folder: Path, home: Path, encoding: str, pack: type[bytes]
) -> None:
    rows = [json.dumps({"id": f"n{n}", "text": CURLY}, ensure_ascii=False) for n in range(3)]
    name = "a.jsonl.gz" if pack is gzip.compress else "a.jsonl"
    write(folder, {name: pack("\n".join(rows).encode(encoding))})
    report = index(home, folder)
    assert not report.refused
    assert [stored(home, f"n{n}").text for n in range(3)] == [CURLY] * 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize(
    "text",
    ["Президент сказал: «Нет».", "总统说不行。\n\n她说可以。", "قال لا. 😀", "a – b", "Café"],
)
def test_other_scripts_are_told_in_every_unicode_encoding(
    tmp_path: Path, encoding: str, text: str
) -> None:
    file = write(tmp_path, {"a.md": text.encode(encoding)}) / "a.md"
    (found,) = readers.read(file, tmp_path, Readers())
    assert isinstance(found, Article), found
    assert found.text == text


@pytest.mark.parametrize("text", ["Café", "naïve", "a – b", "“No,” he said.", "5 €", "Größe"])
def test_a_short_text_in_windows_1252_is_told(tmp_path: Path, text: str) -> None:
    for whole in (text, f"It is {text}."):
        file = write(tmp_path, {"a.txt": whole.encode("cp1252")}) / "a.txt"
        (found,) = readers.read(file, tmp_path, Readers())
        assert isinstance(found, Article), found
        assert found.text == whole


def test_a_few_lost_bytes_do_not_spoil_the_rest_of_a_text_in_utf_8(tmp_path: Path) -> None:
    data = f"{CURLY}\n\n{CURLY}".encode()
    file = write(tmp_path, {"a.md": data[:-40] + b"\xe2\x80" + data[-40:-1]}) / "a.md"
    (found,) = readers.read(file, tmp_path, Readers())
    assert isinstance(found, Article), found
    assert found.text.startswith(CURLY)
    assert found.text.count("\ufffd") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["big.txt", "big.md"])
def test_50_megabytes_are_refused_as_one_article(folder: Path, home: Path, name: str) -> None:
    write(folder, {name: b"It is a long story. " * 2_500_000})
    told = reasons(index(home, folder), folder)
    assert told[name].startswith("50.0 MB is too much for one article (limit 10 MB); split it")


@pytest.mark.slow
def test_50_megabytes_are_read_as_many_articles(tmp_path: Path) -> None:
    row = json.dumps({"text": "It is a long story. " * 12_500}).encode() + b"\n"
    file = write(tmp_path, {"big.jsonl": row * 200}) / "big.jsonl"
    assert file.stat().st_size > 50_000_000
    found = list(readers.read(file, tmp_path, Readers()))
    assert len(found) == 200
    assert all(isinstance(one, Article) for one in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["line.txt", "line.md"])
def test_a_line_of_5_megabytes_is_refused_as_one_article(
    folder: Path, home: Path, name: str
) -> None:
    write(folder, {name: b"word " * 1_000_000})
    told = reasons(index(home, folder), folder)
    assert told[name].startswith("5.0 million characters is too much for one article (limit 1)")


def test_a_line_of_json_that_is_too_long_is_refused_alone(folder: Path, home: Path) -> None:
    long = b'{"text": "' + b"word " * 1_000_000 + b'"}'
    longer = b'{"text": "' + b"word " * 3_000_000 + b'"}'
    good = b'{"id": "after", "text": "It is over."}'
    write(folder, {"a.jsonl": b"\n".join([long, longer, good])})
    report = index(home, folder)
    told = reasons(report, folder)
    assert told["a.jsonl#1"].startswith("line 1: 5.0 million characters is too much")
    assert told["a.jsonl#2"].startswith("line 2: 10.0 MB is too much for one article")
    assert told.keys() == {"a.jsonl#1", "a.jsonl#2"}
    assert stored(home, "after").path == f"{folder}/a.jsonl#3"


@pytest.mark.slow
def test_a_line_of_5_megabytes_is_taken_and_split_where_that_is_allowed(tmp_path: Path) -> None:
    file = write(tmp_path, {"line.txt": b"word, " * 830_000}) / "line.txt"
    (found,) = readers.read(file, tmp_path, Readers(max_characters=6_000_000))
    assert isinstance(found, Article)
    passages = split(found.id, found.text)
    assert sum(passage.text.count("word") for passage in passages) == 830_000


def test_a_file_that_vanishes_while_files_are_read_is_refused(folder: Path, home: Path) -> None:
    write(folder, {"a.txt": GOOD, "vanishing.txt": GOOD})

    def reading(step: str, done: int, total: int) -> None:
        if step == "reading":
            (folder / "vanishing.txt").unlink(missing_ok=True)

    report = update(small(home), [folder], reading, load=SmallEncoder)
    assert reasons(report, folder) == {
        "vanishing.txt": "vanished while it was being read; index again"
    }
    assert sorted(report.added) == ["a", "good"]


def test_a_folder_that_vanishes_while_files_are_read_loses_nothing_else(
    folder: Path, home: Path
) -> None:
    write(folder, {"sub/a.txt": GOOD})

    def reading(step: str, done: int, total: int) -> None:
        if step == "reading" and (folder / "sub").exists():
            (folder / "sub/a.txt").unlink()
            (folder / "sub").rmdir()

    report = update(small(home), [folder], reading, load=SmallEncoder)
    assert list(reasons(report, folder)) == ["sub/a.txt"]
    assert report.added == ["good"]


def test_what_is_no_regular_file_is_refused_and_not_waited_for(folder: Path, home: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "zero.txt").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(folder, os.O_RDONLY)  # a socket's path must be short
        try:
            listening.bind(f"/proc/self/fd/{here}/socket.txt")
        finally:
            os.close(here)
        told = reasons(index(home, folder), folder)
    assert told["pipe.txt"].startswith("not a regular file")
    assert told["socket.txt"].startswith("not a regular file")
    assert told["zero.txt"].startswith("a symbolic link that points outside")


def test_a_symbolic_link_is_followed_within_the_folder_only(
    tmp_path: Path, folder: Path, home: Path
) -> None:
    write(tmp_path / "elsewhere", {"secret.txt": "It is a secret.", "sub/other.txt": "It is too."})
    (folder / "outside.txt").symlink_to(tmp_path / "elsewhere/secret.txt")
    (folder / "outside").symlink_to(tmp_path / "elsewhere")
    (folder / "up.txt").symlink_to("../elsewhere/secret.txt")
    (folder / "nowhere.txt").symlink_to("nothing.txt")
    (folder / "itself.txt").symlink_to("itself.txt")
    (folder / "inside.txt").symlink_to("good.txt")
    (folder / "round").symlink_to(".")
    report = index(home, folder)
    told = reasons(report, folder)
    outside = "a symbolic link that points outside the folder; copy the file in"
    assert told == {
        "outside.txt": outside,
        "outside": outside,
        "up.txt": outside,
        "nowhere.txt": "a symbolic link to nothing; remove it",
        "itself.txt": "a symbolic link to nothing; remove it",
    }
    assert report.added == ["good"]


def test_a_symbolic_link_that_is_named_itself_is_followed(tmp_path: Path, home: Path) -> None:
    write(tmp_path / "elsewhere", {"a.txt": GOOD})
    (tmp_path / "link.txt").symlink_to("elsewhere/a.txt")
    (tmp_path / "linked").symlink_to("elsewhere")
    assert index(home, tmp_path / "link.txt").added == ["link"]
    report = index(home, tmp_path / "linked")
    assert (report.added, report.unchanged) == ([], ["link"])  # one file, so one article


def test_a_second_file_with_the_same_id_is_refused_and_names_the_first(
    folder: Path, home: Path
) -> None:
    twin = '{"id": "good", "text": "It is another story."}'
    write(
        folder, {"h.jsonl": f'{twin}\n{{"id": "h", "text": "Ok."}}\n{{"id": "h", "text": "No."}}'}
    )
    write(folder, {"good.md": "# It is yet another\n\nstory"})
    report = index(home, folder)
    told = reasons(report, folder)
    assert sorted(report.added) == ["good", "h"]
    assert told.keys() == {"good.txt", "h.jsonl#1", "h.jsonl#3"}
    assert f"has the same id, 'good', as {folder / 'good.md'}; rename it" in told["good.txt"]
    assert f"has the same id, 'h', as {folder / 'h.jsonl'}#2" in told["h.jsonl#3"]


LINES = {
    1: '{"id": "first", "text": "It is first."}',
    2: '{"id": "broken", "text": "It is',
    3: "",
    4: "[1, 2]",
    5: '{"id": "none"}',
    6: '{"id": "number", "text": 3}',
    7: '{"id": "blank", "text": " "}',
    8: '{"id": "dated", "text": 8, "date": "someday"}',
    9: '{"id": "deep", "text": ' + "[" * 100_000,
    10: '{"id": ' + "9" * 5_000 + ', "text": "It is."}',
    11: '{"id": {"a": 1}, "text": "It is."}',
    12: "null",
    13: '{"id": "last", "text": "It is last."}',
}
LINE_REASONS = {
    2: "not JSON: ",
    4: "not an object; write",
    5: 'no "text"; it is the one field',
    6: 'no "text"',
    7: "no text; an article needs",
    8: 'no "text"',
    9: "not an article: ",
    10: "not an article: ",
    11: "'id' is neither text nor a list of texts; put it in quotes",
    12: "not an object",
}


def test_a_broken_line_of_json_is_refused_by_its_number(folder: Path, home: Path) -> None:
    write(folder, {"a.jsonl": "\n".join(LINES.values())})
    report = index(home, folder)
    told = reasons(report, folder)
    assert told.keys() == {f"a.jsonl#{number}" for number in LINE_REASONS}
    for number, reason in LINE_REASONS.items():
        assert told[f"a.jsonl#{number}"].startswith(f"line {number}: {reason}"), number
    assert sorted(report.added) == ["first", "good", "last"]


def test_lines_before_a_break_in_the_gzip_are_taken(folder: Path, home: Path) -> None:
    rows = [json.dumps({"id": f"n{n}", "text": f"It is {n * 7919}."}) for n in range(4_000)]
    packed = gzip.compress("\n".join(rows).encode())
    write(folder, {"a.jsonl.gz": packed[: len(packed) // 2]})
    report = index(home, folder)
    assert "n0" in report.added
    assert reasons(report, folder)["a.jsonl.gz"].startswith("broken gzip: ")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p>It is <b>over</b>.</p><p>At&nbsp;last.</p>", "It is over.\n\nAt\u00a0last."),
        ("It \x1b[31mis\x1b[0m \x00over\x07.", "It [31mis[0m over."),
        ("נגמר, אמרה. “قالت: انتهى.”", None),
        ("It is 👩‍🚀 over 🇺🇦 é 😀.", None),
    ],
)
def test_odd_text_is_indexed_as_what_it_says(
    folder: Path, home: Path, given: str, wanted: str | None
) -> None:
    line = json.dumps({"id": "b", "text": given, "title": given})
    write(folder, {"a.txt": f"It is a title\n\n{given}", "b.jsonl": line})
    report = index(home, folder)
    assert not report.refused
    for article_id in ("a", "b"):
        article = stored(home, article_id)
        assert article.text == (wanted or given)
        with Library(home) as library:
            for passage, _ in library.passages(article):
                assert article.text[passage.start : passage.end] == passage.text
    assert "\n" not in stored(home, "b").title


def test_a_name_that_is_not_utf_8_is_refused(folder: Path, home: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(GOOD)
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    report = index(home, folder)
    (refusal,) = report.refused
    assert refusal.reason == "its name is not UTF-8; rename it"
    assert refusal.path.endswith("caf\ufffd.txt")


@pytest.mark.parametrize("name", ["a\nb.txt", "a\x1b[31m.txt", "\x01.txt", "a&amp;b.txt", "#3.txt"])
def test_an_odd_name_is_kept_as_the_path_and_tidied_in_the_title(
    tmp_path: Path, home: Path, name: str
) -> None:
    folder = write(tmp_path / "odd", {name: GOOD})
    (article_id,) = index(home, folder).added
    article = stored(home, article_id)
    assert article.path == str(folder / name)
    assert "\n" not in article.title
    assert index(home, folder).unchanged == [article_id]


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"\x00\x01\x02" * 999, b"<p></p>", b"---\ntitle: a\n  b: c\n---\nx", b"x" * 10_000_001],
)
def test_an_article_whose_file_can_no_longer_be_read_is_kept_as_it_was(
    folder: Path, home: Path, spoilt: bytes
) -> None:
    write(folder, {"a.md": "It was sound."})
    index(home, folder)
    write(folder, {"a.md": spoilt})
    report = index(home, folder)
    assert report.kept == ["a"]
    assert report.removed == []
    assert list(reasons(report, folder)) == ["a.md"]
    assert stored(home, "a").text == "It was sound."


def test_articles_of_a_file_with_a_line_that_broke_are_kept_as_they_were(
    folder: Path, home: Path
) -> None:
    rows = ['{"id": "a", "text": "It was sound."}', '{"id": "b", "text": "So was it."}']
    write(folder, {"a.jsonl": "\n".join(rows)})
    index(home, folder)
    write(folder, {"a.jsonl": f"{rows[0][:-5]}\n{rows[1]}"})
    report = index(home, folder)
    assert report.kept == ["a"]
    assert "b" in report.unchanged
    assert stored(home, "a").text == "It was sound."


# Permission. Root may read everything; without two of its capabilities it may not.

_DROP = 24  # PR_CAPBSET_DROP
_OVERRIDE, _SEARCH = 1, 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def obeying_modes() -> None:
    """Run in the child: from its next exec on, root has to obey the modes of files too."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in (_OVERRIDE, _SEARCH):
        prctl(_DROP, capability, 0, 0, 0)


def unprivileged(code: str, *arguments: Path) -> str:
    """What some code prints in a process that may not read a file of mode 0."""
    closed = arguments[0].parent / "closed"
    closed.touch(mode=0)
    guard = f"import os, sys\nif os.access({str(closed)!r}, os.R_OK): sys.exit(77)\n"
    drop = obeying_modes if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    done = subprocess.run(
        [sys.executable, "-c", guard + textwrap.dedent(code), *map(str, arguments)],
        preexec_fn=drop,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("this user may read every file, and cannot be kept from it")
    assert done.returncode == 0, done.stderr
    return done.stdout


INDEX = """
    import json
    from pathlib import Path
    from tests.helpers.support import index
    home, folder = map(Path, sys.argv[1:])
    report = index(home, folder)
    refused = {str(Path(r.path).relative_to(folder)): r.reason for r in report.refused}
    print(json.dumps([report.added, report.kept, report.removed, refused]))
"""


def test_a_file_without_permission_is_refused_and_kept_as_it_was(folder: Path, home: Path) -> None:
    write(folder, {"a.txt": "It was open.", "b.txt": GOOD, "sub/c.txt": GOOD})
    index(home, folder)
    write(folder, {"d.txt": GOOD, "e.txt": GOOD})
    closed = [folder / "a.txt", folder / "d.txt", folder / "sub"]
    modes = [path.stat().st_mode for path in closed]
    for path in closed:
        path.chmod(0)
    try:
        added, kept, removed, refused = json.loads(unprivileged(INDEX, home, folder))
    finally:
        for path, mode in zip(closed, modes, strict=True):
            path.chmod(mode)
    reason = "no permission to read it; change its mode or its owner"
    assert refused == dict.fromkeys(["a.txt", "d.txt", "sub"], reason)
    assert added == ["e"]
    assert removed == []
    assert "a" in kept
    assert stored(home, "a").text == "It was open."
    assert stored(home, "sub/c").text == GOOD


def test_a_path_without_permission_is_wrong_use_and_no_traceback(folder: Path, home: Path) -> None:
    write(folder, {"sub/c.txt": GOOD})
    mode = folder.stat().st_mode
    folder.chmod(0)
    code = """
        from pathlib import Path
        from newsdesk.index import readers
        from newsdesk.index.errors import UsageError
        for path in (Path(sys.argv[2]) / "sub" / "c.txt", Path(sys.argv[2]) / "sub"):
            try:
                list(readers.find(path))
            except UsageError as error:
                print(error)
    """
    try:
        told = unprivileged(code, home, folder)
    finally:
        folder.chmod(mode)
    reason = "Permission denied; name a file or folder that you may read"
    assert told.splitlines() == [f"{folder}/sub/c.txt: {reason}", f"{folder}/sub: {reason}"]
