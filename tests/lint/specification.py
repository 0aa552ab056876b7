# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every id of a behaviour in the tests has its row in docs/internals/semantics.md."""

import re
import unittest

from house import SOURCE, shown, source_files

ID = re.compile(r"\b[BCDQTX]\d\d\b(?<!C99)")
ROW = re.compile(r"^\| ([BCDQTX]\d\d) \|", re.MULTILINE)
PAGE = SOURCE / "docs" / "internals" / "semantics.md"


class Specification(unittest.TestCase):
    def setUp(self):
        self.page = PAGE.read_text(encoding="utf-8")
        self.rows = ROW.findall(self.page)

    def test_each_row_has_an_id_of_its_own(self):
        self.assertEqual(len(set(self.rows)), len(self.rows))

    def test_each_id_in_a_test_has_a_row(self):
        tests = [path for path in source_files(".c", ".h") if shown(path).startswith("tests/core/")]
        used = {(name, shown(path)) for path in tests
                for name in ID.findall(path.read_text(encoding="utf-8"))}
        self.assertTrue(used)
        self.assertEqual([], sorted(hit for hit in used if hit[0] not in self.rows))

    def test_each_id_on_the_page_has_a_row(self):
        self.assertEqual(set(), set(ID.findall(self.page)) - set(self.rows))
