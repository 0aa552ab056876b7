# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every public symbol has a documentation and says since when it is there."""

import os
import unittest

from house import BUILD, GIR, gir_name, gir_namespace, run

SYMBOLS = [gir_name("", tag) for tag in (
    "alias", "bitfield", "callback", "class", "constant", "constructor", "enumeration", "function",
    "function-macro", "interface", "member", "method", "property", "record", "union")]
SYMBOLS.append(gir_name("glib", "signal"))


def label(element, parents):
    return ".".join(parents + [element.get("name", "?")])


def walk(element, parents):
    """Every named element with the names of those around it; nothing inside signatures."""
    for child in element:
        if child.get("name") is None or child.tag == gir_name("", "parameters"):
            continue
        yield child, parents
        yield from walk(child, parents + [child.get("name")])


def is_symbol(element):
    """Class structures belong to the type system, not to the API."""
    return element.tag in SYMBOLS and not element.get(gir_name("glib", "is-gtype-struct-for"))


class Reference(unittest.TestCase):
    def symbols(self):
        return [(element, label(element, parents))
                for element, parents in walk(gir_namespace(), ["Vck"]) if is_symbol(element)]

    def test_every_symbol_is_documented(self):
        symbols = self.symbols()
        self.assertTrue(symbols)
        self.assertEqual([], [name for element, name in symbols
                              if element.find("doc", GIR) is None])

    def test_every_symbol_has_a_since(self):
        self.assertEqual([], [name for element, name in self.symbols()
                              if element.tag != gir_name("", "member")
                              and element.get("version") is None])

    def test_gi_docgen_finds_nothing_undocumented(self):
        run("gi-docgen", "check", "--config", BUILD / "docs" / "vck.toml",
            BUILD / "gobject" / "Vck-1.gir", env=dict(os.environ, PYTHONWARNINGS="ignore"))

    def test_core_names_are_translated(self):
        """No name of the core shows in the documentation of the library."""
        self.assertEqual([], [name for element, name in self.symbols()
                              if "vckc" in (element.findtext("doc", "", GIR) or "").lower()])
