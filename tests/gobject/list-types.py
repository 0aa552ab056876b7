#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""list-types.py GIR: the classes and boxed types of the library, as macros for test-types.c."""

import sys
import xml.etree.ElementTree as ElementTree

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'


def print_types(macro, elements):
    print(f'#define {macro}(use)', end='')
    for element in elements:
        name, function = element.get(C + 'type'), element.get(GLIB + 'get-type')
        print(f' \\\n  use ({name}, {function})', end='')
    print('\n')


def main():
    namespace = ElementTree.parse(sys.argv[1]).getroot().find(CORE + 'namespace')
    records = namespace.findall(CORE + 'record')
    print('/* Made of the GIR. */\n')
    print_types('FOR_EACH_CLASS', namespace.findall(CORE + 'class'))
    print_types('FOR_EACH_BOXED', [each for each in records if each.get(GLIB + 'get-type')])


main()
