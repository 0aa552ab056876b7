#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backs up all domains (virtual machines) of a host or folder into a repository.

Run it every night: a backup copies what was written since the one before. Where a domain cannot be
backed up, the others are nevertheless.

usage: backup.py URI FOLDER
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck


def print_backup(backup):
    for disk in backup.list_disks():
        kind = 'full' if disk.props.base is None else 'incremental'
        print(f'{backup.props.domain_name}: {disk.props.target} {disk.props.bytes} bytes, {kind}')


def back_up(repository, domain):
    try:
        print_backup(repository.backup(domain))
        return True
    except GLib.Error as error:
        print(f'backup: {domain.props.name}: {error.message}', file=sys.stderr)
        return False


def main(uri, folder):
    try:
        repository = Vck.Repository.open(folder, Vck.RepositoryFlags.CREATE)
        connection = Vck.Connection.open(uri)
        done = [back_up(repository, domain) for domain in connection.list_domains()]
    except GLib.Error as error:
        sys.exit(f'backup: {error.message}')
    sys.exit(0 if all(done) else 1)


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) != 3:
        sys.exit('usage: backup.py URI FOLDER')
    else:
        main(*sys.argv[1:])
