#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Prints the domains (virtual machines) of a connection and their checkpoints as a tree.

usage: tree.py [URI]
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


def print_checkpoints(domain):
    # One list of siblings per level, so that a chain of any length can be printed.
    levels = [domain.list_checkpoints('ROOTS')]
    while levels:
        if not levels[-1]:
            levels.pop()
            continue
        checkpoint = levels[-1].pop(0)
        print('  ' * len(levels) + checkpoint.name)
        levels.append(checkpoint.list_children())


def main(uri=None):
    try:
        with Vck.Connection.open(uri, 'READ_ONLY') as connection:
            for domain in connection.list_domains():
                print(f'{domain.name} ({domain.state.value_nick})')
                print_checkpoints(domain)
    except Vck.Error as error:
        sys.exit(f'tree: {error.message}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: tree.py [URI]')
    else:
        main(*sys.argv[1:])
