# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables by which a refused document is explained: made of the grammars, or not at all."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.environ["EXPLAIN_TABLES"]
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


if __name__ == "__main__":
    unittest.main()
