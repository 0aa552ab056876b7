# SPDX-License-Identifier: LGPL-2.1-or-later

"""What each call is tested with: read from tests/languages/scenario.md, and made a page of the reference.

    scenarios.py GIR SCENARIOS PAGE
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

LANGUAGES = {"C": ".c", "Python": ".py", "JavaScript": ".js", "Vala": ".vala"}
FILE = re.compile(r"`(tests/[\w./-]+)`")
NAMES = re.compile(r"`([^`]+)`")
HEAD = "| part | on | calls | C | Python | JavaScript | Vala |"
BACKENDS = {"both": "`memory:` and `local:`", "memory": "`memory:`", "local": "`local:`"}
SPACES = {"": "http://www.gtk.org/introspection/core/1.0"}
LINKS = {"method": "method", "function": "func", "constructor": "ctor"}
# Reading a property is not a call; a second half is one with the first.
READERS = ("get_", "is_", "set_")
HALVES = ("_async", "_finish")

Part = collections.namedtuple("Part", "scenario name backend calls tests files")


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows_after(lines, at):
    """The rows of the table whose head is that line."""
    for line in lines[at + 2:]:
        if not line.startswith("|"):
            return
        yield cells(line)


def files_of(text):
    """The files that a text names, by language."""
    named = FILE.findall(text)
    return {language: [name for name in named if name.endswith(suffix)] for language, suffix in LANGUAGES.items()}


def read(path):
    """Each part of each scenario, with its tests; and the names of the parts that are described, in order."""
    parts, described = [], []
    lines = path.read_text(encoding="utf-8").splitlines()
    scenario, prose = None, []
    for at, line in enumerate(lines):
        if line.startswith("# "):
            scenario, prose = line[2:], []
        elif line.startswith(("| part | what", "| # | step | what")):
            described += [(scenario, row[-2]) for row in rows_after(lines, at)]
        elif line == HEAD:
            files = files_of("\n".join(prose))
            prose = []
            for name, backend, calls, *tests in rows_after(lines, at):
                calls = [] if calls == "-" else calls.split(", ")
                parts.append(Part(scenario, name, backend, calls, dict(zip(LANGUAGES, tests)), files))
        elif not line.startswith("|"):
            prose.append(line)
    return parts, described


def is_call(method, properties):
    name = method.get("name")
    if method.get("introspectable") == "0" or name.endswith(HALVES):
        return False
    return not any(name in (prefix + each, each) for each in properties for prefix in READERS)


def calls_of(gir):
    """Each call of the library that is more than reading or writing a property: {"Domain.rename": "method"}."""
    namespace = ET.parse(gir).getroot().find("namespace", SPACES)
    found = {}
    for owner in namespace.findall("class", SPACES):
        properties = [each.get("name").replace("-", "_") for each in owner.findall("property", SPACES)]
        for kind, link in LINKS.items():
            for method in owner.findall(kind, SPACES):
                if is_call(method, properties):
                    found[f"{owner.get('name')}.{method.get('name')}"] = link
    return found


def backends_of(parts):
    names = {part.backend for part in parts}
    return BACKENDS["both" if len(names) > 1 else names.pop()]


def tested(parts, language):
    return "✓" if all(NAMES.search(part.tests[language]) for part in parts) else "–"


def page(gir, scenarios):
    parts, _described = read(scenarios)
    lines = ["Title: What is tested in each language", "Slug: tested-calls", "",
             "# What is tested in each language", "",
             "The same scenarios run in C, Python, JavaScript and Vala, so that no language falls behind. This table is made of",
             "their list, and a test compares that with what there is.", "",
             f"| Call | On | {' | '.join(LANGUAGES)} |", f"| --- | --- | {' | '.join('---' for _ in LANGUAGES)} |"]
    for call, link in sorted(calls_of(gir).items()):
        those = [part for part in parts if call in part.calls]
        if those:
            marks = " | ".join(tested(those, language) for language in LANGUAGES)
            lines.append(f"| [{link}@Vck.{call}] | {backends_of(those)} | {marks} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    gir, scenarios, output = map(pathlib.Path, sys.argv[1:])
    output.write_text(page(gir, scenarios), encoding="utf-8")
