#!/usr/bin/env python3
"""Makes the table of measured figures from the rows that the benches wrote.

    cargo bench                  # or: cargo bench -- --quick
    benches/table.py             # prints the table
    benches/table.py --write     # writes it to docs/benchmarks.md, and five rows of it to README.md

In both files the table is between <!-- figures --> and <!-- /figures -->.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The counted instructions have a file of their own: benches/callgrind.json.
ORDER = ["poll", "decode", "many", "pacing", "cost"]
README_ROWS = [
    "one poll with its decode and all bounds, kept connection",
    "10000 jobs of 1 to 19 polls: polls per second",
    "crates in the default build, this one included",
    "cold release build, processor time",
    "stripped release binary of the example program",
]


def target_folder():
    text = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout
    return pathlib.Path(json.loads(text)["target_directory"])


def rows_of_benches(folder):
    rows = {}
    for name in ORDER:
        path = folder / "tmp" / "rows" / f"{name}.json"
        if not path.is_file():
            print(f"MISSING: no rows of the bench `{name}` (run `cargo bench`)", file=sys.stderr)
            continue
        run = json.loads(path.read_text())
        if run["quick"]:
            print(f"the rows of the bench `{name}` are from a quick run", file=sys.stderr)
        rows[name] = [(row["what"], row["figure"], row["reach"], row["verdict"], row["note"]) for row in run["rows"]]
    return rows


def table(rows, headings):
    lines = ["| " + " | ".join(headings) + " |", "|" + "-|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def full_table(rows):
    cells = []
    for what, figure, target, verdict, note in rows:
        if verdict == "MISSED":
            target += " (not met)"
        what = what.replace("- ", "&nbsp;&nbsp;", 1) if what.startswith("- ") else what
        cells.append((what, figure, target, note))
    return table(cells, ["what", "measured", "target", ""])


def short_table(rows):
    by_name = {what: (what, figure, note) for what, figure, _, _, note in rows}
    missing = [name for name in README_ROWS if name not in by_name]
    if missing:
        sys.exit(f"these rows of README.md were not measured: {missing}")
    return table([by_name[name] for name in README_ROWS], ["what", "measured", ""])


def write(name, text):
    path = ROOT / name
    after, count = re.subn(
        r"(<!-- figures -->\n).*?(<!-- /figures -->)", lambda found: found[1] + text + found[2], path.read_text(), flags=re.S
    )
    if count != 1:
        sys.exit(f"{name} has no place for the table: <!-- figures --> and <!-- /figures -->")
    path.write_text(after)


def main():
    by_bench = rows_of_benches(target_folder())
    rows = [row for name in ORDER for row in by_bench.get(name, [])]
    print(full_table(rows))
    if "--write" in sys.argv:
        write("docs/benchmarks.md", f"Measured on {datetime.date.today()}.\n\n" + full_table(rows))
        write("README.md", short_table(rows))


main()
