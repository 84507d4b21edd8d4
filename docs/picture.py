#!/usr/bin/env python3
"""Makes docs/demo.svg out of what `cloudjob demo` really shows on a terminal.

usage: docs/picture.py [COMMAND...]

Runs the command (default: `cargo run -q --features cli -- demo`) in a pseudo-terminal, keeps the screen as it changes,
and writes it as an SVG that plays once and stays at its last screen; where nothing is played, that one is shown.
Needs Python 3 on a Unix, and nothing else.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from html import escape
from pathlib import Path

COLUMNS, ROWS = 104, 40
STEP = 0.4  # Seconds between two pictures of the screen.
CELL, LINE, SIZE, MARGIN, BAR = 8.43, 19, 14, 16, 30
BACK, FORE, DIM = "#16181d", "#d7dae0", "#868c98"
COLOURS = ["#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"]

PLAIN = (None, False, False)  # Colour, bold, dim.


class Screen:
    """As much of a terminal as progress displays use."""

    def __init__(self):
        self.cells, self.row, self.column, self.style = {}, 0, 0, PLAIN

    def feed(self, text):
        token = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>78]|[\s\S]")
        for match in token.finditer(text):
            part = match.group(0)
            if match.group(2):
                self.control(match.group(1), match.group(2))
            elif part == "\r":
                self.column = 0
            elif part == "\n":
                self.row += 1
            elif part == "\b":
                self.column = max(0, self.column - 1)
            elif part >= " " and not part.startswith("\x1b"):
                if self.column == COLUMNS:
                    self.row, self.column = self.row + 1, 0
                self.cells[self.row, self.column] = (part, self.style)
                self.column += 1

    def control(self, arguments, letter):
        numbers = [int(number or 0) for number in arguments.lstrip("?").split(";")] if not arguments.startswith("?") else []
        first = numbers[0] if numbers else 0
        if letter == "m":
            for number in numbers or [0]:
                self.paint(number)
        elif letter in "AF":
            self.row = max(0, self.row - max(1, first))
        elif letter in "BE":
            self.row += max(1, first)
        elif letter == "C":
            self.column += max(1, first)
        elif letter == "D":
            self.column = max(0, self.column - max(1, first))
        elif letter == "G":
            self.column = max(1, first) - 1
        elif letter in "KJ":
            self.erase(letter, first)
        if letter in "EF":
            self.column = 0

    def erase(self, letter, how):
        def gone(row, column):
            if letter == "J" and row != self.row:
                return how == 2 or (row > self.row if how == 0 else row < self.row)
            return row == self.row and (how == 2 or (column >= self.column if how == 0 else column <= self.column))

        self.cells = {at: cell for at, cell in self.cells.items() if not gone(*at)}

    def paint(self, number):
        colour, bold, dim = self.style
        if number == 0:
            colour, bold, dim = PLAIN
        elif number == 1:
            bold = True
        elif number == 2:
            dim = True
        elif number == 22:
            bold = dim = False
        elif 30 <= number <= 37:
            colour = COLOURS[number - 30]
        elif 90 <= number <= 97:
            colour = COLOURS[number - 90]
        elif number == 39:
            colour = None
        self.style = (colour, bold, dim)

    def lines(self):
        """Each line as runs of one style: (column, text, style)."""
        rows = {}
        for (row, column), cell in sorted(self.cells.items()):
            rows.setdefault(row, []).append((column, *cell))
        lines = []
        for row in range(max(rows, default=-1) + 1):
            runs = []
            for column, character, style in rows.get(row, []):
                if runs and runs[-1][2] == style and runs[-1][0] + len(runs[-1][1]) == column:
                    runs[-1] = (runs[-1][0], runs[-1][1] + character, style)
                else:
                    runs.append((column, character, style))
            lines.append([(column, text, style) for column, text, style in runs if text.strip()])
        return lines


def record(command):
    """Runs the command; returns its screens with their times, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
        for name in ("NO_COLOR", "CI"):
            environment.pop(name, None)
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen, frames, pending, begun = Screen(), [], b"", None
    due = time.monotonic()
    while True:
        ready, _, _ = select.select([terminal], [], [], STEP / 4)
        try:
            chunk = os.read(terminal, 65536) if ready else None
        except OSError:  # Linux says so at the end.
            chunk = b""
        if chunk == b"":
            break
        if chunk:
            begun = begun or time.monotonic()
            pending += chunk
            # A character or a control sequence can be cut in two.
            whole = re.match(rb"(?s)(.*?)(?:\x1b[^A-Za-z]*|[\xc0-\xff][\x80-\xbf]*)?$", pending).group(1)
            if not pending[len(whole):].startswith(b"\x1b"):
                try:
                    pending.decode()
                    whole = pending
                except UnicodeDecodeError:
                    pass
            screen.feed(whole.decode(errors="replace"))
            pending = pending[len(whole):]
        elif begun and time.monotonic() >= due:
            # The terminal is quiet, so no display is half drawn.
            lines = screen.lines()
            if not frames or frames[-1][1] != lines:
                frames.append((time.monotonic() - begun, lines))
                due = time.monotonic() + STEP
    screen.feed(pending.decode(errors="replace"))
    frames.append((time.monotonic() - (begun or time.monotonic()), screen.lines()))
    return frames, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def line_of(runs, row):
    spans = []
    for column, text, (colour, bold, dim) in runs:
        fill = colour or (DIM if dim else FORE)
        look = f' fill="{fill}"' if fill != FORE else ""
        look += ' font-weight="bold"' if bold else ""
        look += ' opacity=".65"' if dim and colour else ""
        # Without a length of its own a run is as wide as the font at hand makes it, and the next one collides with it.
        length = f' textLength="{len(text) * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
        spans.append(f'<tspan x="{MARGIN + column * CELL:.1f}"{look}{length}>{escape(text)}</tspan>')
    return f'<text y="{BAR + MARGIN + row * LINE}">{"".join(spans)}</text>' if spans else ""


def picture(frames, title):
    frames = [(at, frame) for at, frame in frames if frame]
    rows = max(len(frame) for _, frame in frames)
    columns = max((column + len(text) for _, frame in frames for runs in frame for column, text, _ in runs), default=0)
    width, height = 2 * MARGIN + max(columns, len(title) + 16) * CELL, BAR + 2 * MARGIN + (rows - 1) * LINE
    end = frames[-1][0]
    styles, groups = [], []
    for number, (at, frame) in enumerate(frames):
        body = "".join(line_of(runs, row) for row, runs in enumerate(frame))
        last = number == len(frames) - 1
        if last:
            styles.append(f"@keyframes f{number}{{0%{{opacity:0}}to{{opacity:1}}}}")
            timing = f"animation:f{number} 1ms {at:.2f}s backwards step-end"
        else:
            styles.append(f".f{number}{{opacity:0}}@keyframes f{number}{{0%,to{{opacity:1}}}}")
            timing = f"animation:f{number} {frames[number + 1][0] - at:.2f}s {at:.2f}s step-end"
        styles.append(f"@media(prefers-reduced-motion:no-preference){{.f{number}{{{timing}}}}}")
        groups.append(f'<g class="f{number}"{"" if last else " opacity=" + chr(34) + "0" + chr(34)}>{body}</g>')
    print(f"{len(frames)} screens over {end:.1f} s, {rows} lines", file=sys.stderr)
    dots = "".join(f'<circle cx="{MARGIN + 4 + 18 * n}" cy="{BAR / 2 + 1}" r="5" fill="{c}"/>' for n, c in enumerate(["#e06c75", "#e5c07b", "#98c379"]))
    font = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">'
        f"<title>{escape(title)}</title><style>{''.join(styles)}</style>"
        f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>{dots}'
        f'<g font-family="{font}" font-size="{SIZE}" fill="{FORE}" xml:space="preserve">'
        f'<text x="{MARGIN + 64}" y="{BAR / 2 + 6}" fill="{DIM}">{escape(title)}</text>\n'
        + "\n".join(groups)
        + "</g></svg>\n"
    )


def main():
    root = Path(__file__).resolve().parent.parent
    os.chdir(root)
    frames, code = record(sys.argv[1:] or ["cargo", "run", "-q", "--features", "cli", "--", "demo"])
    if code != 0:
        sys.exit(f"the command ended with {code}; the picture is left as it was")
    (root / "docs/demo.svg").write_text(picture(frames, "$ cargo run --features cli -- demo"))


if __name__ == "__main__":
    main()
