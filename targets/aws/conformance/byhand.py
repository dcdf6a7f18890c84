#!/usr/bin/env python3
"""Compares the shop's template with the one written by hand in docs/aws-template.md: byhand.py BUILD_FOLDER

Both are translated as a deployment would, and judged. Each difference must be in the page's table, and each row of the table must be
a difference: what the page says of fnc's template stays true.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

import compare
from check import judge
from samtranslator.yaml_helper import yaml_parse

PAGE = Path(__file__).resolve().parents[3] / "docs" / "aws-template.md"


def flat(leaves):
    """Returns the values by path: a list is all its values, whatever their number."""
    made = {}
    for path, value in leaves.items():
        made.setdefault(re.sub(r"\[\d+\]", "", path), []).append(str(value))
    return made


def differences(by_hand, ours):
    """Yields what differs as `Type path`, an action of a role as `right ACTION`."""
    theirs, wide = compare.described(*by_hand, ignored=None)
    own, narrow = compare.described(*ours, ignored=None)
    yield from (f"right {it}" for it in sorted(wide ^ narrow))
    pairs, free = compare.paired(theirs, own)
    yield from (it[1] for it in free)
    for id, kind, leaves in theirs:
        if id not in pairs:
            yield kind
            continue
        one, other = flat(leaves), flat(pairs[id][2])
        for path in one.keys() | other.keys():
            if sorted(one.get(path, [])) != sorted(other.get(path, [])):
                yield f"{kind} {path}"


def rows(page):
    """Returns what the first cells of the table name, each in code."""
    _, _, section = page.partition("\n## What fnc writes otherwise\n")
    table, _, _ = section.partition("\n## ")
    cells = [it.split("|")[1] for it in table.splitlines() if it.startswith("| `")]
    return [name for it in cells for name in re.findall(r"`([^`]+)`", it)]


def covers(row, difference):
    """A row is a resource's type, a path of it, or a path of any resource; what is below it too."""
    _, _, path = difference.partition(" ")
    return any(it == row or it.startswith(f"{row}.") for it in (difference, path)) or difference == row


def findings(by_hand, ours, named):
    """Returns the differences that no row names, and the rows that name none."""
    told = sorted(set(differences(by_hand, ours)))
    found = [f"{it}: not in the table" for it in told if not any(covers(row, it) for row in named)]
    return found + [f"{row}: in the table, but no difference" for row in named if not any(covers(row, it) for it in told)], len(told)


def main():
    if not sys.argv[1:]:
        sys.exit(__doc__)
    page = PAGE.read_text("utf-8")
    text = page.partition("\n```yaml\n")[2].partition("\n```")[0]
    _, wrong = judge(json.loads(json.dumps(yaml_parse(text), default=str)))
    for it in wrong:
        print(f"FAIL by hand: {it}")
    named = rows(page)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.yaml"
        file.write_text(text, "utf-8")
        by_hand = compare.resources(file)
    ours = compare.resources(Path(sys.argv[1]) / "template.yaml")
    found, told = findings(by_hand, ours, named)
    for it in found:
        print(f"FAIL {it}")
    # A row too many and a row too few must be told.
    planted = [findings(by_hand, ours, [*named, "AWS::SQS::Queue Nothing"])[0], findings(by_hand, ours, named[1:])[0]]
    if not found and not all(planted):
        found.append("planted")
        print("FAIL a table that is wrong went unnoticed")
    print(f"{told} differences between the shop's template and one by hand, {len(named)} named, {len(found) + len(wrong)} findings")
    return 1 if found or wrong or not told else 0


if __name__ == "__main__":
    sys.exit(main())
