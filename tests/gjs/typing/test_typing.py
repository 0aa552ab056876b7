# SPDX-License-Identifier: LGPL-2.1-or-later

"""The typed declarations say what GJS has, all of it and nothing else, and tsc takes and refuses the right code."""

import json
import os
import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).parent
DECLARATIONS = pathlib.Path(os.environ['DECLARATIONS'])
# Of all classes, or what no program calls.
NOT_TYPED = {'prototype', 'length', 'name', '$gtype', 'constructor', 'toString', 'valueOf', 'free',
             'new_finish', 'init_finish', 'set_property'}
# What GLib.Error has.
OF_ERRORS = {'domain', 'code', 'message'}


def split_parameters(text):
    """How many parameters there are in "a: string, b?: (c: X, d: Y) => void"."""
    while True:
        shorter = re.sub(r'\([^()]*\)|<[^<>]*>|\{[^{}]*\}', '', text.replace('=>', ''))
        if shorter == text:
            return len([each for each in text.split(',') if each.strip()])
        text = shorter


class Declared:
    """What one name is declared as."""

    def __init__(self):
        self.kind = None
        self.methods = {}  # (is static, name): the numbers of parameters, one for each overload
        self.fields = {}  # (is static, name): is read-only
        self.signals = {'connect': set(), 'connect_after': set()}

    def add_member(self, line):
        method = re.match(r'(static )?(\w+)\((.*)\): [^()]*(\{.*\})?;$', line)
        field = re.match(r'(static )?(readonly )?([\w$]+): .*;$', line)
        if method and method[2] in self.signals:
            self.signals[method[2]] |= set(re.findall("'([a-z0-9:-]+)'", method[3].partition(', callback')[0]))
        elif method:
            self.methods.setdefault((bool(method[1]), method[2]), []).append(split_parameters(method[3]))
        elif field:
            self.fields[bool(field[1]), field[3]] = bool(field[2])
        elif 'constructor' not in line:
            raise AssertionError(f'not understood: {line}')


def read_declarations():
    """{name: Declared}, of all in the namespace."""
    found, current = {}, None
    for line in DECLARATIONS.read_text(encoding='utf-8').partition('  namespace Vck {\n')[2].splitlines():
        head = re.match(r'    (class|enum|namespace|interface|const|function) (\w+)', line)
        if head:
            current = found.setdefault(head[2], Declared())
            current.kind = current.kind or head[1]
            is_enum = head[1] == 'enum'
        elif line.startswith('      ') and current.kind == 'enum':
            if is_enum:
                current.fields[True, line.split()[0]] = True
        elif line.startswith('      '):
            current.add_member(line.strip())
        elif line == '  }':
            return found
    raise AssertionError('the namespace has no end')


def there():
    done = subprocess.run(['gjs', '-m', HERE / 'there.js'], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def camel(name):
    return re.sub('-(.)', lambda match: match[1].upper(), name)


class TestDeclarations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.declared = read_declarations()
        cls.there = there()

    def classes(self):
        """[(name, what is declared, what is there)]"""
        return [(name, self.declared[name], item) for name, item in self.there.items() if item['kind'] == 'class']

    def test_names(self):
        self.assertEqual({name: each.kind for name, each in self.declared.items()},
                         {name: item['kind'] for name, item in self.there.items()})

    def test_members_of_enumerations(self):
        checked = 0
        for name, item in self.there.items():
            if item['kind'] == 'enum':
                with self.subTest(name):
                    names = {each for each in item['members'] if not each.lstrip('-').isdigit()} - NOT_TYPED
                    self.assertEqual({field for _static, field in self.declared[name].fields}, names)
                    checked += len(names)
        self.assertGreater(checked, 100)

    def test_methods(self):
        checked = 0
        for name, declared, item in self.classes():
            for is_static, members in ((True, item['statics']), (False, item['members'])):
                expected = {each: length for each, length in members.items()
                            if length >= 0 and each not in NOT_TYPED}
                actual = {each: max(counts) for (static, each), counts in declared.methods.items()
                          if static == is_static and each not in NOT_TYPED}
                if name == 'Extent':
                    actual.pop('copy', None)  # which GJS finds when it is asked for
                self.assertEqual(actual, expected, name)
                checked += len(actual)
        self.assertGreater(checked, 250)

    def test_promises(self):
        """A call without a callback takes one argument less than C, and so does each shorter one with it."""
        checked = 0
        for _name, declared, _item in self.classes():
            for (_static, method), counts in declared.methods.items():
                if method.endswith('_async'):
                    self.assertEqual(counts[0], counts[-1] - 1, method)
                    self.assertEqual(counts[1:], list(range(counts[1], counts[-1] + 1)), method)
                    checked += 1
        self.assertGreater(checked, 50)

    def test_properties(self):
        for name, declared, item in self.classes():
            actual = {each for static, each in declared.fields if not static}
            expected = {each for property in item['properties']
                        for each in (camel(property), property.replace('-', '_'))}
            if name == 'Extent':
                expected = {'offset', 'length', 'flags'}
            self.assertEqual(actual, expected, name)

    def test_codes_of_errors(self):
        actual = {each for static, each in self.declared['Error'].fields if static}
        codes = {each for each, length in self.there['Error']['statics'].items() if length < 0}
        self.assertEqual(actual - NOT_TYPED, codes - NOT_TYPED)

    def test_signals(self):
        checked = 0
        for name, declared, item in self.classes():
            if name in ('Error', 'Extent'):
                continue
            expected = {'notify', *item['signals'], *(f'notify::{each}' for each in item['properties'])}
            self.assertEqual(declared.signals, {'connect': expected, 'connect_after': expected}, name)
            checked += len(item['signals'])
        self.assertGreater(checked, 7)


class TestTsc(unittest.TestCase):
    def check(self, name):
        """The numbers of the lines that tsc refuses, and what it prints."""
        options = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'node']
        done = subprocess.run(['tsc', *options, '--typeRoots', HERE, HERE / 'gi.d.ts', DECLARATIONS, HERE / name],
                              stdout=subprocess.PIPE, check=False, text=True)
        self.assertIn(done.returncode, (0, 1, 2), done.stdout)
        found = re.findall(r'^([^\s(][^(]*)\((\d+),\d+\): error', done.stdout, re.MULTILINE)
        self.assertEqual(bool(done.returncode), bool(found), done.stdout)
        self.assertEqual({pathlib.Path(path).name for path, _line in found} - {name}, set(), done.stdout)
        return {int(line) for _path, line in found}, done.stdout

    def test_good(self):
        lines, printed = self.check('good.ts')
        self.assertEqual(lines, set(), printed)

    def test_bad(self):
        text = (HERE / 'bad.ts').read_text(encoding='utf-8')
        expected = {number for number, line in enumerate(text.splitlines(), 1) if line.endswith('// wrong')}
        self.assertGreater(len(expected), 40)
        lines, printed = self.check('bad.ts')
        self.assertEqual(lines, expected, printed)
