# SPDX-License-Identifier: LGPL-2.1-or-later

"""Real qcow2 images: what changed, what can be tracked, who holds an image, and what stays on disk."""

import json
import os
import pathlib
import subprocess
import sys

from support import (
    DISK_SIZE,
    GRANULARITY,
    LocalBackend,
    VckTestCase,
    clean_environment,
    domain_xml,
    names,
    run,
    settle,
)
from gi.repository import GLib, Vck


def children():
    """The processes that this one has started and not yet waited for."""
    tasks = pathlib.Path(f'/proc/{os.getpid()}/task').glob('*/children')
    return [pid for task in tasks for pid in task.read_text().split()]


# What another program does: it makes a checkpoint, then a domain.
OTHER_PROGRAM = """
import sys, gi
gi.require_version('Vck', '1')
from gi.repository import Vck
connection = Vck.Connection.open(sys.argv[1], 0, None)
domain = connection.lookup_domain_by_name('guest', None)
domain.create_checkpoint_xml('<domaincheckpoint><name>theirs</name></domaincheckpoint>', 0, None)
connection.define_domain_xml('<domain><name>other</name></domain>', None)
"""


class TestLocal(VckTestCase):
    backend_class = LocalBackend

    def sizes(self, checkpoint):
        disks = checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE, None)
        return {disk.get_name(): disk.get_size() for disk in disks}

    def bitmaps(self, target):
        """The names of the bitmaps of an image, as QEMU sees them."""
        info = json.loads(run('qemu-img', 'info', '--output=json', self.backend.image(target)))
        return [each['name'] for each in info['format-specific']['data'].get('bitmaps', [])]

    def test_sizes(self):
        domain = self.define(self.open())
        first = self.create(domain, 'first')
        self.assertEqual(self.sizes(first), {'vda': 0, 'vdb': 0})
        self.backend.write('vda', GRANULARITY - 1, 2)  # two blocks, though only two bytes
        self.backend.write('vdb', 0, DISK_SIZE)
        second = self.create(domain, 'second')
        self.backend.write('vda', 0, GRANULARITY)  # a block that is known already
        self.assertEqual(self.sizes(first), {'vda': 2 * GRANULARITY, 'vdb': DISK_SIZE})
        self.assertEqual(self.sizes(second), {'vda': GRANULARITY, 'vdb': 0})

    def test_others_are_heard(self):
        """A program that only waits for signals gets those for what another program does."""
        connection = self.open()
        domain = self.define(connection)
        settle()
        heard = []
        connection.connect('domain-added', lambda _, each: heard.append(each.get_name()))
        domain.connect('checkpoint-added', lambda _, each: heard.append(each.get_name()))
        other = subprocess.Popen([sys.executable, '-c', OTHER_PROGRAM, self.backend.uri])
        self.wait_until(lambda: len(heard) == 2, 'two signals')
        self.assertEqual(other.wait(), 0)
        self.assertEqual(heard, ['theirs', 'other'])

    def test_bitmaps_are_real(self):
        domain = self.define(self.open())
        self.create(domain, 'first')
        second = self.create(domain, 'second', disks={'vda': 'bitmap'})
        self.assertEqual(sorted(self.bitmaps('vda')), ['first', 'second'])
        self.assertEqual(self.bitmaps('vdb'), ['first'])
        second.delete(0, None)
        self.assertEqual(self.bitmaps('vda'), ['first'])

    def test_metadata_only(self):
        domain = self.define(self.open())
        self.create(domain, 'first').delete(Vck.CheckpointDeleteFlags.METADATA_ONLY, None)
        self.assertEqual(domain.count_checkpoints(0, None), 0)
        self.assertEqual(self.bitmaps('vda'), ['first'])

    def test_name_taken_by_a_foreign_bitmap(self):
        domain = self.define(self.open())
        run('qemu-img', 'bitmap', '--add', self.backend.image('vdb'), 'first')
        message = self.assertFails(Vck.Error.OPERATION_FAILED, self.create, domain, 'first')
        self.assertIn("'first'", message)
        self.assertEqual(self.bitmaps('vda'), [])
        self.assertEqual(domain.count_checkpoints(0, None), 0)

    def test_survives_the_connection(self):
        connection = self.open()
        domain = self.define(connection, 'Bücher')
        self.create(domain, 'first', description='Stand – 最初')
        self.create(domain, 'second')
        uuid = domain.get_uuid()
        connection.close()
        del connection, domain
        settle()
        domain = self.open().lookup_domain_by_name('Bücher', None)
        self.assertEqual(domain.get_uuid(), uuid)
        flags = Vck.CheckpointListFlags.TOPOLOGICAL
        first, second = domain.list_checkpoints(flags, None)
        self.assertEqual(names([first, second]), ['first', 'second'])
        self.assertEqual(first.get_description(), 'Stand – 最初')
        self.assertEqual(self.create(domain, 'third').get_parent_name(), 'second')

    def test_another_process_sees_it(self):
        domain = self.define(self.open())
        self.create(domain, 'first')
        program = (
            "import gi, sys; gi.require_version('Vck', '1'); from gi.repository import GLib, Vck;"
            "domain = Vck.Connection.open(sys.argv[1], 0, None).lookup_domain_by_name('guest', None);"
            'print([each.get_name() for each in domain.list_checkpoints(0, None)])'
        )
        done = subprocess.run(
            ['/usr/bin/python3', '-c', program, self.backend.uri], capture_output=True, text=True, check=False
        )
        self.assertEqual((done.stderr, done.stdout), ('', "['first']\n"))

    def test_default_uri(self):
        """Without a path, domains are in the user's data folder."""
        program = (
            "import gi; gi.require_version('Vck', '1'); from gi.repository import GLib, Vck;"
            'connection = Vck.Connection.open(None, 0, None);'
            "connection.define_domain_xml('<domain><name>guest</name></domain>', None);"
            'print(connection.get_uri(), connection.count_domains(0, None))'
        )
        data = self.backend.folder / 'data'
        environment = {**os.environ, 'XDG_DATA_HOME': str(data)}
        environment.pop('VCK_URI', None)
        done = subprocess.run(
            ['/usr/bin/python3', '-c', program],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        self.assertEqual((done.stderr, done.stdout), ('', 'local: 1\n'))
        self.assertTrue((data / 'vck' / 'domains').is_dir())

    def test_image_held_by_another_process(self):
        domain = self.define(self.open())
        first = self.create(domain, 'first')
        holder = subprocess.Popen(
            ['qemu-io', '-f', 'qcow2', str(self.backend.image('vdb'))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(),
        )
        with holder:
            holder.stdin.write(b'length\n')
            holder.stdin.flush()
            holder.stdout.readline()  # it answers once it has opened the image
            message = self.assertFails(Vck.Error.BUSY, self.create, domain, 'second')
            self.assertIn('vdb.qcow2', message)
            message = self.assertFails(Vck.Error.BUSY, first.delete, 0, None)
            self.assertIn('vdb.qcow2', message)
            holder.communicate(b'quit\n')
        self.assertEqual(names(domain.list_checkpoints(0, None)), ['first'])
        self.create(domain, 'second')
        self.assertEqual(sorted(self.bitmaps('vda')), ['first', 'second'])

    def test_disks_that_cannot_be_tracked(self):
        disks = self.backend.disks('vda')
        raw = self.backend.folder / 'raw.img'
        run('qemu-img', 'create', '-q', '-f', 'raw', raw, '1M')
        old = self.backend.folder / 'old.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', 'compat=0.10', old, '1M')
        xml = domain_xml('guest', disks)
        xml = xml.replace(
            '</devices>',
            "<disk type='file' device='disk'><driver type='raw'/>"
            f"<source file='{raw}'/><target dev='vdb'/></disk>"
            "<disk type='file' device='disk'><driver type='qcow2'/>"
            f"<source file='{old}'/><target dev='vdc'/></disk>"
            "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk></devices>",
        )
        domain = self.open().define_domain_xml(xml, None)
        listed = {disk.get_target(): disk for disk in domain.list_disks(None)}
        self.assertEqual(list(listed), ['vda', 'vdb', 'vdc', 'sda'])
        self.assertTrue(listed['vda'].is_trackable())
        for target in ('vdb', 'vdc', 'sda'):
            with self.subTest(target):
                self.assertFalse(listed[target].is_trackable())
                self.assertTrue(listed[target].get_reason())
        self.assertIn('raw', listed['vdb'].get_reason())
        self.assertIsNone(listed['sda'].get_source())
        self.assertFails(Vck.Error.CONFIG_UNSUPPORTED, self.create, domain, 'first')
        checkpoint = self.create(domain, 'first', disks={'vda': 'bitmap'})
        tracked = [disk.get_name() for disk in checkpoint.list_disks(0, None) if disk.is_tracked()]
        self.assertEqual(tracked, ['vda'])

    def test_no_process_stays(self):
        """Every storage daemon that was started has ended when the call returns."""
        domain = self.define(self.open())
        self.create(domain, 'first').delete(0, None)
        self.backend.image('vda').unlink()
        with self.assertRaises(GLib.Error):
            self.create(domain, 'second')
        self.assertEqual(children(), [])
