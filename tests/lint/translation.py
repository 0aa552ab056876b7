# SPDX-License-Identifier: LGPL-2.1-or-later

"""The page for those who come from python3-libvirt speaks of calls that there are, on both sides."""

import re
import unittest

import libvirt

from house import GIR, SOURCE, gir_name, gir_namespace

PAGE = SOURCE / "docs" / "from-python-libvirt.md"
CALL = re.compile(r"\b(conn|dom|cp)\.(\w+)\b(?!\.)")
PROPERTY = re.compile(r"\b(conn|dom|cp)\.props\.(\w+)")
SIGNAL = re.compile(r"\b(conn|dom|cp)\.connect\('([\w:-]+)'")
CLASSES = {"conn": "Connection", "dom": "Domain", "cp": "Checkpoint"}
THEIRS = {"conn": libvirt.virConnect, "dom": libvirt.virDomain,
          "cp": libvirt.virDomainCheckpoint}
FROM_OUTSIDE = {"connect", "init", "props"}  # of GObject and GInitable


def rows():
    """The two columns of the table, as text."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| ---", "| python3-libvirt")):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(owner, tag):
    """What a class of ours has of a kind."""
    for element in gir_namespace().findall("class", GIR):
        if element.get("name") == CLASSES[owner]:
            return {child.get("name") for child in element.findall(tag)}
    raise KeyError(owner)


class Translation(unittest.TestCase):
    def test_there_are_rows(self):
        self.assertGreater(len(list(rows())), 25)

    def test_their_calls(self):
        missing = [f"{owner}.{name}" for theirs, _ours in rows()
                   for owner, name in CALL.findall(theirs) if not hasattr(THEIRS[owner], name)]
        self.assertEqual([], missing)

    def test_their_functions(self):
        for theirs, _ours in rows():
            for name in re.findall(r"libvirt\.(\w+)\(", theirs):
                self.assertTrue(hasattr(libvirt, name), name)
            for name in re.findall(r"\bVIR_\w+\b", theirs):
                self.assertTrue(hasattr(libvirt, name), name)

    def test_our_methods(self):
        missing = [f"{owner}.{name}" for _theirs, ours in rows()
                   for owner, name in CALL.findall(ours)
                   if name not in names(owner, gir_name("", "method")) | FROM_OUTSIDE]
        self.assertEqual([], missing)

    def test_our_properties(self):
        missing = [f"{owner}.{name}" for _theirs, ours in rows()
                   for owner, name in PROPERTY.findall(ours)
                   if name.replace("_", "-") not in names(owner, gir_name("", "property"))]
        self.assertEqual([], missing)

    def test_our_signals(self):
        missing = [f"{owner}::{name}" for _theirs, ours in rows()
                   for owner, name in SIGNAL.findall(ours)
                   if name != "notify::state"
                   and name not in names(owner, gir_name("glib", "signal"))]
        self.assertEqual([], missing)


if __name__ == "__main__":
    unittest.main()
