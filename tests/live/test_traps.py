# SPDX-License-Identifier: LGPL-2.1-or-later

"""What one falls into with libvirt alone, and what Vck does about it.

Each test first goes there with python3-libvirt, so that a libvirt that has mended it is noticed.
"""

import contextlib
import os
import threading

import libvirt

from host import TOPOLOGICAL, LiveTestCase, LiveDomain, described, xml_text
from support import TIMEOUT, names
from gi.repository import GLib, Vck


class TestTraps(LiveTestCase):
    def setUp(self):
        super().setUp()
        self.domain = self.shared_domain()

    def assertLibvirtFails(self, number, call, *arguments):
        with self.assertRaises(libvirt.libvirtError) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.get_error_code(), number, caught.exception)

    def create_branch(self, domain):
        """A chain, and the bitmap of the one in the middle is removed behind the back."""
        for name in ('trunk', 'branch', 'leaf'):
            domain.create_by_libvirt(name)
        domain.remove_bitmap('vda', 'branch')

    def test_delete_without_bitmap(self):
        """libvirt fails, but has given the children away by then."""
        domain = self.start_domain()
        self.create_branch(domain)
        branch = domain.libvirt.checkpointLookupByName('branch')
        self.assertLibvirtFails(libvirt.VIR_ERR_INTERNAL_ERROR, branch.delete)
        self.assertEqual(domain.parents(), {'trunk': None, 'branch': 'trunk', 'leaf': 'trunk'})

        self.create_branch(self.domain)
        branch = self.domain.vck.lookup_checkpoint('branch', None)
        seen = []
        handler = self.domain.vck.connect('checkpoint-removed', lambda *_: seen.append(1))
        self.addCleanup(self.domain.vck.disconnect, handler)
        message = self.assertFails(Vck.Error.CHECKPOINT_INCONSISTENT, branch.delete, 0, None)
        for part in ("'branch'", "'vda'", 'repair', 'METADATA_ONLY'):
            self.assertIn(part, message)
        self.assertChain(self.domain, ['trunk', 'branch', 'leaf'])
        self.assertEqual(self.domain.bitmaps('vdb'), ['branch', 'leaf', 'trunk'])
        self.assertEqual(seen, [])

    def test_delete_children_without_bitmap(self):
        """libvirt fails, but has deleted the others by then."""
        domain = self.start_domain()  # not to be used again: libvirt's tree is broken, up to crashing
        self.create_branch(domain)
        children = libvirt.VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN
        trunk = domain.libvirt.checkpointLookupByName('trunk')
        self.assertLibvirtFails(libvirt.VIR_ERR_INTERNAL_ERROR, trunk.delete, children)
        left = {each.getName() for each in domain.libvirt.listAllCheckpoints()}
        self.assertEqual(left, {'trunk', 'branch'})

        self.create_branch(self.domain)
        trunk = self.domain.vck.lookup_checkpoint('trunk', None)
        flags = Vck.CheckpointDeleteFlags.CHILDREN
        self.assertFails(Vck.Error.CHECKPOINT_INCONSISTENT, trunk.delete, flags, None)
        flags = Vck.CheckpointDeleteFlags.CHILDREN_ONLY
        self.assertFails(Vck.Error.CHECKPOINT_INCONSISTENT, trunk.delete, flags, None)
        self.assertChain(self.domain, ['trunk', 'branch', 'leaf'])
        self.assertEqual(self.domain.bitmaps('vda'), ['leaf', 'trunk'])

    def test_repair_instead(self):
        """What the refusal advises works: the checkpoint goes on without the disk, then is deleted."""
        self.create_branch(self.domain)
        missing = (Vck.FindingKind.BITMAP_MISSING, 'branch', 'vda', 'branch')
        self.assertEqual(self.domain.findings(), [missing])
        self.assertEqual(described(self.domain.vck.repair_checkpoints(0, None)), [missing])
        self.assertEqual(self.domain.findings(), [])
        self.assertChain(self.domain, ['trunk', 'branch', 'leaf'])
        self.domain.vck.lookup_checkpoint('branch', None).delete(0, None)
        self.assertChain(self.domain, ['trunk', 'leaf'])
        self.assertEqual(self.domain.bitmaps('vdb'), ['leaf', 'trunk'])

    def test_metadata_only_instead(self):
        self.create_branch(self.domain)
        branch = self.domain.vck.lookup_checkpoint('branch', None)
        branch.delete(Vck.CheckpointDeleteFlags.METADATA_ONLY, None)
        self.assertChain(self.domain, ['trunk', 'leaf'])

    def test_nothing_to_track(self):
        """libvirt makes checkpoints of which every backup is empty."""
        nothing = {'vda': 'no', 'vdb': 'no'}
        self.domain.create_by_libvirt('empty', nothing)
        self.assertEqual(self.domain.bitmaps('vda') + self.domain.bitmaps('vdb'), [])
        self.assertChain(self.domain, ['empty'])

        self.domain.clear()
        self.domain.create('first')
        message = self.assertFails(
            Vck.Error.CONFIG_UNSUPPORTED, self.domain.create, 'empty', nothing
        )
        self.assertIn("'empty'", message)
        self.assertChain(self.domain, ['first'])
        self.domain.create('second')
        self.assertChain(self.domain, ['first', 'second'])

    def test_one_second(self):
        """Creation times do not give the order of checkpoints of the same second."""
        made = ['zero', 'one', 'two', 'three', 'four']
        for name in made:
            self.domain.create(name)
        self.assertChain(self.domain, made)
        # However long that took, the same in one second for sure:
        self.domain.clear()
        parent = ''
        for name in made:
            self.domain.libvirt.checkpointCreateXML(
                f'<domaincheckpoint><name>{name}</name>{parent}'
                '<creationTime>1700000000</creationTime></domaincheckpoint>',
                libvirt.VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE,
            )
            parent = f'<parent><name>{name}</name></parent>'
        texts = [each.getXMLDesc() for each in self.domain.libvirt.listAllCheckpoints()]
        self.assertEqual({xml_text(text, 'creationTime') for text in texts}, {'1700000000'})
        self.assertChain(self.domain, made)
        below = self.domain.vck.lookup_checkpoint('one', None).list_children(
            TOPOLOGICAL | Vck.CheckpointListFlags.DESCENDANTS, None
        )
        self.assertEqual(names(below), made[2:])


class TestJobs(LiveTestCase):
    def setUp(self):
        super().setUp()
        self.domain = self.shared_domain()

    @contextlib.contextmanager
    def job(self):
        """A dump of the guest's memory into a pipe that is never read."""
        pipe = self.host.folder / 'pipe'
        os.mkfifo(pipe)
        self.host.give(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        other = libvirt.open(self.host.uri())
        dump = threading.Thread(target=self.dump, args=(other, pipe))
        dump.start()
        try:
            self.wait_until(lambda: self.domain.libvirt.jobInfo()[0] != 0, 'the job')
            yield
        finally:
            os.close(reader)
            dump.join()
            other.close()
            pipe.unlink()

    def dump(self, connection, pipe):
        with contextlib.suppress(libvirt.libvirtError):
            connection.lookupByName(self.domain.name).coreDump(str(pipe), libvirt.VIR_DUMP_LIVE)

    def assertAllBusy(self):
        """What libvirt would let wait is refused; the rest works."""
        domain = self.domain.vck
        domain.refresh(None)
        first = domain.lookup_checkpoint('first', None)
        self.assertEqual(names(domain.list_checkpoints(0, None)), ['first'])
        self.assertEqual(len(first.list_disks(0, None)), 2)
        self.assertIn('<name>first</name>', first.get_xml_desc(0, None))
        document = domain.export_checkpoints(None)
        size = Vck.CheckpointXmlFlags.SIZE
        for call, *arguments in (
            (first.delete, 0, None),
            (first.list_disks, size, None),
            (first.get_xml_desc, size, None),
            (first.query_state, None),
            (domain.verify_checkpoints, None),
            (domain.repair_checkpoints, 0, None),
            (domain.repair_checkpoints, Vck.RepairFlags.DRY_RUN, None),
            (domain.import_checkpoints, document, 0, None),
            (domain.rename, 'other', None),
            (domain.undefine, Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, None),
        ):
            with self.subTest(call.__name__):
                self.assertFails(Vck.Error.BUSY, call, *arguments)

    def assertStopped(self):
        """What became of the dump: QEMU has closed the images, where no bitmap would be stored."""
        self.assertEqual(self.domain.command('query-status')['status'], 'postmigrate')
        message = self.assertFails(Vck.Error.OPERATION_INVALID, self.domain.create, 'third')
        self.assertIn('postmigrate', message)
        self.domain.libvirt.resume()

    def test_job(self):
        """libvirt lets the caller wait, for half a minute."""
        self.domain.create('first')
        with self.job():
            waiting = threading.Thread(target=self.domain.create_by_libvirt, args=('second',))
            waiting.start()
            started = 'Starting job: API=remoteDispatchDomainCheckpointCreateXML job=modify'
            self.wait_until(lambda: self.host.has_logged(started), 'libvirt to begin')

            xml = '<domaincheckpoint><name>third</name></domaincheckpoint>'
            message = self.assertFails(
                Vck.Error.BUSY, self.domain.vck.create_checkpoint_xml, xml, 0, None
            )
            for part in (f"'{self.domain.name}'", 'dump', 'domjobabort'):
                self.assertIn(part, message)
            self.assertAllBusy()
            self.assertTrue(waiting.is_alive())
        waiting.join(TIMEOUT)
        self.assertChain(self.domain, ['first', 'second'])
        self.assertStopped()
        self.domain.create('third')
        self.assertChain(self.domain, ['first', 'second', 'third'])


class TestUndefine(LiveTestCase):
    """libvirt forgets the checkpoints of a domain before it refuses to undefine it."""

    FORGET = Vck.DomainUndefineFlags.CHECKPOINTS_METADATA

    def stopped(self, tweak=None):
        """A stopped domain with one checkpoint."""
        domain = LiveDomain(self)
        if tweak is not None:
            xml = domain.libvirt.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
            self.libvirt.defineXML(tweak(domain, xml))
        self.addCleanup(domain.kill)
        domain.start()
        domain.create('first')
        domain.stop()
        return domain

    def with_firmware(self, domain, xml):
        """With UEFI: an empty one is enough, for nothing is booted."""
        code, variables = (self.host.folder / f'{domain.name}.{part}' for part in ('code', 'vars'))
        for path, size in ((code, 256 * 1024), (variables, 64 * 1024)):
            path.write_bytes(bytes(size))
            self.host.give(path)
        loader = f"<loader readonly='yes' type='pflash'>{code}</loader><nvram>{variables}</nvram>"
        return xml.replace('</os>', f'{loader}</os><features><acpi/></features>')

    def assertLost(self, domain):
        """libvirt refuses, and the checkpoints are gone."""
        with self.assertRaises(libvirt.libvirtError) as caught:
            domain.libvirt.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA)
        self.assertEqual(caught.exception.get_error_code(), libvirt.VIR_ERR_OPERATION_INVALID)
        self.assertEqual(domain.parents(), {})

    def assertRefused(self, domain, flags, part):
        message = self.assertFails(Vck.Error.OPERATION_INVALID, domain.vck.undefine, flags, None)
        self.assertIn(part, message)
        self.assertEqual(domain.parents(), {'first': None})

    def test_saved_state(self):
        for by_libvirt in (True, False):
            domain = self.stopped()
            domain.start()
            domain.libvirt.managedSave()
            domain.running = False
            if by_libvirt:
                self.assertLost(domain)
                continue
            self.assertRefused(domain, self.FORGET, 'MANAGED_SAVE')
            domain.vck.undefine(self.FORGET | Vck.DomainUndefineFlags.MANAGED_SAVE, None)
            self.assertRaises(libvirt.libvirtError, self.libvirt.lookupByName, domain.name)

    def test_firmware(self):
        self.assertLost(self.stopped(self.with_firmware))
        domain = self.stopped(self.with_firmware)
        self.assertRefused(domain, self.FORGET, 'KEEP_NVRAM')
        flags = Vck.DomainUndefineFlags
        self.assertFails(
            Vck.Error.INVALID_ARG,
            domain.vck.undefine,
            self.FORGET | flags.NVRAM | flags.KEEP_NVRAM,
            None,
        )
        self.assertEqual(domain.parents(), {'first': None})
        domain.vck.undefine(self.FORGET | flags.KEEP_NVRAM, None)
        self.assertTrue((self.host.folder / f'{domain.name}.vars').exists())
        self.assertForgotten(domain)

    def test_file_that_stays(self):
        """If the bitmaps cannot be looked at, the checkpoints are put back."""
        domain = self.stopped(self.with_firmware)
        domain.start()
        domain.create('second')
        domain.stop()
        folder = self.host.folder / 'locked'
        folder.mkdir()
        os.rename(self.host.folder / f'{domain.name}.vars', folder / 'vars')
        xml = domain.libvirt.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        old = f'{self.host.folder}/{domain.name}.vars'
        self.libvirt.defineXML(xml.replace(old, f'{folder}/vars'))
        folder.chmod(0o555)
        self.addCleanup(folder.chmod, 0o755)
        flags = self.FORGET | Vck.DomainUndefineFlags.NVRAM
        self.assertRaises(GLib.Error, domain.vck.undefine, flags, None)
        self.assertChain(domain, ['first', 'second'])
        self.assertEqual(domain.findings(), [])
        domain.vck.undefine(self.FORGET | Vck.DomainUndefineFlags.KEEP_NVRAM, None)
        self.assertForgotten(domain)

    def assertForgotten(self, domain):
        """Nothing is left that a later domain of that name would get."""
        left = self.host.folder / 'config' / 'libvirt' / 'qemu' / 'checkpoint' / domain.name
        self.assertFalse(left.exists() and any(left.iterdir()))

    def test_snapshot(self):
        """With this flag libvirt does not even count the snapshots."""
        domain = LiveDomain(self)
        self.addCleanup(domain.kill)
        domain.libvirt.snapshotCreateXML('<domainsnapshot><name>photo</name></domainsnapshot>')
        domain.start()
        domain.create('first')
        domain.stop()
        self.assertRefused(domain, self.FORGET, 'SNAPSHOTS_METADATA')
        self.assertEqual(domain.libvirt.snapshotNum(), 1)
        domain.vck.undefine(self.FORGET | Vck.DomainUndefineFlags.SNAPSHOTS_METADATA, None)
        self.assertForgotten(domain)

    def test_running(self):
        """Such a domain keeps running, with its checkpoints."""
        domain = self.start_domain()
        domain.create('first')
        xml = domain.libvirt.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        domain.vck.undefine(0, None)
        self.assertEqual(domain.parents(), {'first': None})
        self.assertEqual(domain.findings(), [])
        self.libvirt.defineXML(xml)
