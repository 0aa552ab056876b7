# SPDX-License-Identifier: LGPL-2.1-or-later

"""The pages written by hand, as every reader finds them: listed beside each page, and in the search index."""

import collections
import html
import html.parser
import json
import re

WORD = re.compile(r"\b[A-Za-z][A-Za-z_]{2,}\b")
# How many sections the search shows for one word.
SECTIONS = 3
SNIPPET = 100
# Elements whose text stands apart from what is before it.
BLOCKS = ("dd", "dt", "h3", "li", "p", "td", "th")
COMMON = frozenset("""
about above after again all also and another any are because been before being below between both but can cannot did does done
each either else even every few first for from gets give given gives goes has have her here his how into its itself itself
just keep last later less like made make makes many may more most much must need needs neither never new next nor not nothing
now off once one only other others otherwise our out over own same second see seen several shall she should since some
still such take takes than that the their them then there therefore these they this those three through too two under
until use used uses very was way were what when where whether which while who why will with within without would yet you your
""".split())


class Section:
    def __init__(self, page, anchor, title):
        self.href = f"{page}#{anchor}" if anchor else page
        self.title = title
        self.text = ""


class Reader(html.parser.HTMLParser):
    """The title of a page and its sections, with their titles and their text; programs are left out."""

    def __init__(self, name):
        super().__init__()
        self.name = name
        self.sections = []
        self.inside = False
        self.heading = False
        self.programs = 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if attributes.get("id") in ("search", "toc"):
            self.inside = False
        elif tag == "h1" or (tag == "h2" and self.inside):
            self.inside = self.heading = True
            anchor = attributes.get("id") if tag == "h2" else None
            self.sections.append(Section(self.name, anchor, ""))
        elif tag == "pre":
            self.programs += 1
        elif self.sections and tag in BLOCKS:
            self.sections[-1].text += " "

    def handle_endtag(self, tag):
        if tag in ("h1", "h2"):
            self.heading = False
        elif tag == "pre":
            self.programs -= 1

    def handle_data(self, data):
        if not self.inside or self.programs > 0:
            return
        if self.heading:
            self.sections[-1].title += data
        else:
            self.sections[-1].text += data


class Page:
    def __init__(self, folder, name):
        reader = Reader(name)
        reader.feed((folder / name).read_text(encoding="utf-8"))
        self.name = name
        self.sections = reader.sections
        self.title = reader.sections[0].title


def snippet(text, word):
    """The words around the first time that a word is used."""
    text = " ".join(text.split())
    at = re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE).start()
    start = text.rfind(" ", 0, max(0, at - SNIPPET // 2)) + 1
    end = text.find(" ", at + SNIPPET // 2)
    return ("… " if start > 0 else "") + (text[start:] if end < 0 else f"{text[start:end]} …")


def index_entry(name, page, section, text):
    where = page.title if section is page.sections[0] else f"{page.title}, {section.title}"
    return {"type": "content", "name": html.escape(name), "href": section.href,
            "summary": html.escape(f"{where}: {text}")}


def headings(pages):
    for page in pages:
        for section in page.sections:
            text = " ".join(section.text.split())[:SNIPPET].rpartition(" ")[0]
            yield index_entry(section.title, page, section, f"{text} …")


def words(pages):
    """For each word, the sections that use it most."""
    uses = collections.defaultdict(collections.Counter)
    sections = [(page, section) for page in pages for section in page.sections]
    for number, (_page, section) in enumerate(sections):
        for word in WORD.findall(section.text):
            if word.lower() not in COMMON:
                uses[word.lower()][number] += 1
    for word, counted in sorted(uses.items()):
        for number, _count in counted.most_common(SECTIONS):
            page, section = sections[number]
            yield index_entry(word, page, section, snippet(section.text, word))


def add_to_search(folder, pages):
    """Puts headings and words into the index of gi-docgen, which has only the names of symbols."""
    path = folder / "index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    index["symbols"] += [*headings(pages), *words(pages)]
    path.write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


def sidebar(pages, current):
    def line(page):
        mark = ' class="current"' if page.name == current else ""
        return f'<a href="{page.name}"{mark}>{html.escape(page.title)}</a>\n'

    return ('<div class="section">\n<h5>Pages</h5>\n<div class="links">\n'
            f'{"".join(map(line, pages))}</div>\n</div>\n')
