# SPDX-License-Identifier: LGPL-2.1-or-later

"""Makes the API reference with gi-docgen, and adds to it what gi-docgen does not have.

That is: the list of pages beside every page, their words in the search, and how each method is called in Python,
JavaScript and Vala.

    make.py OUTPUT CONFIG [--python FILE] [--javascript FILE] [--vala FILE] -- COMMAND [ARGUMENT]...
"""

import argparse
import html
import pathlib
import re
import subprocess
import sys
import tomllib

import languages
import pages

MADE = '<div class="section generator">'
DESCRIPTION = '<div class="description toggle-wrapper">'
METHOD = re.compile(r"^(?:method|type_func|ctor)\.(\w+)\.(\w+)\.html$")
# gi-docgen prints them without a link if the library has none.
NO_LINK = re.compile(r'\n *<tr><td><em>(?:Website|Source)</em></td><td><a href="" class="external"></a></td></tr>')
STYLE = """
/* Vck: calls in other languages, and tables whose names stay in one piece and which a narrow window scrolls. */
.other-languages pre { white-space: pre-wrap; }
.docblock pre, .docblock table, table.enum-members { display: block; overflow-x: auto; }
.docblock td:first-child > code { white-space: nowrap; }
th code, td code { word-break: normal; overflow-wrap: normal; }
"""


def insert_before(text, mark, added, name):
    """Puts a part in front of another one, which a newer gi-docgen may call otherwise."""
    if mark not in text:
        sys.exit(f"{name}: '{mark}' is not in what gi-docgen has made")
    return text.replace(mark, added + mark, 1)


def other_languages(calls):
    rows = "".join(f"<h5>{language}</h5>\n<pre><code>{html.escape(call, quote=False)}</code></pre>\n"
                   for language, call in calls)
    return ('<div class="other-languages toggle-wrapper">\n<h4 id="other-languages">Other languages'
            '<a class="anchor" href="#other-languages"></a></h4>\n'
            f'<div class="docblock">\n{rows}</div>\n</div>\n\n    ')


def add_to_pages(folder, listed, tables):
    for path in sorted(folder.glob("*.html")):
        text = NO_LINK.sub("", path.read_text(encoding="utf-8"))
        text = insert_before(text, MADE, pages.sidebar(listed, path.name), path.name)
        if method := METHOD.match(path.name):
            calls = [(language, table[method.groups()]) for language, table in tables if method.groups() in table]
            if calls:
                text = insert_before(text, DESCRIPTION, other_languages(calls), path.name)
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("config", type=pathlib.Path)
    for language, _read in languages.READERS:
        parser.add_argument(f"--{language.lower()}", type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    subprocess.run(options.command, check=True)
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    listed = [pages.Page(options.output, name.replace(".md", ".html")) for name in config["extra"]["content_files"]]
    files = [(language, read, getattr(options, language.lower())) for language, read in languages.READERS]
    tables = [(language, read(path.read_text(encoding="utf-8"))) for language, read, path in files if path]
    add_to_pages(options.output, listed, tables)
    pages.add_to_search(options.output, listed)
    with open(options.output / "style.css", "a", encoding="utf-8") as style:
        style.write(STYLE)


if __name__ == "__main__":
    main()
