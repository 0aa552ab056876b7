# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the pages for developers name is there: files, folders and links to other pages."""

import re
import unittest

from house import SOURCE, shown, source_files

PAGES = [SOURCE / "CONTRIBUTING.md", SOURCE / "README.md", SOURCE / "SECURITY.md", SOURCE / "tests/languages/scenario.md",
         *sorted((SOURCE / "docs" / "internals").glob("*.md")), *sorted(SOURCE.glob("*/README.md"))]
FILE = re.compile(r"`([\w./-]+\.(?:[chs]|py|js|vala|md\.in))`")
FOLDER = re.compile(r"`((?:core|docs|gir|gobject|tests|examples)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
# Made when building.
BUILT = ("vck-version.h", "vck-enums.c", "vck-call.h", "vck-call.c", "vck-pool.h", "vck-pool.c")
# Such as NAME in core/drivers/NAME.
PLACEHOLDER = re.compile(r"[A-Z]{4}")


class Pages(unittest.TestCase):
    def search(self, pattern, is_there):
        hits = [f"{shown(page)}: {name}" for page in PAGES
                for name in pattern.findall(page.read_text(encoding="utf-8"))
                if not PLACEHOLDER.search(name) and not name.endswith(BUILT) and not is_there(page, name)]
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_files(self):
        files = ["/" + shown(path) for path in source_files()]
        self.search(FILE, lambda _page, name: any(path.endswith("/" + name) for path in files))

    def test_folders(self):
        self.search(FOLDER, lambda _page, name: (SOURCE / name).exists())

    def test_links(self):
        self.search(LINK, lambda page, name: (page.parent / name).exists())
