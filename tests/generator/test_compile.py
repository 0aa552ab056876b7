# SPDX-License-Identifier: LGPL-2.1-or-later
"""What vck-bindgen accepts compiles, without a warning.

The golden inputs are changed at random, as XML: an attribute goes or gets another value that some input has, an
element goes, is doubled or replaced, a parameter gets a name that is trouble. Of each that is accepted the code is
made, and compiled against a header that is made of the very same description. COMPILE_RUNS says how many are changed,
COMPILE_SEED how.
"""

import copy
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from bindgen import run
from test_golden import CONFIG, GOLDEN, PRELUDE

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
ElementTree.register_namespace('', CORE[1:-1])
ElementTree.register_namespace('c', C[1:-1])

CC = os.environ['CC'].split()
CFLAGS = os.environ['GIO_CFLAGS'].split() + [
    '-std=gnu11', '-Wall', '-Wextra', '-Wshadow', '-Wwrite-strings', '-Wno-unused-parameter',
    '-Wno-missing-field-initializers', '-Werror', '-fsyntax-only']
RUNS = int(os.environ.get('COMPILE_RUNS', '20' if 'VCK_TEST_SMALL' in os.environ else '200'))
SEED = int(os.environ.get('COMPILE_SEED', '1'))

FUNCTIONS = [CORE + tag for tag in ('function', 'method', 'constructor')]
NAMES = ['i', 'base', 'call', 'error', 'err', 'ret', 'result', 'self', 'cancellable', 'callback', 'user_data', 'from',
         'class', 'handle', 'data', 'for', 'call_', 'error_', 'raw', 'value']
C_WORDS = {'const', 'void', 'char', 'int', 'unsigned', 'signed', 'long', 'short', 'double', 'float', 'bool', 'size_t',
           'struct', 'enum', 'volatile'}
NESTED = ('parameters', 'namespace', 'repository')


# --- the change of an input ---

class Pool:
    """What the golden inputs have: the values of each attribute, and the elements of each kind."""

    def __init__(self, trees):
        self.values = {}
        self.elements = {}
        for tree in trees:
            for element in tree.iter():
                self.elements.setdefault(element.tag, []).append(element)
                for key, value in element.attrib.items():
                    self.values.setdefault((element.tag, key), set()).add(value)
        self.values = {key: sorted(values) for key, values in self.values.items()}

    def change(self, tree, order):
        parents = {child: parent for parent in tree.iter() for child in parent}
        element = order.choice([element for element in parents if element.tag.removeprefix(CORE) not in NESTED])
        siblings = parents[element]
        index = list(siblings).index(element)
        kind = order.randrange(7)
        if kind < 3 and element.attrib:
            key = order.choice(sorted(element.attrib))
            element.set(key, order.choice(self.values[element.tag, key]))
        elif kind == 3:
            found = [key for tag, key in self.values if tag == element.tag]
            key = order.choice(sorted(found)) if found else None
            if key in element.attrib:
                del element.attrib[key]
            elif key is not None:
                element.set(key, order.choice(self.values[element.tag, key]))
        elif kind == 4:
            siblings.remove(element)
        elif kind == 5:
            siblings[index] = copy.deepcopy(order.choice(self.elements[element.tag]))
        elif element.tag == CORE + 'parameter':
            element.set('name', order.choice(NAMES))
        else:
            siblings.insert(index, copy.deepcopy(element))


# --- the library that the code is for ---

def c_type(element):
    for child in element:
        if child.tag in (CORE + 'type', CORE + 'array'):
            return child.get(C + 'type')
    return None


def attribute(element, key):
    for child in element.findall(CORE + 'attribute'):
        if child.get('name') == f'bindgen.{key}':
            return child.get('value')
    return None


def declare_function(element):
    """Its prototype. A type that is not written down is one that no rule knows, but plumbing has it."""
    parameters = element.find(CORE + 'parameters')
    returned = element.find(CORE + 'return-value')
    types = [c_type(child) or 'void' for child in parameters] if parameters is not None else []
    types = [text if text != 'void' else 'void *' for text in types]
    # Names do not matter in a prototype, and may be words of C.
    return f'{returned is not None and c_type(returned) or "void"} {element.get(C + "identifier")} ' \
           f'({", ".join(types) or "void"});\n'


def declare_enum(element):
    values = [f'{member.get(C + "identifier")} = (int) {member.get("value")}u'
              if int(member.get('value')) >= 0 else f'{member.get(C + "identifier")} = {member.get("value")}'
              for member in element.findall(CORE + 'member')]
    return f'typedef enum {{ {", ".join(values)} }} {element.get(C + "type")};\n'


def make_core_header(tree):
    """The header that such a description is made from."""
    text = '#pragma once\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <glib.h>\n'
    known = set(C_WORDS)
    for element in tree.iter():
        name = element.get(C + 'type')
        if element.tag in (CORE + 'enumeration', CORE + 'bitfield') and name:
            text += declare_enum(element)
            known.add(name)
        elif element.tag == CORE + 'record' and name:
            fields = '{ int field; }' if attribute(element, 'boxed') else ''
            text += f'typedef struct _{name} {name};\n' + (f'struct _{name} {fields};\n' if fields else '')
            known.add(name)
    if 'PcError' not in known:
        text += 'typedef struct _PcError PcError;\n'
        known.add('PcError')
    used = {word for element in tree.iter() for word in re.findall(r'[A-Za-z_]\w*', c_type(element) or '')}
    for word in sorted(used - known):
        if not re.fullmatch(r'g?u?int\d*(_t)?|gsize|gssize|gpointer|gboolean|g?u?long|gfloat|gdouble|gchar|FILE', word):
            text += f'typedef int {word};\n'
    return text + ''.join(declare_function(element) for element in tree.iter() if element.tag in FUNCTIONS)


def snake(camel):
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', camel).lower()


def make_private_headers(tree):
    """What is written by hand of the library, as far as generated code can see it: name -> text."""
    files = {}
    private = '#pragma once\n#include <gio/gio.h>\n#include "pc.h"\n#include "p-enums.h"\n'
    glue = 'GError *p_error_take (PcError *error);\n'
    for record in tree.iter(CORE + 'record'):
        core = record.get(C + 'type')
        for key in ('class', 'boxed'):
            name = attribute(record, key)
            if name is None or not core:
                continue
            low = snake(name)
            file = f'p-{low.replace("_", "-")}.h'
            files[file] = '#pragma once\n#include <gio/gio.h>\n'
            private += f'#include "{file}"\n'
            if key == 'class':
                files[file] += f'G_DECLARE_FINAL_TYPE (P{name}, p_{low}, P, {low.upper()}, GObject)\n'
                glue += f'{core} *p_{low}_get_handle (P{name} *self);\n' \
                        f'P{name} *p_{low}_wrap (gpointer origin, {core} *handle);\n'
            else:
                files[file] += f'typedef struct _P{name} P{name};\nvoid p_{low}_free (P{name} *self);\n'
                glue += f'P{name} *p_{low}_wrap (const {core} *plain);\n'
    hand = {attribute(element, 'hand') for element in tree.iter() if element.tag in FUNCTIONS} - {None}
    files['p-private.h'] = private + glue + ''.join(f'void {name} (void);\n' for name in sorted(hand))
    files['pc.h'] = make_core_header(tree)
    return files


# --- every kind of value ---

VALUES = [
    # GIR type, C type of the value itself; an array has those of its element first
    ('gint', 'int'), ('guint', 'unsigned int'), ('guint64', 'uint64_t'), ('gsize', 'size_t'), ('gdouble', 'double'),
    ('gboolean', 'bool'), ('gboolean', 'gboolean'), ('Color', 'PcColor'), ('SideFlags', 'unsigned int'),
    ('SideFlags', 'PcSideFlags'), ('utf8', 'char*'), ('utf8', 'const char*'), ('Thing', 'PcThing*'),
    ('Thing', 'const PcThing*'), ('Spot', 'PcSpot*'), ('gint8', 'char'), ('guint8', 'const uint8_t*'),
]
ARRAYS = [
    ('utf8', 'char**'), ('utf8', 'const char**'), ('utf8', 'const char *const *'), ('guint8', 'uint8_t*'),
    ('guint8', 'const uint8_t*'), ('guint8', 'const void*'), ('guint8', 'char*'), ('Thing', 'PcThing**'),
    ('Thing', 'const PcThing**'), ('Thing', 'PcThing *const *'), ('Spot', 'PcSpot*'), ('Spot', 'const PcSpot*'),
    ('gint', 'int*'),
]
TYPES = '''
    <enumeration name="Color" version="1.0" c:type="PcColor"><doc>A color.</doc>
      <member name="red" value="1" c:identifier="PC_COLOR_RED"><doc>red</doc></member></enumeration>
    <bitfield name="SideFlags" version="1.0" c:type="PcSideFlags"><doc>Sides.</doc>
      <member name="left" value="1" c:identifier="PC_SIDE_LEFT"><doc>left</doc></member></bitfield>
    <record name="Spot" c:type="PcSpot" version="1.0"><attribute name="bindgen.boxed" value="Spot"/>
      <doc>A spot.</doc></record>
'''
ERROR = '<parameter name="err"><doc>why</doc><type name="Error" c:type="PcError**"/></parameter>'
SELF = '<parameter name="thing"><doc>a thing</doc><type name="Thing" c:type="PcThing*"/></parameter>'
COUNT = '<type name="gsize" c:type="size_t%s"/>'


def value_elements(star=''):
    """All values as elements, each with whether the parameter behind it counts it."""
    for gir, c in VALUES:
        yield f'<type name="{gir}" c:type="{c}{star}"/>', False
    for gir, c in ARRAYS:
        for rest, counted in ((' zero-terminated="1"', False), (' zero-terminated="0"', False), (' length="2"', True),
                              (' zero-terminated="1" length="2"', True)):
            yield f'<array{rest} c:type="{c}{star}"><type name="{gir}"/></array>', counted


def make_functions():
    """A function for each value that goes in, comes out and is returned: with each transfer, possibly NULL."""
    bodies = []
    for transfer, nullable in (('none', 0), ('none', 1), ('full', 0), ('full', 1), ('container', 0)):
        words = f'transfer-ownership="{transfer}" nullable="{nullable}"'
        for element, counted in value_elements():
            count = f'<parameter name="size"><doc>how many</doc>{COUNT % ""}</parameter>' if counted else ''
            bodies.append(('status', '<type name="gint" c:type="int"/>', '',
                           f'<parameter name="x" {words}><doc>a value</doc>{element}</parameter>{count}'))
            count = count.replace('name="size"', 'name="size" direction="out"').replace('size_t', 'size_t*')
            for meaning in ('value', 'local'):
                returned = element.replace('length="2"', 'length="1"')
                bodies.append((meaning, returned, words, count))
        for element, counted in value_elements('*'):
            count = f'<parameter name="size" direction="out"><doc>how many</doc>{COUNT % "*"}</parameter>'
            for meaning in ('status', 'count'):
                for optional in (0, 1):
                    bodies.append((meaning, '<type name="gint" c:type="int"/>', '',
                                   f'<parameter name="x" direction="out" optional="{optional}" {words}>'
                                   f'<doc>a value</doc>{element}</parameter>{count if counted else ""}'))
    for i, (meaning, returned, words, parameters) in enumerate(bodies):
        key = f'<attribute name="bindgen.{"local" if meaning == "local" else "return"}" ' \
              f'value="{"1" if meaning == "local" else meaning}"/>'
        more = '<attribute name="bindgen.return" value="value"/>' if meaning == 'local' and '"gint"' in returned else ''
        yield f'''<function name="thing_call{i}" c:identifier="pc_thing_call{i}" version="1.0">{key}{more}
            <doc>Does it.</doc><source-position filename="thing.h" line="{i + 1}"/>
            <return-value {words}><doc>what comes</doc>{returned}</return-value>
            <parameters>{SELF}{parameters}{ERROR}</parameters></function>'''


# --- the test ---

class CompileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        texts = [path.read_text(encoding='utf-8') for path in sorted(GOLDEN.glob('*.xml'))]
        cls.trees = [ElementTree.fromstring(PRELUDE % text) for text in texts]
        cls.pool = Pool(cls.trees)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.assertEqual(run('runtime', '--prefix=p', '--output', self.path), (0, ''))
        (self.path / 'library').write_text(CONFIG, encoding='utf-8')
        # Read once, for all.
        (self.path / 'all.h').write_text('#include <gio/gio.h>\n', encoding='utf-8')
        subprocess.run([*CC, *CFLAGS[:-1], '-x', 'c-header', '-o', 'all.h.gch', 'all.h'], cwd=self.path, check=True)

    def generate(self, tree, folder):
        """Whether it is accepted; what is left unbound is, too, as it would be with a lock."""
        folder.mkdir()
        ElementTree.ElementTree(tree).write(folder / 'input.gir', encoding='utf-8')
        code, output = run('generate', '-c', '../library', 'input.gir', folder=folder)
        self.assertIn(code, (0, 1), output)
        unbound = re.findall(r'error: (\w+): cannot be bound: ', output)
        if code == 1 and unbound and len(unbound) == output.count('error: '):
            (folder / 'lock').write_text('\n'.join(unbound), encoding='utf-8')
            code, output = run('generate', '-c', '../library', '--lock', 'lock', 'input.gir', folder=folder)
            self.assertEqual(code, 0, output)
        return code == 0

    def compile(self, tree, folder):
        """What the compiler has to say."""
        for name, text in make_private_headers(tree).items():
            (folder / name).write_text(text, encoding='utf-8')
        sources = sorted(path.name for path in folder.glob('*.c'))
        result = subprocess.run([*CC, *CFLAGS, '-I.', '-I..', '-include', '../all.h', *sources], cwd=folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.stdout

    def check_compiles(self, tree, folder, what):
        if not self.generate(tree, folder):
            return False
        output = self.compile(tree, folder)
        self.assertEqual(output, '', f'{what}:\n{(folder / "input.gir").read_text(encoding="utf-8")}')
        return True

    def test_golden(self):
        accepted = [self.check_compiles(tree, self.path / str(i), i) for i, tree in enumerate(self.trees)]
        self.assertGreater(accepted.count(True), 40)

    def test_every_value(self):
        """What is refused of one function is taken away, until the rest is accepted."""
        functions = {re.search(r'pc_\w+', text)[0]: text for text in make_functions()}
        folder = self.path / 'every'
        folder.mkdir()
        total, output, rounds = len(functions), 'error: ', 0
        while 'error: ' in output:
            text = PRELUDE % (TYPES + ''.join(functions.values()))
            (folder / 'input.gir').write_text(text, encoding='utf-8')
            output = run('generate', '-c', '../library', 'input.gir', folder=folder)[1]
            refused = set(re.findall(r'error: (pc_\w+): ', output))
            self.assertEqual(len(refused) > 0, 'error: ' in output, output)
            functions = {name: text for name, text in functions.items() if name not in refused}
            rounds += 1
        self.assertEqual(self.compile(ElementTree.fromstring(text), folder), '')
        self.assertGreater(len(functions), total // 10)
        self.assertLess(rounds, 4)

    def test_changed(self):
        accepted = 0
        for i in range(RUNS):
            order = random.Random(f'{SEED} {i}')
            tree = copy.deepcopy(order.choice(self.trees))
            for _ in range(order.randrange(1, 4)):
                self.pool.change(tree, order)
            accepted += self.check_compiles(tree, self.path / str(i), f'run {i} of seed {SEED}')
        self.assertGreater(accepted, RUNS // 10)
