#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Lists the domains (virtual machines) of a connection: state, disks and how many checkpoints each has.

usage: list.py [URI]
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


def main(uri=None):
    try:
        with Vck.Connection.open(uri, 'READ_ONLY') as connection:
            for domain in connection.list_domains():
                disks = ' '.join(disk.target for disk in domain.list_disks()) or 'none'
                print(f'{domain.name}: {domain.state.value_nick}, disks: {disks}, '
                      f'checkpoints: {domain.count_checkpoints()}')
    except Vck.Error as error:
        sys.exit(f'list: {error.message}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: list.py [URI]')
    else:
        main(*sys.argv[1:])
