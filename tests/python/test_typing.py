# SPDX-License-Identifier: LGPL-2.1-or-later

"""The typed stubs say what is there, all of it and nothing else, and mypy takes and refuses the right code."""

import ast
import inspect
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import gi

gi.require_version('Vck', '1')
from gi.repository import GObject, Vck
import gi.overrides.Vck as override

HERE = pathlib.Path(__file__).parent / 'typing'
STUB = pathlib.Path(override.__file__).with_name('Vck.pyi')
# Of all GObjects, of all modules, or made by PyGObject for what no program calls.
NOT_TYPED = {'__gtype__', '__info__', '__module__', '__doc__', '__qualname__', '__init__', '__repr__', '__str__',
             '__dict__', '__weakref__', '_attributes', '__new__', '__gdoc__', '__gtype_name__', '__or__', '__and__',
             '__xor__', '__slots__', '__del__', '__hash__', '__class_getitem__', 'free',
             '__gsignals__', '__gproperties__'}


def is_public(name):
    return name not in NOT_TYPED and (not name.startswith('_') or name.startswith('__'))


def read_stub():
    """The classes of the stub as {name: {member: definitions}}, and the other names."""
    classes, others = {}, {}
    for node in ast.parse(STUB.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.ClassDef):
            members = {}
            for each in node.body:
                if isinstance(each, ast.AnnAssign):
                    members.setdefault(each.target.id, []).append(each)
                elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    members.setdefault(each.name, []).append(each)
            classes[node.name] = members
        elif isinstance(node, ast.FunctionDef):
            others[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            others[node.target.id] = node
    return classes, others


def own_members(item):
    """What a class of Vck defines, with what the class of the typelib below it does."""
    if issubclass(item, Exception):
        return vars(item)
    found = {}
    for klass in reversed(item.__mro__):
        if klass.__module__ in ('gi.repository.Vck', 'gi.overrides.Vck', 'gi.overrides._vck_await'):
            found.update(vars(klass))
    if issubclass(item, GObject.GBoxed):
        found['copy'] = item.copy
    if issubclass(item, (GObject.GEnum, GObject.GFlags)):
        members = {name: value for name, value in found.items() if isinstance(value, item)}
        return {**members, **{name: value for name, value in found.items() if inspect.isroutine(value)}}
    return found


def parameters_of_stub(definition):
    """[(name, has a default)], without self."""
    arguments = definition.args
    plain = [each.arg for each in arguments.args]
    defaults = [False] * (len(plain) - len(arguments.defaults)) + [True] * len(arguments.defaults)
    rows = list(zip(plain, defaults))
    rows += [(each.arg, value is not None) for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    return [row for row in rows if row[0] != 'self']


def parameters_of(member):
    """The same of what is there; None if it cannot be known."""
    member = getattr(member, '__func__', member)
    if hasattr(member, 'get_arguments'):
        return [(each.get_name(), False) for each in member.get_arguments()]
    if not inspect.isfunction(member):
        return None
    parameters = inspect.signature(member).parameters
    hidden = ('self', 'callback', 'user_data') if 'user_data' in parameters else ('self',)
    rows = [
        (name, each.default is not inspect.Parameter.empty)
        for name, each in parameters.items()
        if name not in hidden
    ]
    return None if 'exception' in parameters or 'properties' in parameters else rows


class TestStub(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.classes, cls.others = read_stub()
        cls.items = {
            name: getattr(Vck, name)
            for name in dir(Vck)
            if not name.startswith('_') and not (name.endswith('Class') and name[:-5] in dir(Vck))
        }
        cls.there = {name: item for name, item in cls.items.items() if isinstance(item, type)}

    def test_names(self):
        typed = {name for name in [*self.classes, *self.others] if not name.startswith('_')}
        self.assertEqual(typed, set(self.items))

    def test_members(self):
        for name, item in self.there.items():
            with self.subTest(name):
                typed = set(filter(is_public, self.classes[name]))
                there = set(filter(is_public, own_members(item)))
                if issubclass(item, GObject.Object):
                    typed -= {'Props', 'props', 'connect', 'connect_after'}
                    # Typed as of every GObject, and checked for texts; no class can be extended.
                    there -= {'props', 'set_property', 'set_properties', '__init_subclass__'}
                self.assertEqual(typed, there)

    def test_properties(self):
        for name, item in self.there.items():
            if issubclass(item, GObject.Object):
                with self.subTest(name):
                    props = [node for node in self.classes[name].get('Props', [])]
                    typed = {each.target.id for node in props for each in node.body}
                    there = {each.get_name().replace('-', '_') for each in item.__info__.get_properties()}
                    self.assertEqual(typed, there)
                    for each in there:
                        self.assertTrue(hasattr(item, each))

    def test_signals(self):
        checked = 0
        for name, item in self.there.items():
            if not issubclass(item, GObject.Object):
                continue
            there = {'notify', *(f'notify::{each.get_name()}' for each in item.__info__.get_properties())}
            there |= {each.get_name() for each in item.__info__.get_signals()}
            for method in ('connect', 'connect_after'):
                if there == {'notify'}:  # what every object has is inherited
                    self.assertNotIn(method, self.classes[name])
                    continue
                *typed, with_more = self.classes[name].get(method, [])
                names = [set(ast.literal_eval(each.args.args[1].annotation.slice)) if isinstance(
                    each.args.args[1].annotation.slice, ast.Tuple) else {each.args.args[1].annotation.slice.value}
                    for each in [*typed, with_more]]
                with self.subTest(f'{name}.{method}'):
                    self.assertEqual(set().union(*names[:-1]), there)
                    self.assertEqual(names[-1], there)
                    checked += 1
        self.assertGreater(checked, 30)

    def test_parameters(self):
        checked = 0
        for name, item in self.there.items():
            for member, value in own_members(item).items():
                if member not in self.classes[name] or not is_public(member):
                    continue
                expected = parameters_of(value)
                if expected is None or not isinstance(self.classes[name][member][0], ast.FunctionDef):
                    continue
                with self.subTest(f'{name}.{member}'):
                    self.assertEqual(parameters_of_stub(self.classes[name][member][0]), expected)
                    checked += 1
        self.assertGreater(checked, 200)


class TestMypy(unittest.TestCase):
    def check(self, name):
        """The numbers of the lines that mypy refuses, and what it prints."""
        with tempfile.TemporaryDirectory() as folder:
            stubs = pathlib.Path(folder) / 'stubs'
            shutil.copytree(HERE / 'gi', stubs / 'gi')
            shutil.copy(STUB, stubs / 'gi' / 'repository')
            done = subprocess.run(
                ['mypy', '--strict', '--cache-dir', folder, '--python-version', '3.11', HERE / name],
                env={**os.environ, 'MYPYPATH': str(stubs)},
                capture_output=True,
                check=False,
                text=True,
            )
        self.assertIn(done.returncode, (0, 1), done.stderr)
        found = re.findall(r'^(.*?):(\d+): error:', done.stdout, re.MULTILINE)
        self.assertEqual({pathlib.Path(path).name for path, _line in found} - {name}, set(), done.stdout)
        return {int(line) for _path, line in found}, done.stdout

    def test_good(self):
        lines, printed = self.check('good.py')
        self.assertEqual(lines, set(), printed)

    def test_bad(self):
        text = (HERE / 'bad.py').read_text(encoding='utf-8')
        expected = {
            number for number, line in enumerate(text.splitlines(), 1) if line.endswith('# wrong')
        }
        self.assertGreater(len(expected), 20)
        lines, printed = self.check('bad.py')
        self.assertEqual(lines, expected, printed)
