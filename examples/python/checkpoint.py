#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Creates a checkpoint of a domain (a virtual machine) and prints what changed since each one.

Run it, write to the disk, and run it again with another name.

Usage: checkpoint.py URI IMAGE NAME
"""

import os
import sys
from xml.sax.saxutils import escape

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck

DOMAIN = """
<domain type='qemu'>
  <name>example</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
"""
CHECKPOINT = '<domaincheckpoint><name>{}</name></domaincheckpoint>'


def create_checkpoint(domain, name):
    try:
        xml = CHECKPOINT.format(escape(name))
        return domain.create_checkpoint_xml(xml)
    except Vck.Busy:
        sys.exit('checkpoint: the image is in use; shut the domain down and try again')


def print_changes(domain):
    for checkpoint in domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL):
        for disk in checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE):
            print(f'{checkpoint.get_name()}: {disk.get_name()} {disk.get_size()} bytes')


def main(uri, image, name):
    try:
        connection = Vck.Connection.open(uri)
        # Defining a domain that exists already replaces its definition and keeps its checkpoints.
        xml = DOMAIN.format(escape(os.path.abspath(image), {"'": '&apos;'}))
        domain = connection.define_domain_xml(xml)
        create_checkpoint(domain, name)
        print_changes(domain)
    except GLib.Error as error:
        sys.exit(f'checkpoint: {error.message}')


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit('usage: checkpoint.py URI IMAGE NAME')
    main(*sys.argv[1:])
