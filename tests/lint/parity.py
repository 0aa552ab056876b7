# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each part of each scenario is tested in every language, on the backends that it says, and each call is in one."""

import ast
import re
import sys
import unittest

from house import BUILD, SOURCE

sys.path.append(str(SOURCE / "docs" / "site"))
import scenarios  # noqa: E402

PAGE = SOURCE / "tests" / "languages" / "scenario.md"
SUPPORT = {"C": [], "Python": ["tests/python/support.py"], "JavaScript": ["tests/gjs/support.js"],
           "Vala": ["tests/vala/support.vala"]}
# A test by its name: a case, or the function of a step.
TESTS = {
    "C": r'"[^"]*\b{0}"|\b{0} \(',
    "Python": r"def {0}\(",
    "JavaScript": r"it\(['`]{0}|function {0}\(",
    "Vala": r'add\w* \("(?:[^"]*/)?{0}"|void {0} \(',
}
BOTH_JAVASCRIPT = "for (const Backend of [MemoryBackend, LocalBackend])"
WORD = re.compile(r"(?<!^)(?=[A-Z])")


def text_of(names):
    return "\n".join((SOURCE / name).read_text(encoding="utf-8") for name in names)


def is_test(language, text, name):
    return re.search(TESTS[language].format(re.escape(name)), text) is not None


def python_backends(text, name):
    """Whether the case is run with the backend of memory, and with the local one."""
    classes = {item.name: item for item in ast.parse(text).body if isinstance(item, ast.ClassDef)}

    def bases(item):
        return [item, *(each for base in item.bases if getattr(base, "id", None) in classes for each in bases(classes[base.id]))]

    def is_local(item):
        return any(isinstance(line, ast.Assign) and getattr(line.value, "id", None) == "LocalBackend"
                   for each in bases(item) for line in each.body)

    def has(item):
        return any(isinstance(line, ast.FunctionDef) and line.name == name for each in bases(item) for line in each.body)

    def runs(item):
        return any(getattr(base, "id", None) == "VckTestCase" for each in bases(item) for base in each.bases)

    return {is_local(item) for item in classes.values() if has(item) and runs(item)} == {False, True}


def javascript_backends(text, name):
    at = re.search(TESTS["JavaScript"].format(re.escape(name)), text).start()
    if text[at:].startswith("function"):
        return BOTH_JAVASCRIPT in text
    before = text.rfind(BOTH_JAVASCRIPT, 0, at)
    return before >= 0 and "\n}\n" not in text[before:at]


def vala_backends(text, name):
    if re.search(r'add\w* \("(?:[^"]*/)?' + re.escape(name), text) is None:
        return "add_both (" in text
    return re.search(r'add_both \("(?:[^"]*/)?' + re.escape(name), text) is not None


def c_backends(text, name):
    """A step is run by the cases of its program."""
    if name.startswith("step_"):
        return all(f'/{backend}"' in text for backend in ("memory", "local"))
    return re.search(rf'ADD_BOTH \("[^"]*", "{re.escape(name)}"', text) is not None


ON_BOTH = {"C": c_backends, "Python": python_backends, "JavaScript": javascript_backends, "Vala": vala_backends}


def is_called(language, text, call):
    """Whether the words of a call, or of its asynchronous form, are in a text."""
    owner, name = call.split(".")
    word = f"{name}(?:_async)?"
    if language == "C":
        return re.search(rf"\bvck_{WORD.sub('_', owner).lower()}_{word} \(", text) is not None
    if name == "new":
        return re.search(rf"\b(?:new )?Vck\.{owner}(?:\.new)? ?\(", text) is not None
    if language == "Vala":
        word = word.removeprefix("new_")
    return re.search(rf"\.{word}\b", text) is not None


class Scenarios(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.parts, cls.described = scenarios.read(PAGE)

    def each_test(self):
        """(part, language, text of its files, names of the tests) for each that has a test."""
        for part in self.parts:
            for language in scenarios.LANGUAGES:
                names = scenarios.NAMES.findall(part.tests[language])
                if names:
                    yield part, language, text_of(part.files[language]), names

    def assert_no_hits(self, hits):
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_each_part_says_how_it_is_tested(self):
        self.assertGreater(len(self.described), 40)
        self.assertEqual(self.described, [(part.scenario, part.name) for part in self.parts],
                         f"each table of parts is followed by one with '{scenarios.HEAD}'")

    def test_each_language_has_a_test_or_a_reason(self):
        self.assert_no_hits([f"{part.scenario}, {part.name}: {language} has neither a test nor a reason"
                             for part in self.parts for language, cell in part.tests.items()
                             if not scenarios.NAMES.search(cell) and len(cell.split()) < 3])

    def test_each_test_is_there(self):
        self.assert_no_hits([f"{part.scenario}, {part.name}: no '{name}' in {', '.join(part.files[language])}"
                             for part, language, text, names in self.each_test() for name in names
                             if not is_test(language, text, name)])

    def test_each_backend_is_used(self):
        self.assert_no_hits([f"{part.scenario}, {part.name}: unknown backend '{part.backend}'"
                             for part in self.parts if part.backend not in scenarios.BACKENDS])
        self.assert_no_hits([f"{part.scenario}, {part.name}: '{name}' in {language} is not run on both memory: and local:"
                             for part, language, text, names in self.each_test() if part.backend == "both"
                             for name in names if is_test(language, text, name) and not ON_BOTH[language](text, name)])

    def test_each_call_is_made(self):
        self.assert_no_hits([f"{part.scenario}, {part.name}: no {call} in {', '.join(part.files[language])}"
                             for part, language, text, _names in self.each_test() for call in part.calls
                             if not is_called(language, text + text_of(SUPPORT[language]), call)])

    def test_each_call_of_the_library_is_in_a_part(self):
        listed = {call for part in self.parts for call in part.calls}
        self.assertEqual(set(scenarios.calls_of(BUILD / "gobject" / "Vck-1.gir")), listed)
