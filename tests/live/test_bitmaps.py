# SPDX-License-Identifier: LGPL-2.1-or-later

"""The bitmaps in the images of libvirt's domains, running and off."""

import os
import pathlib
import socket
import unittest
import xml.etree.ElementTree as ElementTree

import libvirt

from host import LiveTestCase, disk_xml
from support import GRANULARITY, run
from gi.repository import Vck

CHECKPOINT = Vck.BitmapOwner.CHECKPOINT
FOREIGN = Vck.BitmapOwner.FOREIGN


class BitmapsTestCase(LiveTestCase):
    def bitmaps(self, domain, flags=0):
        """[(disk, path, name, checkpoint, size)]; those of no checkpoint are foreign to libvirt."""
        listed = domain.vck.list_bitmaps(flags)
        for each in listed:
            self.assertEqual(each.owner, FOREIGN if each.checkpoint is None else CHECKPOINT)
            self.assertEqual(each.granularity, GRANULARITY)
        return [(each.disk, pathlib.Path(each.image), each.name, each.checkpoint, each.size) for each in listed]

    def assertNotListed(self, domain, word, code=Vck.Error.OPERATION_FAILED, flags=0):
        self.assertIn(word, self.assertFails(code, domain.vck.list_bitmaps, flags))

    def overlay(self, name, base):
        path = self.host.folder / f'{name}.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', base.name, '-F', 'qcow2', path)
        self.host.give(path)
        return path

    def redefine(self, domain, changes):
        xml = domain.libvirt.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        for old, new in changes.items():
            self.assertIn(old, xml)
            xml = xml.replace(old, new)
        self.libvirt.defineXML(xml)


class TestImages(BitmapsTestCase):
    def test_running_and_off(self):
        """Off, the bitmaps are read from the images, also how much they mark."""
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first', {'vda': 'bitmap', 'vdb': 'no'})
        domain.add_bitmap('vdb', 'other')
        domain.write('vda', 0, 2 * GRANULARITY)
        domain.write('vdb', 0, 1)
        expected = [
            ('vda', domain.disks['vda'], 'first', 'first', 2 * GRANULARITY),
            ('vdb', domain.disks['vdb'], 'other', None, GRANULARITY),
        ]
        self.assertEqual(self.bitmaps(domain), expected)
        domain.stop()
        self.assertEqual(self.bitmaps(domain), expected)

    def test_killed(self):
        domain = self.start_domain()
        domain.create('first')
        domain.stop()
        domain.start()
        domain.kill()
        (off,) = domain.vck.list_bitmaps()
        domain.start()
        (running,) = domain.vck.list_bitmaps()
        for bitmap in (off, running):
            self.assertTrue(bitmap.inconsistent)
            self.assertEqual((bitmap.checkpoint, bitmap.size), ('first', -1))

    def test_in_memory(self):
        """What libvirt and others have QEMU keep is listed, too, while it is there."""
        domain = self.start_domain()
        node = domain.node('vda')['node-name']
        domain.command('block-dirty-bitmap-add', node=node, name='job', disabled=True)
        (bitmap,) = domain.vck.list_bitmaps()
        self.assertEqual((bitmap.name, bitmap.persistent, bitmap.recording), ('job', False, False))
        domain.stop()
        self.assertEqual(self.bitmaps(domain), [])

    def test_volume(self):
        self.host.create_image('volume')
        self.libvirt.storagePoolCreateXML(
            f"<pool type='dir'><name>pool</name><target><path>{self.host.folder}</path></target></pool>"
        )
        pool = self.libvirt.storagePoolLookupByName('pool')
        domain = self.start_domain()
        path = domain.disks['vda']
        domain.create('first')
        domain.stop()
        changes = {
            "<disk type='file'": "<disk type='volume'",
            f"<source file='{path}'/>": f"<source pool='pool' volume='{path.name}'/>",
        }
        self.redefine(domain, changes)
        pool.refresh()
        expected = [('vda', path, 'first', 'first', 0)]
        self.assertEqual(self.bitmaps(domain), expected)
        domain.start()
        self.assertEqual(self.bitmaps(domain), expected)
        domain.stop()
        pool.destroy()
        self.assertNotListed(domain, "disk 'vda'")

    def test_read_only(self):
        """libvirt lets no such connection ask QEMU; of a domain that is off the files will do."""
        domain = self.start_domain()
        domain.create('first')
        connection = Vck.Connection.open(self.host.uri(), 'READ_ONLY')
        self.addCleanup(connection.close)
        reader = connection.lookup_domain_by_name(domain.name)
        self.assertFails(Vck.Error.OPERATION_DENIED, reader.list_bitmaps)
        domain.stop()
        (bitmap,) = reader.list_bitmaps()
        self.assertEqual(bitmap.checkpoint, 'first')


class TestUnseen(BitmapsTestCase):
    """There is a list of all, or none."""

    def test_not_openable(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.stop()
        hidden = domain.disks['vdb'].with_suffix('.hidden')
        os.rename(domain.disks['vdb'], hidden)
        domain.disks['vdb'].symlink_to(domain.disks['vdb'].name)
        self.assertNotListed(domain, "disk 'vdb'")
        domain.disks['vdb'].unlink()
        os.rename(hidden, domain.disks['vdb'])
        self.assertEqual(len(self.bitmaps(domain)), 2)

    def test_handed_over(self):
        """QEMU has stored the bitmaps, forgets them, and still answers."""
        domain = self.start_domain()
        domain.create('first')
        path = self.host.folder / 'migration'
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            self.host.give(path)
            listener.listen()
            domain.command('migrate', uri=f'unix:{path}')
            with listener.accept()[0] as stream:
                while stream.recv(1 << 20):
                    pass
        self.wait_until(lambda: domain.command('query-status')['status'] == 'postmigrate', 'the end of it')
        self.assertNotListed(domain, 'postmigrate', Vck.Error.OPERATION_INVALID)
        domain.command('cont')
        self.assertEqual(len(self.bitmaps(domain)), 1)

    def test_unplugged(self):
        """The domain does not have the disk now, though it stays in the definition."""
        domain = self.start_domain(('vda', 'sdb'))
        domain.create('first')
        disk = disk_xml('sdb', domain.disks['sdb'])
        domain.libvirt.detachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.wait_until(lambda: 'sdb' not in domain.libvirt.XMLDesc(0), 'the guest to let it go')
        self.assertEqual([row[0] for row in self.bitmaps(domain)], ['vda'])
        domain.libvirt.attachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_LIVE)
        self.assertEqual([row[0] for row in self.bitmaps(domain)], ['vda', 'sdb'])


class TestBacking(BitmapsTestCase):
    def test_overlay(self):
        """While the domain is off, it is not known whether libvirt opens the same files below its image."""
        domain = self.start_domain()
        domain.create('first')
        domain.write('vda', 0, 1)
        domain.stop()
        base = domain.disks['vda']
        run('qemu-img', 'bitmap', '--add', base, 'other')
        top = self.overlay('over', base)
        self.redefine(domain, {f"<source file='{base}'/>": f"<source file='{top}'/>"})
        self.assertEqual(self.bitmaps(domain), [])
        self.assertNotListed(domain, 'start it', flags='BACKING')
        domain.start()
        self.assertEqual(self.bitmaps(domain), [])
        below = [('vda', base, 'first', 'first', GRANULARITY), ('vda', base, 'other', None, 0)]
        self.assertEqual(self.bitmaps(domain, 'BACKING'), below)
        source = ElementTree.fromstring(domain.libvirt.XMLDesc(0)).find('devices/disk/source')
        node = f"libvirt-{source.get('index')}-format"
        domain.command('block-dirty-bitmap-add', node=node, name='first', persistent=True)
        own = ('vda', top, 'first', 'first', 0)
        self.assertEqual(
            self.bitmaps(domain, 'BACKING'), [own, ('vda', base, 'first', None, GRANULARITY), below[1]]
        )


if __name__ == '__main__':
    unittest.main()
