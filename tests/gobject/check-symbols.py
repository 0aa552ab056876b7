#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-symbols.py NM LIBRARY GIR: what the library exports is what the GIR describes."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'


def exported(nm, library):
    output = subprocess.run([nm, '-D', '--defined-only', library], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return {line.split()[-1] for line in output.splitlines()}


def described(gir):
    names = set()
    for element in ElementTree.parse(gir).iter():
        names.add(element.get(C + 'identifier'))
        names.add(element.get(GLIB + 'get-type'))
    return {name for name in names if name and name.startswith('vck_')}


def main():
    library_names, gir_names = exported(*sys.argv[1:3]), described(sys.argv[3])
    hidden, unknown = sorted(gir_names - library_names), sorted(library_names - gir_names)
    print('1..2')
    print(f'{"not " if hidden else ""}ok 1 - all that is described is exported')
    print(f'{"not " if unknown else ""}ok 2 - all that is exported is described')
    for name in hidden + unknown:
        print('#', name)


main()
