"""Draw the pictures of the README into .github/images/.

    python -m tests.benchmarks.pictures                 # ask.svg and chat.svg
    python -m tests.benchmarks.pictures --report PAGE   # report.png, of a page of `newsdesk eval`

ask.svg is what `newsdesk ask` writes to a terminal of its own. chat.svg is drawn from the talk in
bot/README.md, which a test compares with what the bot says. report.png needs Chromium.
The library is that of NEWSDESK_HOME, or .newsdesk.
"""

from __future__ import annotations

import argparse
import fcntl
import html
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parent.parent.parent
IMAGES = ROOT / ".github" / "images"
QUESTION = "who is in the B9?"
COLUMNS, ROWS = 100, 40
# Not rich's own style: it names a font on a server, which a page in a README does not fetch.
MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SANS = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif"
CHROMIUM = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", type=Path, metavar="PAGE", help="a page of `eval --report`")
    page = parser.parse_args().report
    IMAGES.mkdir(parents=True, exist_ok=True)
    if page:
        photograph(page, IMAGES / "report.png")
        return
    asked = f'newsdesk ask "{QUESTION}" -k 1'
    (IMAGES / "ask.svg").write_text(terminal(asked, captured(["ask", QUESTION, "-k", "1"])))
    talk = re.search(r"```text\n(.*?)\n```", (ROOT / "bot/README.md").read_text("utf-8"), re.DOTALL)
    if talk:
        (IMAGES / "chat.svg").write_text(chat(shown(talk[1])), "utf-8")


def captured(arguments: list[str]) -> str:
    """What a command of ours writes to a terminal, colours and all."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT / ".namespace")}
    command = [sys.executable, "-m", "newsdesk.bot.cli", *arguments]
    process = subprocess.Popen(command, stdout=theirs, stdin=theirs, env=environ, cwd=ROOT)
    os.close(theirs)
    written = b"".join(_read(ours))
    os.close(ours)
    if process.wait():
        raise SystemExit(f"newsdesk {' '.join(arguments)}: exit code {process.returncode}")
    return written.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return
        if not chunk:
            return
        yield chunk


def terminal(command: str, written: str) -> str:
    """A terminal with a command and what it wrote, as SVG."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {command}", style="bold"))
        places = re.sub(re.escape(f"file://{ROOT}"), "file:///home/ann/newsdesk", written)
        console.print(Text.from_ansi(places.replace("\r", "")))
        svg = console.export_svg(title="newsdesk", theme=MONOKAI)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(
        r"font-family: ?(?:Fira Code|arial|monospace)[^;]*;", f"font-family: {MONOSPACE};", svg
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bubble: its words and how they are set."""

    text: str
    style: str = ""  # of _CHARACTERS, or "button"


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message of a chat."""

    sender: str
    lines: tuple[Line, ...]

    @property
    def ours(self) -> bool:
        """Whether the bot wrote it."""
        return self.sender == "Newsdesk"


def shown(talk: str) -> list[Bubble]:
    """The first question with its answer, its second passage left out, and the last question."""
    parts = re.split(r"\n\n(?=(?:Ann|Bob|Newsdesk): )", talk)
    return [_bubble(part) for part in (*parts[:2], *parts[-2:])]


def _bubble(part: str) -> Bubble:
    sender, _, text = part.partition(": ")
    if sender != "Newsdesk":
        return Bubble(sender, (Line(text),))
    passages, _, buttons = text.partition("\n[More ▸]")
    first = re.split(r"(?<=paragraph \d)\n\n", passages)[0]
    answered = re.match(r"(.*) \[1\]$", first, re.MULTILINE)
    sentence = answered[1] if answered else ""
    lines = [line for paragraph in first.split("\n") for line in _set(paragraph, sentence)]
    rows = re.findall(r"^\[.*\]$", f"[More ▸]{buttons}" if buttons else text, re.MULTILINE)
    return Bubble(sender, (*lines, *(Line(row, "button") for row in rows)))


def _set(paragraph: str, sentence: str) -> Iterator[Line]:
    """A paragraph in lines. A passage is a quotation with the sentence that answers underlined."""
    style = "quote" if sentence else ""
    if re.match(r"\[(?!\d)", paragraph):
        return
    if paragraph == f"{sentence} [1]":
        style = "bold"
    elif paragraph == sentence:
        style = "quote lit" if sentence else ""
    elif re.match(r"\[\d\] ", paragraph):
        style = "small"
    for words in textwrap.wrap(paragraph, _CHARACTERS[style]) or [""]:
        yield Line(words, style if words else "")


_CHARACTERS = {"": 66, "bold": 60, "quote": 64, "quote lit": 64, "small": 74}  # of a line
STEP, PAD, LEFT, SIDE, WIDE = 20, 12, 20, 60, 640
COLOURS = {"back": "#dfe7ee", "theirs": "#ffffff", "asked": "#d9f7c4", "button": "#b8cadb"}


def chat(bubbles: Iterable[Bubble]) -> str:
    """Messages as a chat, in SVG. It has a ground of its own: readable on light and on dark."""
    y, drawn = 20, []
    for bubble in bubbles:
        height, one = _drawn(bubble, y)
        drawn.append(one)
        y += height + 14
    style = (
        f"text{{font:15px {SANS};fill:#16222e}}.bold{{font-weight:700}}.small{{font-size:12.5px;"
        "fill:#4a6075}.lit{text-decoration:underline}.name{font-size:13.5px;font-weight:700;fill:#1d6fb8}"
        ".button{font-size:13.5px;text-anchor:middle;fill:#1d4e7a}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y + 6}" width="{WIDE}" '
        f'height="{y + 6}" role="img"><title>A group asks Newsdesk</title><style>{style}</style>'
        f'<rect width="100%" height="100%" rx="14" fill="{COLOURS["back"]}"/>'
        f"{''.join(drawn)}</svg>\n"
    )


def _drawn(bubble: Bubble, y: int) -> tuple[int, str]:
    """A bubble at a height: how high it is, and its SVG."""
    texts = [line for line in bubble.lines if line.style != "button"]
    rows = [re.findall(r"\[(.*?)\]", line.text) for line in bubble.lines if line.style == "button"]
    while texts and not texts[-1].text:
        texts.pop()
    step = [STEP if line.text else 9 for line in texts]
    height = sum(step) + STEP + 2 * PAD - 4
    wide = WIDE - SIDE - LEFT if bubble.ours else 290
    x = LEFT if bubble.ours else WIDE - LEFT - wide
    fill = COLOURS["theirs" if bubble.ours else "asked"]
    out = [f'<rect x="{x}" y="{y}" width="{wide}" height="{height}" rx="12" fill="{fill}"/>']
    at = y + PAD + 12
    out.append(f'<text class="name" x="{x + PAD}" y="{at}">{bubble.sender}</text>')
    quoted: list[int] = []
    for line, down in zip(texts, step, strict=True):
        at += down
        inset = PAD + 10 * line.style.startswith("quote")
        quoted += [at] if inset > PAD else []
        kind = f' class="{line.style}"' if line.style else ""
        out.append(f'<text{kind} x="{x + inset}" y="{at}">{html.escape(line.text)}</text>')
    if quoted:
        top, bar = quoted[0] - 14, quoted[-1] - quoted[0] + 18
        out.append(f'<rect x="{x + PAD}" y="{top}" width="3" height="{bar}" fill="#1d6fb8"/>')
    for row in rows:
        out.append(_row(row, x, y + height + 6, wide))
        height += 34
    return height, "".join(out)


def _row(names: list[str], x: int, y: int, wide: int) -> str:
    """A row of buttons below a bubble."""
    each = (wide - 6 * (len(names) - 1)) / len(names)
    out = ""
    for place, name in enumerate(names):
        left = x + place * (each + 6)
        out += (
            f'<rect x="{left:.0f}" y="{y}" width="{each:.0f}" height="28" rx="8" '
            f'fill="{COLOURS["button"]}"/><text class="button" x="{left + each / 2:.0f}" '
            f'y="{y + 19}">{html.escape(name)}</text>'
        )
    return out


def photograph(page: Path, picture: Path) -> None:
    """A picture of the top of a page, by Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        raise SystemExit("no chromium to draw the page with; install it, or leave the picture")
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *CHROMIUM, f"--user-data-dir={profile}", "--window-size=1200,830"]
        command += [f"--screenshot={picture}", page.resolve().as_uri()]
        subprocess.run(command, check=True, timeout=120)


if __name__ == "__main__":
    main()
