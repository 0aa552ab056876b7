# SPDX-License-Identifier: LGPL-2.1-or-later

"""A file system becomes full, or cannot reserve room, while a running domain is backed up to it. The guest
writes all the time, and must not notice."""

import mounts  # before what starts threads
import threading
import time

from qemu import Guest
from running import DATA, DISK_SIZE, MIB, RunningTestCase
from support import backup_xml, checkpoint_xml, run
from gi.repository import GLib, Vck

# The identity of a bitmap is not checked: the guest writes through the only NBD server.
FAST = Vck.BackupFlags.CHECK_FAST
NONE = Vck.BackupFlags(0)


class RoomTestCase(RunningTestCase):
    def start_guest(self, **how):
        self.guest = Guest(self.qemu, **how)
        self.addCleanup(self.end_guest)

    def end_guest(self):
        if self.guest is not None:
            self.guest.end()
            self.assertEqual(self.guest.errors, [])
            self.assertGreater(self.guest.number, 10)

    def try_back_up(self, flags=NONE):
        """None, or the error: there must have been no room."""
        try:
            self.back_up(FAST | flags)
        except GLib.Error as error:
            self.assertMatches(error, Vck.Error.NO_SPACE)
            return error.message
        return None

    def assertPoints(self, expected):
        """So many backups, each of all disks at one moment, between two writes."""
        self.assertEqual(len(self.listed()), expected)
        last = 0
        for backup in self.listed():
            moments = [self.guest.moment(self.read_backup(backup, target), last) for target in self.targets]
            self.assertNotIn(None, moments, f'{backup}: {moments}')
            self.assertIn(moments[0] - moments[1], (0, 1))
            last = moments[1]


class TestRoom(RoomTestCase):
    def setUp(self):
        super().setUp()
        self.room = mounts.Room(self, self.folder / 'room', 256 * MIB)
        self.open_store(self.room.path / 'store')
        self.guest = None

    def test_full_before(self):
        """With ever more room, until there is enough of it."""
        self.start_guest()
        messages = set()
        for pages in (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64, 256):
            self.room.fill(pages * 4096)
            messages.add(self.try_back_up())
            self.assertNothingLeft()
            self.room.empty()
        self.assertNotIn(None, messages)
        self.assertGreater(len(messages), 2)
        self.assertIsNone(self.try_back_up())
        for pages in (0, 4, 8, 12, 16, 20, 24, 32):
            self.room.fill(pages * 4096)
            self.assertIsNotNone(self.try_back_up())
            self.assertNothingLeft()
            self.room.empty()
        self.assertIsNone(self.try_back_up())
        base = self.manifest(self.listed()[1])['disks']['vda']['base']
        self.assertEqual(base, self.listed()[0])
        self.assertNothingLeft()
        self.assertPoints(2)

    def test_filled_meanwhile(self):
        """Another program takes all that is left, earlier or later."""
        self.start_guest()
        start = time.monotonic()
        self.assertIsNone(self.try_back_up())
        length = time.monotonic() - start
        done = 1
        for number in range(12):
            filler = threading.Timer(length * number / 10, self.room.fill)
            filler.start()
            done += self.try_back_up(Vck.BackupFlags.FULL if number % 2 else NONE) is None
            filler.join()
            self.assertNothingLeft()
            self.room.empty()
        self.assertIsNone(self.try_back_up())
        self.assertNothingLeft()
        self.assertPoints(done + 1)

    def test_scratch(self):
        """What a pull keeps for its reader grows with what the guest overwrites."""
        self.qemu.qmp.parent.joinpath('nbd').unlink(missing_ok=True)
        xml = (f"<domainbackup mode='pull'><server transport='unix' socket='{self.folder}/nbd'/><disks>" +
               ''.join(f"<disk name='{target}' type='file'><scratch file='{self.room.path}/{target}'/></disk>"
                       for target in self.targets) + '</disks></domainbackup>')
        self.room.fill(DATA)
        self.assertFails(Vck.Error.NO_SPACE, self.domain.begin_backup, xml, checkpoint_xml('one'), 0, None)
        self.assertEqual(self.qemu.leftovers(), [])
        self.room.empty()
        self.start_guest(over_nbd=False)
        job = self.domain.begin_backup(xml, checkpoint_xml('one'), 0, None)
        first = self.guest.number
        self.room.fill()
        while self.guest.number < first + 200:
            time.sleep(0.01)
        source = f'nbd:unix:{self.folder}/nbd:exportname='
        contents = []
        for target in self.targets:
            run('qemu-img', 'convert', '-f', 'raw', '-O', 'raw', source + target, self.folder / 'raw')
            contents.append(self.guest.moment((self.folder / 'raw').read_bytes()))
        self.assertNotIn(None, contents)
        self.assertIn(contents[0] - contents[1], (0, 1))
        job.cancel(None)
        self.assertTrue(job.wait(None))
        self.assertEqual(self.qemu.leftovers(), [])
        self.assertEqual([path.name for path in self.room.path.iterdir() if path.name in self.targets], [])


class TestNoReservation(RoomTestCase):
    def test_refused(self):
        """A file system that cannot reserve room is refused before anything is begun."""
        self.guest = None
        room = mounts.Room(self, self.folder / 'room', 0, 'ramfs')
        self.open_store(room.path / 'store')
        self.start_guest()
        self.assertIn('cannot be reserved', self.try_back_up())
        self.assertNothingLeft()
        job_files = {target: room.path / target for target in self.targets}
        message = self.assertFails(Vck.Error.NO_SPACE, self.domain.begin_backup, backup_xml(job_files),
                                   checkpoint_xml('one'), 0, None)
        self.assertIn('another file system', message)
        self.assertEqual(sorted(path.name for path in room.path.iterdir()), ['store'])
        self.assertNothingLeft()


class TestCompressed(RoomTestCase):
    """How much the disk takes on the host does not show how much there is to copy."""

    def make_image(self, image):
        plain = image.with_suffix('.plain')
        run('qemu-img', 'create', '-q', '-f', 'qcow2', plain, DISK_SIZE)
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P 0 0 {DATA}', '-c', f'write -P 1 {DATA} {DATA}', plain)
        run('qemu-img', 'convert', '-c', '-f', 'qcow2', '-O', 'qcow2', plain, image)
        plain.unlink()

    def test_full(self):
        self.guest = None
        room = mounts.Room(self, self.folder / 'room', 12 * MIB)
        self.open_store(room.path / 'store')
        self.start_guest()
        for _ in range(5):
            self.assertIsNotNone(self.try_back_up())
            self.assertNothingLeft()
