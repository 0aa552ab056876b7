#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Prints which blocks of each disk of a domain (a virtual machine) were written since a checkpoint.

usage: changed.py URI DOMAIN CHECKPOINT
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


def main(uri, name, since):
    try:
        with Vck.Connection.open(uri, 'READ_ONLY') as connection:
            checkpoint = connection.lookup_domain_by_name(name).lookup_checkpoint(since)
            for disk in checkpoint.list_disks():
                # One piece after the other: there may be millions of them.
                for extent in checkpoint.open_extents(disk.name):
                    kind = 'zero' if extent.flags & Vck.ExtentFlags.ZERO else 'data'
                    print(f'{disk.name}: {extent.length} bytes at {extent.offset}, {kind}')
    except Vck.Error as error:
        sys.exit(f'changed: {error.message}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) != 4:
        sys.exit('usage: changed.py URI DOMAIN CHECKPOINT')
    else:
        main(*sys.argv[1:])
