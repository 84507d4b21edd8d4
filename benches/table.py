#!/usr/bin/env python3
"""Makes the table of measured figures from what the benches wrote, and puts it into README.md.

    cargo bench                  # or: cargo bench -- --quick
    benches/table.py             # prints the table
    benches/table.py --write     # and puts it between <!-- figures --> and <!-- /figures -->

Two figures are counted by tests in place of benches, because what they count is not public; they are run here.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The counted instructions have a file of their own: benches/callgrind.json.
ORDER = ["poll", "decode", "many", "pacing", "cost"]
TESTS = [
    "http::tests::looking_up::a_thousand_looks",
    "board::simulation::ten_thousand_jobs",
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
            print(f"NOT THERE: the figures of the bench `{name}` (run `cargo bench`)", file=sys.stderr)
            continue
        run = json.loads(path.read_text())
        if run["quick"]:
            print(f"only a quick run: the figures of the bench `{name}`", file=sys.stderr)
        rows[name] = [(row["what"], row["figure"], row["reach"], row["verdict"], row["note"]) for row in run["rows"]]
    return rows


def rows_of_tests():
    run = subprocess.run(
        ["cargo", "test", "--quiet", "--lib", "--", "--nocapture", *TESTS],
        cwd=ROOT, capture_output=True, text=True,
    )
    if run.returncode != 0:
        sys.exit(run.stdout + run.stderr)
    # A dot for a test that has passed can stand before it.
    found = re.findall(r"\| (.*?) \| (.*?) \| (.*?) \| (.*) \|$", run.stdout, flags=re.M)
    rows = [(what, figure, reach, "reached", note) for what, figure, reach, note in found]
    if len(rows) != len(TESTS):
        sys.exit(f"{len(TESTS)} tests should have said a row each:\n{run.stdout}")
    return rows


def table(rows):
    lines = ["| what | measured | to reach | |", "|-|-|-|-|"]
    for what, figure, reach, verdict, note in rows:
        if verdict == "MISSED":
            reach = f"**{reach}: missed**"
        what = what.replace("- ", "&nbsp;&nbsp;", 1) if what.startswith("- ") else what
        lines.append(f"| {what} | {figure} | {reach} | {note} |")
    return "\n".join(lines)


def main():
    by_bench = rows_of_benches(target_folder())
    names, simulation = rows_of_tests()
    by_bench.setdefault("poll", []).append(names)
    by_bench.setdefault("many", []).append(simulation)
    text = table([row for name in ORDER for row in by_bench.get(name, [])])
    print(text)
    if "--write" not in sys.argv:
        return
    readme = ROOT / "README.md"
    before = readme.read_text()
    after, count = re.subn(
        r"(<!-- figures -->\n).*?(<!-- /figures -->)", lambda found: found[1] + text + "\n" + found[2], before, flags=re.S
    )
    if count != 1:
        sys.exit("README.md has no place for the table: <!-- figures --> and <!-- /figures -->")
    readme.write_text(after)


main()
