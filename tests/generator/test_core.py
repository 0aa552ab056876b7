# SPDX-License-Identifier: LGPL-2.1-or-later
"""What vck-bindgen makes of the core: everything, always the same, and nothing by accident.

golden/core.api is the API in short; UPDATE_GOLDEN=1 accepts what it has become.
"""

import collections
import copy
import json
import os
import pathlib
import random
import re
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from bindgen import CORE_CONFIG, CORE_GIR, generate, read_folder, run

GOLDEN = pathlib.Path(__file__).parent / 'golden' / 'core.api'
CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
ElementTree.register_namespace('', CORE[1:-1])
ElementTree.register_namespace('c', C[1:-1])
ElementTree.register_namespace('glib', GLIB[1:-1])

FUNCTIONS = [CORE + kind for kind in ('function', 'method', 'constructor')]
TYPES = [CORE + kind for kind in ('record', 'enumeration', 'bitfield', 'callback', 'alias',
                                  'constant', 'union')]


def symbol_names(tree):
    """The C names of all symbols, found without the generator's help."""
    namespace = tree.getroot().find(CORE + 'namespace')
    return ([element.get(C + 'type') for element in namespace if element.tag in TYPES]
            + [element.get(C + 'identifier') for element in namespace.iter()
               if element.tag in FUNCTIONS])


def shuffled(tree, seed):
    """The same API with its symbols in another order."""
    tree = copy.deepcopy(tree)
    order = random.Random(seed)
    namespace = tree.getroot().find(CORE + 'namespace')
    for parent in [namespace] + namespace.findall(CORE + 'record'):
        children = list(parent)
        order.shuffle(children)
        parent[:] = children
    return tree


def generated(tree_or_path):
    """The files made of an input, or None if it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'input.gir'
        output = pathlib.Path(folder) / 'output'
        output.mkdir()
        if isinstance(tree_or_path, str):
            path = tree_or_path
        else:
            tree_or_path.write(path, encoding='utf-8', xml_declaration=True)
        code, _ = generate(output, path)
        return read_folder(output) if code == 0 else None


def short_api(files):
    """Every function with its annotations, and every value: what programs depend on."""
    lines = []
    for name, text in files.items():
        if name.endswith('-methods.c'):
            for body in re.findall(r'^\w+_run \(.*?\n}', text, re.MULTILINE | re.DOTALL):
                lines += [' '.join(statement.split()) for statement in
                          re.findall(r'[^;{}]*(?:vckc_\w+ \(|call->result = )[^;]*;', body)]
            for kind in re.findall(r'\.name = "(\w+)",.*?\.kind = \w+_(\w+),', text, re.DOTALL):
                lines.append(' '.join(kind))
            for comment, declaration in re.findall(r'/\*\*\n(.*?)\*/\n(.*?)\n\{', text, re.DOTALL):
                notes = re.findall(r'^ \* (@\w+|Returns): (\(.*\)):', comment, re.MULTILINE)
                lines.append(re.sub(r'\s+', ' ', declaration))
                lines += [f'  {what} {note}' for what, note in notes]
        elif name.endswith('-enums.c'):
            lines += re.findall(r'G_DEFINE_(?:ENUM|FLAGS)\w+ \(.*\w', text)
        elif name.endswith('-enums.h'):
            lines += re.findall(r'^  (\w+ = .*),', text, re.MULTILINE)
        elif name.endswith('-methods.h'):
            lines += re.findall(r'^#include <.*', text, re.MULTILINE)
        lines += re.findall(r'sizeof \(&(\w+)\)', text)
    return '\n'.join(lines) + '\n'


class CoreTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tree = ElementTree.parse(CORE_GIR)
        cls.files = generated(CORE_GIR)

    def test_order(self):
        for seed in range(5):
            self.assertEqual(generated(shuffled(self.tree, seed)), self.files)

    def test_again(self):
        self.assertEqual(generated(CORE_GIR), self.files)

    def test_check(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(generate(folder, CORE_GIR)[0], 0)
            self.assertEqual(generate(folder, CORE_GIR, '--check')[0], 0)
            path = pathlib.Path(folder) / 'vck-enums.h'
            path.write_text(path.read_text(encoding='utf-8') + '\n', encoding='utf-8')
            code, output = generate(folder, CORE_GIR, '--check')
            self.assertEqual((code, output.count('vck-enums.h is not what would be')), (1, 1))

    def test_accounting(self):
        code, output = run('report', '--json', '--config', CORE_CONFIG, CORE_GIR)
        self.assertEqual(code, 0)
        report = json.loads(output)
        names = [symbol['name'] for symbol in report['symbols']]
        states = collections.Counter(symbol['state'] for symbol in report['symbols'])
        self.assertEqual(sorted(names), sorted(symbol_names(self.tree)))
        sums = report['sums']
        self.assertEqual(sums.pop('symbols'), len(names))
        self.assertEqual({state: n for state, n in sums.items() if n}, states)
        self.assertEqual(sums['unbound'], 0)
        self.assertEqual(report['unresolved-links'], [])

    def test_report(self):
        """The report speaks of the very functions that were made."""
        report = json.loads(run('report', '--json', '--config', CORE_CONFIG, CORE_GIR)[1])
        reported = {name for symbol in report['symbols'] if symbol['reason'] == 'rule:generated'
                for name in symbol['as'].split(', ')}
        made = {name for file, text in self.files.items() if file.endswith('-methods.h')
                for name in re.findall(r'(\w+) \(', text) if name.startswith('vck_')}
        self.assertEqual(made - {f'{name}_{part}' for name in reported
                                 for part in ('async', 'finish')}, reported)

    def test_explain(self):
        """Every detail of every function has a source."""
        for name in symbol_names(self.tree):
            code, output = run('explain', '--config', CORE_CONFIG, CORE_GIR, name)
            self.assertEqual(code, 0, output)
            for line in re.findall(r'^ +(?:role|owner|name|mode|result|type) .*', output,
                                   re.MULTILINE):
                self.assertRegex(line, r'(rule:[\w-]+: \w|gir:(annotation|type)$)')

    def test_api(self):
        actual = short_api(self.files)
        if os.environ.get('UPDATE_GOLDEN'):
            GOLDEN.write_text(actual, encoding='utf-8')
        self.assertEqual(actual, GOLDEN.read_text(encoding='utf-8'),
                         'the API is another one; if that is meant, see at the top of this file')


OWNED = ('utf8', CORE + 'array')
INSIDE = ('bindgen.hand', 'bindgen.plumbing')


class Annotations:
    """Every annotation of a symbol or parameter, each to be taken away for a while."""

    def __init__(self, tree):
        self.parents = {child: parent for parent in tree.iter() for child in parent}
        self.records = {record.get('name') for record in tree.iter(CORE + 'record')}
        self.all = [found for element in tree.iter() for found in self.find(element)]

    def symbol_name(self, element):
        while element is not None and element.tag not in FUNCTIONS + TYPES:
            element = self.parents.get(element)
        if element is None:
            return ''
        return element.get(C + 'identifier') or element.get(C + 'type')

    def is_owned(self, element):
        """Is it something that can be handed over, unlike a number?"""
        return any(child.tag in OWNED or child.get('name') in self.records
                   or child.get('name') in OWNED for child in element)

    def find(self, element):
        """(symbol, what, element, attribute to change, its value then) for each of an element."""
        symbol = self.symbol_name(element)
        if element.tag == CORE + 'attribute' and element.get('name').startswith('bindgen.'):
            yield symbol, element.get('name'), element, 'name', 'other'
        for key in ('direction', 'optional', 'nullable'):
            if element.get(key) is not None:
                yield symbol, f"{element.get('name')} {key}", element, key, None
        if element.get('transfer-ownership') == 'full' and self.is_owned(element):
            yield symbol, f"{element.get('name')} transfer", element, 'transfer-ownership', 'none'
        if element.tag == CORE + 'type' and element.get(C + 'type') == 'unsigned int' \
                and element.get('name') != 'guint':
            yield symbol, 'type', element, 'name', 'guint'


def is_invisible(symbol, what, inside):
    """Of what is used inside only, or by what is written by hand, only that can be seen."""
    return re.search(r'_(un)?ref$|^vckc_error_|_(un)?subscribe$|_open_auth$|_get_details$'
                     r'|^Vckc(Event|Authenticate|JobInfoFlags)|_get_job_info$|_checkpoint_get_uuid$',
                     symbol) \
        or symbol in inside and what not in INSIDE


class MutationTest(unittest.TestCase):
    def test_every_annotation_counts(self):
        """Without any one annotation of the core, the input is refused or the API is another."""
        tree = ElementTree.parse(CORE_GIR)
        found = Annotations(tree).all
        inside = {symbol for symbol, what, *_ in found if what in INSIDE}
        expected = GOLDEN.read_text(encoding='utf-8')
        tried = 0
        for symbol, what, element, key, value in found:
            if is_invisible(symbol, what, inside):
                continue
            before = dict(element.attrib)
            element.attrib.pop(key)
            if value is not None:
                element.set(key, value)
            files = generated(tree)
            element.attrib.clear()
            element.attrib.update(before)
            tried += 1
            self.assertFalse(files is not None and short_api(files) == expected,
                             f'unnoticed: {symbol} {what}')
        self.assertGreater(tried, 70)
