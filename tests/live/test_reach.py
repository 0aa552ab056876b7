# SPDX-License-Identifier: LGPL-2.1-or-later

"""Healthy bitmaps that are not where a look at names of files would find them."""

import os
import pathlib
import socket

import libvirt

from host import LiveTestCase, acted_on, disk_xml
from support import DISK_SIZE, run
from gi.repository import Vck

READY = Vck.CheckpointState.READY
UNKNOWN = Vck.CheckpointState.UNKNOWN
MISSING = Vck.FindingKind.BITMAP_MISSING
GONE = Vck.FindingKind.DISK_GONE
UNREACHABLE = Vck.FindingKind.DISK_UNREACHABLE
IN_BACKING = Vck.FindingKind.BITMAP_IN_BACKING
BOTH = {'vda': READY, 'vdb': READY}


class ReachTestCase(LiveTestCase):
    def states(self, domain, checkpoint='first'):
        disks = domain.vck.lookup_checkpoint(checkpoint, None).list_disks(
            Vck.CheckpointXmlFlags.SIZE, None
        )
        return {each.get_name(): each.get_state() for each in disks}

    def assertLeft(self, domain, expected):
        """That is found, and a repair leaves the checkpoint as it is."""
        self.assertEqual(domain.findings(), expected)
        self.assertEqual(acted_on(domain.vck.repair_checkpoints(0, None)), [])
        self.assertEqual(domain.findings(), expected)
        self.assertChain(domain, ['first'])

    def redefine(self, domain, changes):
        xml = domain.libvirt.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        for old, new in changes.items():
            self.assertIn(old, xml)
            xml = xml.replace(old, new)
        self.libvirt.defineXML(xml)

    def overlay(self, name, *options):
        path = self.host.folder / f'{name}.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', *options, path)
        self.host.give(path)
        return path


class TestNames(ReachTestCase):
    """Images that QEMU calls otherwise than the definition does."""

    def assertHealthy(self, domain):
        domain.create('first')
        self.assertLeft(domain, [])
        self.assertEqual(set(self.states(domain).values()), {READY})
        domain.stop()
        self.assertLeft(domain, [])
        domain.start()
        self.assertLeft(domain, [])

    def test_relative_backing_file(self):
        self.host.create_image('base')
        top = self.overlay('top', '-b', 'base.qcow2', '-F', 'qcow2')
        self.assertHealthy(self.start_domain(disks={'vda': top}))

    def test_end_of_chain_in_definition(self):
        domain = self.start_domain()
        domain.stop()
        self.redefine(domain, {"<target dev='vda'": "<backingStore/><target dev='vda'"})
        self.assertHealthy(domain.start())

    def test_slice(self):
        """Its domain must run: where the image begins only QEMU knows."""
        domain = self.start_domain()
        domain.stop()
        size = 2 * DISK_SIZE
        os.truncate(domain.disks['vda'], size)
        source = f"<source file='{domain.disks['vda']}'"
        slices = f"<slices><slice type='storage' offset='0' size='{size}'/></slices>"
        self.redefine(domain, {f'{source}/>': f'{source}>{slices}</source>'})
        domain.start()
        domain.create('first')
        self.assertLeft(domain, [])
        domain.stop()
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'vda', 'first')])

    def test_volume(self):
        self.host.create_image('volume')
        self.libvirt.storagePoolCreateXML(
            f"<pool type='dir'><name>pool</name><target><path>{self.host.folder}</path></target></pool>"
        )
        pool = self.libvirt.storagePoolLookupByName('pool')
        domain = self.start_domain()
        domain.stop()
        path = domain.disks['vda']
        changes = {
            "<disk type='file'": "<disk type='volume'",
            f"<source file='{path}'/>": f"<source pool='pool' volume='{path.name}'/>",
        }
        self.redefine(domain, changes)
        pool.refresh()
        self.assertHealthy(domain.start())
        domain.stop()
        pool.destroy()
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'vda', 'first')])


class TestAway(ReachTestCase):
    """What cannot be looked at now, and is there later."""

    def test_unplugged(self):
        """Only while the domain runs: it stays in the definition."""
        domain = self.start_domain(('vda', 'sdb'))
        domain.create('first')
        disk = disk_xml('sdb', domain.disks['sdb'])
        domain.libvirt.detachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.wait_until(lambda: 'sdb' not in domain.libvirt.XMLDesc(0), 'the guest to let it go')
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'sdb', 'first')])
        self.assertEqual(self.states(domain), {'vda': READY, 'sdb': UNKNOWN})
        self.assertEqual(domain.vck.lookup_checkpoint('first', None).query_state(None), UNKNOWN)
        domain.libvirt.attachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.assertLeft(domain, [])
        self.assertEqual(self.states(domain), {'vda': READY, 'sdb': READY})

    def test_another_image_meanwhile(self):
        domain = self.start_domain(('vda', 'sdb'))
        domain.create('first')
        own = disk_xml('sdb', domain.disks['sdb'])
        other = disk_xml('sdb', self.host.create_image('meanwhile'))
        domain.libvirt.detachDeviceFlags(own, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.wait_until(lambda: 'sdb' not in domain.libvirt.XMLDesc(0), 'the guest to let it go')
        domain.libvirt.attachDeviceFlags(other, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'sdb', 'first')])
        self.assertEqual(self.states(domain), {'vda': READY, 'sdb': UNKNOWN})

    def test_removed(self):
        """From the definition too: such a disk is gone."""
        domain = self.start_domain(('vda', 'sdb'))
        domain.create('first')
        domain.libvirt.detachDeviceFlags(
            disk_xml('sdb', domain.disks['sdb']),
            libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG,
        )
        self.wait_until(lambda: 'sdb' not in domain.libvirt.XMLDesc(0), 'the guest to let it go')
        self.assertEqual(domain.findings(), [(GONE, 'first', 'sdb', 'first')])
        self.assertEqual(len(acted_on(domain.vck.repair_checkpoints(0, None))), 1)
        self.assertEqual(domain.findings(), [])

    def hand_over(self, domain):
        """Migrates the domain to where nothing accepts it."""
        path = self.host.folder / 'migration'
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            self.host.give(path)
            listener.listen()
            domain.command('migrate', uri=f'unix:{path}')
            with listener.accept()[0] as stream:
                while stream.recv(1 << 20):
                    pass
        self.wait_until(
            lambda: domain.command('query-status')['status'] == 'postmigrate', 'the end of it'
        )

    def test_handed_over(self):
        """QEMU has stored the bitmaps, forgets them, and still answers."""
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        self.hand_over(domain)
        for call, *arguments in (
            (domain.vck.verify_checkpoints, None),
            (domain.vck.repair_checkpoints, 0, None),
            (domain.create, 'second'),
        ):
            message = self.assertFails(Vck.Error.OPERATION_INVALID, call, *arguments)
            self.assertIn('postmigrate', message)
        self.assertEqual(self.states(domain), {'vda': UNKNOWN, 'vdb': UNKNOWN})
        self.assertChain(domain, ['first'])
        domain.command('cont')
        self.assertLeft(domain, [])
        self.assertEqual(self.states(domain), BOTH)

    def test_restored_paused(self):
        """QEMU says that it is paused, but has not opened the images again yet."""
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.libvirt.suspend()
        self.assertLeft(domain, [])
        state = str(self.host.folder / 'state')
        domain.libvirt.save(state)
        self.assertLeft(domain, [])
        self.libvirt.restoreFlags(state, None, libvirt.VIR_DOMAIN_SAVE_PAUSED)
        self.assertEqual(domain.command('query-status')['status'], 'paused')
        for call, *arguments in (
            (domain.vck.repair_checkpoints, 0, None),
            (domain.create, 'second'),
        ):
            message = self.assertFails(Vck.Error.OPERATION_INVALID, call, *arguments)
            self.assertIn('resume it', message)
        self.assertChain(domain, ['first'])
        domain.libvirt.resume()
        self.assertLeft(domain, [])
        self.assertEqual(self.states(domain), BOTH)

    def test_saved(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.libvirt.managedSave()
        self.assertLeft(domain, [])
        domain.start()
        self.assertLeft(domain, [])
        self.assertEqual(self.states(domain), BOTH)

    def test_not_openable(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.stop()
        hidden = domain.disks['vdb'].with_suffix('.hidden')
        os.rename(domain.disks['vdb'], hidden)
        domain.disks['vdb'].symlink_to(domain.disks['vdb'].name)
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'vdb', 'first')])
        domain.disks['vdb'].unlink()
        os.rename(hidden, domain.disks['vdb'])
        self.assertLeft(domain, [])


class TestElsewhere(ReachTestCase):
    """A path that is another file for libvirt than it is here, as with a libvirt in a container: one
    below the folder that a process is in."""

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(os.chdir, os.getcwd())
        os.chdir('/')
        super().setUpClass()

    def assertUnreported(self, domain):
        for call, *arguments in (
            (domain.vck.verify_checkpoints, None),
            (domain.vck.repair_checkpoints, 0, None),
        ):
            message = self.assertFails(Vck.Error.OPERATION_INVALID, call, *arguments)
            self.assertIn("'vda'", message)
            self.assertIn('start it', message)
        self.assertChain(domain, ['first'])

    def test_another_file_of_the_same_name(self):
        real = self.host.create_image('here')
        path = pathlib.Path(f'/proc/self/cwd{real}')
        domain = self.start_domain(disks={'vda': path})
        domain.create('first')
        self.assertLeft(domain, [])
        domain.stop()
        self.assertLeft(domain, [])
        copy = pathlib.Path(f'{self.host.folder}{real}')
        copy.parent.mkdir(parents=True)
        os.chdir(self.host.folder)
        self.assertUnreported(domain)
        run('qemu-img', 'create', '-q', '-f', 'qcow2', copy, str(DISK_SIZE))
        os.truncate(copy, os.stat(real).st_size)
        self.assertUnreported(domain)
        os.chdir('/')
        self.assertLeft(domain, [])


class TestBacking(ReachTestCase):
    """Bitmaps that an overlay was put on."""

    def test_overlay(self):
        domain = self.start_domain()
        domain.create('first')
        domain.stop()
        base = domain.disks['vda']
        top = self.overlay('over', '-b', base.name, '-F', 'qcow2')
        self.redefine(domain, {f"<source file='{base}'/>": f"<source file='{top}'/>"})
        self.assertLeft(domain, [(UNREACHABLE, 'first', 'vda', 'first')])
        domain.start()
        self.assertLeft(domain, [(IN_BACKING, 'first', 'vda', 'first')])
        self.assertEqual(self.states(domain), {'vda': UNKNOWN})

    def test_truly_missing(self):
        self.host.create_image('floor')
        top = self.overlay('ceiling', '-b', 'floor.qcow2', '-F', 'qcow2')
        domain = self.start_domain(disks={'vda': top})
        domain.create('first')
        domain.stop()
        run('qemu-img', 'bitmap', '--remove', top, 'first')
        domain.start()
        self.assertEqual(domain.findings(), [(MISSING, 'first', 'vda', 'first')])
