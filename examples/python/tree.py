#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Prints the domains (virtual machines) of a connection and their checkpoints as a tree.

Usage: tree.py [URI]
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck


def print_checkpoints(domain):
    # One list of siblings per level, so that a chain of any length can be printed.
    levels = [domain.list_checkpoints(Vck.CheckpointListFlags.ROOTS)]
    while levels:
        if not levels[-1]:
            levels.pop()
            continue
        checkpoint = levels[-1].pop(0)
        print('  ' * len(levels) + checkpoint.get_name())
        levels.append(checkpoint.list_children())


def main(uri=None):
    try:
        connection = Vck.Connection.open(uri, Vck.ConnectionFlags.READ_ONLY)
        for domain in connection.list_domains():
            print(f'{domain.get_name()} ({domain.props.state.value_nick})')
            print_checkpoints(domain)
    except GLib.Error as error:
        sys.exit(f'tree: {error.message}')


if __name__ == '__main__':
    if len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: tree.py [URI]')
    main(*sys.argv[1:])
