#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""abi.py GIR BASELINE INCLUDE...: what programs are compiled against is what the baseline says.

VCK_CC is the compiler, which measures the structs. UPDATE_GOLDEN=1 writes the baseline anew."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'


def type_of(element):
    """The C type of a parameter or a result."""
    if element.find(CORE + 'varargs') is not None:
        return '...'
    for kind in ('type', 'array'):
        found = element.find(CORE + kind)
        if found is not None:
            return found.get(C + 'type') or found.get('name') or f'{type_of(found)}[]'
    return 'void'


def describe_function(function):
    parameters = function.find(CORE + 'parameters')
    types = [type_of(each) for each in parameters] if parameters is not None else []
    if function.get('throws') == '1':
        types.append('GError**')
    result = type_of(function.find(CORE + 'return-value'))
    return f"function {function.get(C + 'identifier')}: {result} ({', '.join(types) or 'void'})"


def describe_class(element):
    name = element.get(C + 'type')
    yield f"class {name}: {element.get('parent')}"
    for each in element.findall(CORE + 'implements'):
        yield f"class {name} implements {each.get('name')}"
    for each in element.findall(CORE + 'property'):
        words = [word for word in ('writable', 'construct', 'construct-only') if each.get(word) == '1']
        yield f"property {name}:{each.get('name')}: {' '.join([type_of(each), *words])}"
    for each in element.findall(GLIB + 'signal'):
        parameters = each.find(CORE + 'parameters')
        types = [type_of(one) for one in parameters] if parameters is not None else []
        result = type_of(each.find(CORE + 'return-value'))
        yield f"signal {name}::{each.get('name')}: {result} ({', '.join(types) or 'void'})"


def describe_members(element):
    for each in element.findall(CORE + 'member'):
        yield f"value {element.get(C + 'type')} {each.get(C + 'identifier')}: {each.get('value')}"


def measured_structs(namespace):
    """(the struct, its fields) for each that programs know the contents of; those of classes are GLib's."""
    for each in namespace.findall(CORE + 'record'):
        if each.get(GLIB + 'get-type'):
            yield each.get(C + 'type'), [field.get('name') for field in each.findall(CORE + 'field')]


def measure(structs, includes):
    """Lines with the size of each struct and of its fields, as the compiler lays them out."""
    lines = []
    for name, fields in structs:
        lines.append(f'  g_print ("struct {name}: %zu bytes\\n", sizeof ({name}));')
        lines += [f'  g_print ("field {name}.{field}: %zu bytes at %zu\\n",'
                  f' sizeof ((({name} *) 0)->{field}), offsetof ({name}, {field}));' for field in fields]
    source = '\n'.join(['#include <stddef.h>', '#include <vck/vck.h>', 'int', 'main (void)', '{',
                        *lines, '  return 0;', '}', ''])
    flags = shlex.split(subprocess.run(['pkg-config', '--cflags', '--libs', 'gio-2.0'], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout)
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, 'measure')
        subprocess.run([*shlex.split(os.environ['VCK_CC']), '-x', 'c', '-', '-o', program,
                        *(f'-I{each}' for each in includes), *flags], check=True, text=True, input=source)
        return subprocess.run([program], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()


def describe(gir, includes):
    """The lines of the baseline, in order."""
    namespace = ElementTree.parse(gir).getroot().find(CORE + 'namespace')
    lines = []
    for element in namespace.iter():
        if element.get(C + 'identifier') and element.find(CORE + 'return-value') is not None \
                and element.get('moved-to') is None:
            lines.append(describe_function(element))
    for element in namespace.findall(CORE + 'class'):
        lines += describe_class(element)
    for kind in ('enumeration', 'bitfield'):
        for element in namespace.findall(CORE + kind):
            lines += describe_members(element)
    for element in namespace.iter():
        if element.get(GLIB + 'get-type'):
            lines.append(f"function {element.get(GLIB + 'get-type')}: GType (void)")
    return sorted(set(lines + measure(measured_structs(namespace), includes)))


def main():
    gir, baseline, *includes = sys.argv[1:]
    baseline = pathlib.Path(baseline)
    now = describe(gir, includes)
    if os.environ.get('UPDATE_GOLDEN') == '1':
        baseline.write_text('\n'.join(now) + '\n', encoding='utf-8')
    before = baseline.read_text(encoding='utf-8').splitlines() if baseline.exists() else []
    gone, new = sorted(set(before) - set(now)), sorted(set(now) - set(before))
    print('1..2')
    print(f'{"not " if gone else ""}ok 1 - all that was there is as it was')
    print(f'{"not " if new else ""}ok 2 - what is new is in the baseline')
    for sign, lines in (('-', gone), ('+', new)):
        for line in lines:
            print('#', sign, line)
    if gone or new:
        print('# ./dev abi accepts it; docs/internals/releasing.md says when that is right')


main()
