# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables by which a refused document is explained, and those of the documentation: made of the grammars, or not at all."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.environ["EXPLAIN_TABLES"]
PAGE_SCRIPT = os.environ["PAGE_TABLES"]
SCHEMAS = pathlib.Path(os.environ["SCHEMAS"])

GRAMMAR = """<grammar xmlns="http://relaxng.org/ns/structure/1.0" xmlns:vck="urn:vck:grammar:1"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="x">{}</element></start>
  <define name="digits"{}><data type="{}"><param name="pattern">[0-9]+</param></data></define>
</grammar>
"""


def run(grammars):
    """(the tables or None, what went wrong) of grammars given as {file name: text}."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in grammars.items():
            paths.append(pathlib.Path(folder, name))
            paths[-1].write_text(text, encoding="utf-8")
        output = pathlib.Path(folder, "rules.c")
        result = subprocess.run([sys.executable, SCRIPT, output, *paths], capture_output=True, text=True)
        return output.read_text(encoding="utf-8") if result.returncode == 0 else None, result.stderr


def run_page(grammars, page="@x@\n"):
    """(the page or None, what went wrong) of grammars given as {file name: text}."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("page.md", *grammars)]
        for path, text in zip(paths, [page, *grammars.values()]):
            path.write_text(text, encoding="utf-8")
        result = subprocess.run([sys.executable, PAGE_SCRIPT, *paths], capture_output=True, text=True)
        return result.stdout if result.returncode == 0 else None, result.stderr


def page(content):
    return run_page({"x.rng": GRAMMAR.format(content, ' vck:hint="digits"', "string")})


def tables(content, hint=' vck:hint="digits"', kind="string"):
    return run({"x.rng": GRAMMAR.format(content, hint, kind)})


def grammars_of_the_library():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(SCHEMAS.glob("*.rng"))}


class Tables(unittest.TestCase):
    def assert_refused(self, content, message, **changes):
        text, error = tables(content, **changes)
        self.assertIsNone(text)
        self.assertRegex(error, r"^explain-tables\.py: \S+/x\.rng: ")
        self.assertIn(message, error)
        self.assertNotIn("Traceback", error)

    def test_a_value_without_a_hint_is_refused(self):
        self.assert_refused('<attribute name="a"><ref name="digits"/></attribute>',
                            "element 'x': attribute 'a': a value has no hint", hint="")
        self.assert_refused('<ref name="digits"/>', "element 'x': a value has no hint", hint="")

    def test_every_hint_of_the_library_says_something(self):
        grammars = grammars_of_the_library()
        made, _ = run(grammars)
        self.assertIsNotNone(made)
        n_hints = 0
        for name, text in grammars.items():
            for hint in re.finditer(r'\s+vck:hint="[^"]*"', text):
                n_hints += 1
                less = text[:hint.start()] + text[hint.end():]
                changed, _ = run(grammars | {name: less})
                self.assertFalse(changed == made, f"{name}: {hint.group(0).strip()} says nothing")
        self.assertGreater(n_hints, 5)

    def test_the_outermost_hint_counts(self):
        text, _ = tables('<attribute name="a" vck:hint="my digits"><ref name="digits"/></attribute>')
        self.assertIn('"my digits"', text)
        self.assertNotIn('"digits"', text)

    def test_listed_values_need_no_hint(self):
        values = "".join(f'<value type="string">{value}</value>' for value in ("a", "b", "c.d"))
        text, _ = tables(f"<choice>{values}</choice>")
        self.assertIn("\"'a', 'b' or 'c.d'\"", text)
        self.assertIn(r'"^(?:a|b|c\\.d)$"', text)

    def test_a_number_has_the_range_of_its_type(self):
        for kind, maximum in (("unsignedShort", 65535), ("unsignedInt", 4294967295), ("string", 0)):
            self.assertIn(f"{maximum}u }}", tables('<ref name="digits"/>', kind=kind)[0])
        self.assert_refused('<ref name="digits"/>', "type 'byte'", kind="byte")

    def test_a_choice_gives_one_form_each(self):
        text, _ = tables("""<choice>
            <attribute name="a"><value type="string">1</value></attribute>
            <group><attribute name="a"><value type="string">2</value></attribute>
              <optional><element name="y"><empty/></element></optional></group>
          </choice>""")
        rule = re.search(r'VckcXmlRule \S+ = \{ "x".* forms_\d+, 2, ', text)
        self.assertIsNotNone(rule, text)
        self.assertIn("\"'1' or '2'\"", text)

    def test_what_an_element_may_have_elsewhere_is_noted(self):
        form = """<group><attribute name="a"><value type="string">{}</value></attribute>
              <element name="y"><attribute name="{}"><text/></attribute></element></group>"""
        text, _ = tables("<choice>" + form.format("1", "b") + form.format("2", "c") + "</choice>")
        self.assertIn("""{ "c", NULL, NULL, 0, 0, "a='2'" }""", text)
        self.assertIn("""{ "b", NULL, NULL, 0, 0, "a='1'" }""", text)

    def test_what_cannot_be_a_table_is_refused(self):
        for content, message in {
                "<list><text/></list>": "<list> is not handled",
                '<element name="y"><empty/></element><element name="y"><text/></element>': "'y' is there twice",
                '<data type="string" vck:hint="a"/>': "not exactly one pattern"}.items():
            self.assert_refused(content, message)

    def test_endless_grammars_are_refused(self):
        text, error = run({"x.rng": GRAMMAR.format('<ref name="y"/>', "", "string").replace(
            "<define", '<define name="y"><element name="y"><optional><ref name="y"/></optional></element></define>'
            "<define")})
        self.assertIsNone(text)
        self.assertIn("'y' may contain itself", error)


class PageTables(unittest.TestCase):
    def assert_rows(self, content, *rows):
        text, error = page(content)
        self.assertIsNotNone(text, error)
        self.assertEqual(list(rows), text.splitlines()[2:])

    def test_an_element_or_attribute_says_what_it_means(self):
        for content, path in {'<attribute name="a"><text/></attribute>': "a=",
                              '<element name="y"><empty/></element>': "y"}.items():
            text, error = page(content)
            self.assertIsNone(text)
            self.assertEqual(f"page-tables.py: x: '{path}' has no doc that says what it means\n", error)

    def test_a_grammar_that_the_page_does_not_name_is_an_error(self):
        text, error = run_page({"x.rng": GRAMMAR.format("<empty/>", ' vck:hint="digits"', "string")}, "nothing\n")
        self.assertIsNone(text)
        self.assertRegex(error, r"^page-tables\.py: \S+/page\.md has no line '@x@'$")

    def test_rows(self):
        self.assert_rows(
            """<optional><attribute name="a" vck:doc="first"><ref name="digits"/></attribute></optional>
            <element name="y" vck:doc="second"><vck:reads name="@c" doc="third"/><text/></element>
            <oneOrMore><element name="z" vck:doc="fourth"><empty/></element></oneOrMore>""",
            "| `a=` | no | First (digits). |", "| `y` | yes | Second. |", "| `y c=` | no | Third. |",
            "| `z` | one or more | Fourth. |")

    def test_what_depends_on_an_attribute(self):
        self.assert_rows(
            """<choice>
              <group><optional><attribute name="a" vck:doc="which"><value type="string">1</value></attribute></optional>
                <attribute name="b" vck:doc="if 1"><text/></attribute></group>
              <group><attribute name="a"><value type="string">2</value></attribute>
                <optional><element name="y" vck:doc="if 2"><empty/></element></optional></group>
            </choice>""",
            "| `a=` | no | Which (`1` or `2`). |", "| `b=` | yes | If 1. Only if `a` is `1` or left out. |",
            "| `y` | no | If 2. Only if `a` is `2`. |")

    def test_every_name_of_the_library_has_a_row(self):
        grammars = grammars_of_the_library()
        names = [name.removesuffix(".rng") for name in grammars]
        text, error = run_page(grammars, "".join(f"@{name}@\n" for name in names))
        self.assertIsNotNone(text, error)
        rows = set(re.findall(r"^\| `(?:\S*[/ ])?(\w+=?)`", text, re.MULTILINE))
        known = {name + ("=" if kind == "attribute" else "") for grammar in grammars.values()
                 for kind, name in re.findall(r'<(element|attribute)\s+name="(\w+)"', grammar)}
        self.assertGreater(len(known), 40)
        self.assertEqual(set(), known - rows - set(names))

    def test_what_the_grammar_leaves_open_is_read_as_said(self):
        sources = "".join(path.read_text(encoding="utf-8")
                          for path in SCHEMAS.parents[1].glob("model/domain-*.c"))
        names = [name for text in grammars_of_the_library().values()
                 for name in re.findall(r'<vck:reads name="(?:[^"]*/)?@?(\w+)"', text)]
        self.assertGreater(len(names), 5)
        self.assertEqual([], [name for name in names if f'"{name}"' not in sources])


if __name__ == "__main__":
    unittest.main()
