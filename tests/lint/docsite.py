# SPDX-License-Identifier: LGPL-2.1-or-later

"""The site of the API reference: pages that find each other, words that are found, links that lead somewhere."""

import html.parser
import json
import re
import tomllib
import unittest

from house import BUILD, GIR, SOURCE, gir_namespace

SITE = BUILD / "docs" / "vck-1"
LANGUAGES = ("Python", "JavaScript", "Vala")
# The search knows these words, which are no names of the API alone, as do these pages.
WORDS = {
    "bitmap": "verify-and-repair.html",
    "busy": "errors.html",
    "thread": "threads.html",
    "fork": "threads.html",
    "quiesce": "running-domains.html",
}
ROW = re.compile(r"^\| `([A-Z_]+)` \| `(\w+)` \|", re.MULTILINE)


class Page(html.parser.HTMLParser):
    """The anchors and links of a page, and its text outside programs and names."""

    def __init__(self, path):
        super().__init__()
        self.anchors = set()
        self.links = []
        self.images = []
        self.text = ""
        self.code = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes["src"])
        if tag in ("code", "pre", "script"):
            self.code += 1

    def handle_endtag(self, tag):
        if tag in ("code", "pre", "script"):
            self.code -= 1

    def handle_data(self, data):
        if self.code == 0:
            self.text += data


def names_of_pages():
    config = tomllib.loads((BUILD / "docs" / "vck.toml").read_text(encoding="utf-8"))
    return [name.replace(".md", ".html") for name in config["extra"]["content_files"]]


def exception_names():
    """The table of the Python module, which cannot be imported without the library."""
    path = SOURCE / "gobject" / "python" / "gi" / "overrides" / "_vck_errors.py"
    table = re.search(r"^_NAMES = (\{.*?^\})", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[1]
    return dict(re.findall(r"'(\w+)': '(\w+)'", table))


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pages = {path.name: Page(path) for path in SITE.glob("*.html")}

    def test_every_page_lists_the_pages(self):
        for name, page in self.pages.items():
            self.assertEqual([], [other for other in names_of_pages() if other not in page.links], name)

    def test_links(self):
        dead = []
        for name, page in self.pages.items():
            for link in page.links + page.images:
                target, _, anchor = link.partition("#")
                if re.match(r"\w+:", target):
                    continue
                if target and target not in self.pages:
                    found = (SITE / target).is_file()
                else:
                    found = not anchor or anchor in self.pages[target or name].anchors
                if not found:
                    dead.append(f"{name}: {link}")
        self.assertEqual([], dead, "\n".join(dead))

    def test_no_marks_of_markdown_are_left(self):
        """Such as a name with an @, which gi-docgen takes for an argument."""
        self.assertEqual([], [name for name in names_of_pages() if "`" in self.pages[name].text])

    def test_words_are_found(self):
        found = json.loads((SITE / "index.json").read_text(encoding="utf-8"))["symbols"]
        content = [entry for entry in found if entry["type"] == "content"]
        for entry in content:
            target, _, anchor = entry["href"].partition("#")
            self.assertTrue(not anchor or anchor in self.pages[target].anchors, entry)
        for word, page in WORDS.items():
            hits = [entry["href"].partition("#")[0] for entry in content if entry["name"].lower() == word]
            self.assertIn(page, hits, word)

    def test_calls_in_other_languages(self):
        """Of every method that is more than the second half of an asynchronous call."""
        methods = [f"method.{owner.get('name')}.{method.get('name')}.html"
                   for tag in ("class", "record") for owner in gir_namespace().findall(tag, GIR)
                   for method in owner.findall("method", GIR) if method.get("introspectable") != "0"]
        self.assertGreater(len(methods), 100)
        missing = [f"{name}: {language}" for name in methods if not name.endswith("_finish.html")
                   for language in LANGUAGES
                   if f"<h5>{language}</h5>" not in (SITE / name).read_text(encoding="utf-8")]
        self.assertEqual([], missing, "\n".join(missing))

    def test_every_code_is_on_the_page_of_errors(self):
        rows = ROW.findall((SOURCE / "docs" / "errors.md").read_text(encoding="utf-8"))
        self.assertEqual(sorted(exception_names().items()), sorted(rows))

