#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backs up all domains (virtual machines) of a host or folder into a repository.

Run it every night: a backup copies what was written since the one before.

Usage: backup.py URI FOLDER
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck


def print_backup(backup):
    for disk in backup.list_disks():
        kind = 'full' if disk.props.base is None else 'incremental'
        print(f'{backup.props.domain_name}: {disk.props.target} {disk.props.bytes} bytes, {kind}')


def main(uri, folder):
    try:
        repository = Vck.Repository.open(folder, Vck.RepositoryFlags.CREATE)
        connection = Vck.Connection.open(uri)
        for domain in connection.list_domains():
            print_backup(repository.backup(domain))
    except GLib.Error as error:
        sys.exit(f'backup: {error.message}')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: backup.py URI FOLDER')
    main(*sys.argv[1:])
