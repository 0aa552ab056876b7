#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Creates a checkpoint of a domain (a virtual machine) with one disk, and prints what was written since each one.

Run it, write to the disk, and run it again with another name.

usage: create.py URI IMAGE NAME
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


def define_domain(connection, image):
    """Defining a domain that exists already replaces its definition and keeps its checkpoints."""
    config = Vck.DomainConfig.new_from_images([image])
    config.name = 'example'
    return connection.define_domain(config)


def main(uri, image, name):
    try:
        with Vck.Connection.open(uri) as connection:
            domain = define_domain(connection, image)
            domain.create_checkpoint(Vck.CheckpointConfig(name=name))
            for checkpoint in domain.list_checkpoints('TOPOLOGICAL'):
                for disk in checkpoint.list_disks('SIZE'):
                    print(f'{checkpoint.name}: {disk.name} {disk.size} bytes')
    except Vck.Error as error:
        sys.exit(f'create: {error.message}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) != 4:
        sys.exit('usage: create.py URI IMAGE NAME')
    else:
        main(*sys.argv[1:])
