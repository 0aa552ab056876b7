# SPDX-License-Identifier: LGPL-2.1-or-later

"""Changed blocks and backups with a libvirtd of another user, beside virsh and python3-libvirt."""

import json
import os
import pathlib
import signal
import time

import libvirt

from host import LiveDomain, LiveTestCase, checkpoint_xml
from support import DISK_SIZE
from gi.repository import Vck

BLOCK = 65536
PF_EXITING = 4  # of the kernel


def push_xml(path, base=None):
    incremental = f'<incremental>{base}</incremental>' if base else ''
    return (
        f"<domainbackup>{incremental}<disks><disk name='vda' type='file'>"
        f"<target file='{path}'/></disk></disks></domainbackup>"
    )


def pull_xml(folder):
    return (
        f"<domainbackup mode='pull'><server transport='unix' socket='{folder}/nbd'/><disks>"
        f"<disk name='vda' type='file'><scratch file='{folder}/scratch'/></disk>"
        '</disks></domainbackup>'
    )


def count_threads():
    """The threads of this process that follow a backup, without those that are about to be gone."""
    found = 0
    for task in pathlib.Path('/proc/self/task').iterdir():
        name, _, rest = (task / 'stat').read_text().rpartition(') ')
        found += name.endswith('(vck-backup') and not int(rest.split()[6]) & PF_EXITING
    return found


def wait_for_thread():
    """Waits until the thread that follows a backup, which has been started, has its name."""
    deadline = time.monotonic() + 10
    while count_threads() == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    return count_threads()


def spans(extents):
    return [(each.offset // BLOCK, each.length // BLOCK) for each in extents]


class TestBackup(LiveTestCase):
    def begin(self, live, backup_xml, checkpoint=None):
        document = checkpoint_xml(checkpoint) if checkpoint else None
        return live.vck.begin_backup(backup_xml, document, 0, None)

    def begin_and_restart_daemon(self, live):
        """Returns when the backup had begun."""
        job = self.begin(live, pull_xml(self.host.folder), 'checkpoint')
        begun = time.monotonic()
        self.wait_until(lambda: job.get_time_elapsed() > 500)
        self.host.kill()
        self.host.start()
        self.connect()
        live.reconnect()
        return begun

    def test_changed_blocks(self):
        """Of checkpoints of either, and libvirt keeps no job of that."""
        live = self.start_domain(('vda', 'vdb'))
        first = live.create('first')
        live.write('vda', 3 * BLOCK, 2 * BLOCK)
        live.create_by_libvirt('second')
        live.write('vda', 9 * BLOCK, BLOCK)
        live.vck.refresh(None)
        second = live.vck.lookup_checkpoint('second', None)
        self.assertEqual(spans(first.list_extents('vda', 0, None)), [(3, 2), (9, 1)])
        self.assertEqual(spans(second.list_extents('vda', 0, None)), [(9, 1)])
        self.assertEqual(spans(second.list_extents('vdb', 0, None)), [])
        self.assertEqual(live.libvirt.jobStats()['type'], libvirt.VIR_DOMAIN_JOB_NONE)
        self.assertEqual(live.bitmaps('vda'), ['first', 'second'])
        self.assertEqual(live.findings(), [])

    def test_incremental_on_the_other(self):
        """Vck copies what was written since libvirt's checkpoint, and the other way round."""
        live = self.start_domain()
        live.create_by_libvirt('libvirt')
        live.write('vda', 3 * BLOCK, 2 * BLOCK)
        job = self.begin(live, push_xml(self.host.folder / 'one', 'libvirt'), 'vck')
        self.assertTrue(job.wait(None))
        self.assertEqual(job.get_bytes_done(), 2 * BLOCK)
        live.write('vda', 7 * BLOCK, BLOCK)
        live.libvirt.backupBegin(push_xml(self.host.folder / 'two', 'vck'), None, 0)
        self.wait_until(lambda: live.libvirt.jobStats()['type'] == libvirt.VIR_DOMAIN_JOB_NONE)
        result = live.libvirt.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)
        self.assertEqual(result['disk_processed'], BLOCK)

    def test_virsh_sees_it_and_ends_it(self):
        live = self.start_domain()
        job = self.begin(live, pull_xml(self.host.folder), 'checkpoint')
        self.assertIn('Backup', live.virsh('domjobinfo'))
        self.assertIn("mode='pull'", live.virsh('backup-dumpxml').replace('"', "'"))
        live.virsh('domjobabort')
        self.assertTrue(job.wait(None))
        self.assertEqual(job.get_state(), Vck.JobState.DONE)
        self.assertChain(live, ['checkpoint'])

    def test_daemon_restarts(self):
        """QEMU and libvirt go on with the backup, and a new connection takes it up."""
        live = self.start_domain()
        begun = self.begin_and_restart_daemon(live)
        job = live.vck.get_backup_job(None)
        self.assertEqual(job.get_state(), Vck.JobState.RUNNING)
        elapsed = job.get_time_elapsed()
        self.assertGreaterEqual(elapsed, (time.monotonic() - begun) * 1000 - 200)  # libvirt itself counts from 0
        job.cancel(None)
        self.assertTrue(job.wait(None))
        self.assertEqual(job.get_state(), Vck.JobState.DONE)
        self.assertGreaterEqual(job.get_time_elapsed(), elapsed)
        self.assertChain(live, ['checkpoint'])

    def test_daemon_restarts_before_another_backup(self):
        """Whose time is its own."""
        live = self.start_domain()
        begun = self.begin_and_restart_daemon(live)
        live.libvirt.abortJob()
        self.wait_until(lambda: live.libvirt.jobStats()['type'] == libvirt.VIR_DOMAIN_JOB_NONE)
        other = pull_xml(self.host.folder).replace("/scratch'", "/other'")
        live.libvirt.backupBegin(other, None, 0)
        job = live.vck.get_backup_job(None)
        self.assertLess(job.get_time_elapsed(), (time.monotonic() - begun) * 1000 - 200)
        job.cancel(None)
        self.assertTrue(job.wait(None))

    def test_daemon_is_killed_while_a_backup_begins(self):
        """libvirt never ends that job, which is none, and lets others wait for it."""
        live = self.start_domain()
        live.create('first')
        qemu = self.host.qemu_pid(live.name)
        status = self.host.run_folder / 'libvirt' / 'qemu' / 'run' / f'{live.name}.xml'
        begun = []
        os.kill(qemu, signal.SIGSTOP)
        try:
            live.vck.begin_backup_async(
                pull_xml(self.host.folder), None, 0, None, lambda _domain, result: begun.append(result)
            )
            self.wait_until(lambda: "async='backup'" in status.read_text())
        finally:
            self.host.kill()
            os.kill(qemu, signal.SIGCONT)
        self.wait_until(lambda: begun)
        self.host.start()
        self.connect()
        live.reconnect()

        self.assertFails(Vck.Error.NO_BACKUP, live.vck.get_backup_job, None)
        before = time.monotonic()
        message = self.assertFails(Vck.Error.BUSY, self.begin, live, pull_xml(self.host.folder))
        self.assertIn('restart libvirtd', message)
        self.assertLess(time.monotonic() - before, 20)  # libvirt's own wait is 30 seconds
        live.create('second')
        self.assertChain(live, ['first', 'second'])
        live.libvirt.destroy()
        self.host.kill()
        self.host.start()
        self.connect()
        live.reconnect()
        live.start()
        job = self.begin(live, pull_xml(self.host.folder))
        job.cancel(None)
        self.assertTrue(job.wait(None))
        self.assertChain(live, ['first', 'second'])

    def test_close(self):
        """Closing a connection waits for the thread that follows a backup, which goes on without it."""
        live = self.start_domain()
        connection = Vck.Connection.open(self.host.uri(), 0, None)
        domain = connection.lookup_domain_by_name(live.name, None)
        domain.begin_backup(pull_xml(self.host.folder), None, 0, None)
        self.assertEqual(wait_for_thread(), 1)
        connection.close()
        self.assertEqual(count_threads(), 0)
        job = live.vck.get_backup_job(None)
        self.assertEqual(job.get_state(), Vck.JobState.RUNNING)
        self.assertEqual(wait_for_thread(), 1)
        job.cancel(None)
        self.assertTrue(job.wait(None))

    def test_close_without_answer(self):
        """Nor is a thread waited for that gets no answer from libvirtd."""
        live = self.start_domain()
        connection = Vck.Connection.open(self.host.uri(), 0, None)
        domain = connection.lookup_domain_by_name(live.name, None)
        domain.begin_backup(pull_xml(self.host.folder), None, 0, None)
        self.addCleanup(live.reconnect)
        self.addCleanup(self.connect)
        self.addCleanup(self.host.start)
        self.addCleanup(self.host.kill)
        self.host.freeze()
        time.sleep(0.5)  # the thread asks every 250 ms
        connection.close()
        self.assertEqual(count_threads(), 1)

    def test_repository(self):
        """Incremental backups into a folder of Vck's, and each is restored as it was."""
        live = self.start_domain()
        self.be_user_of_qemu()
        folder = self.host.folder / 'repository'
        repository = Vck.Repository.open(str(folder), Vck.RepositoryFlags.CREATE, None)
        for number, base in ((1, False), (2, True), (3, True)):
            live.write('vda', number * BLOCK, 2 * BLOCK, pattern=number)
            backup = repository.backup(live.vck, None, 0, 0, 0, None)
            disk, = backup.list_disks()
            self.assertEqual(disk.get_base() is not None, base, disk.get_why_full())
            self.assertEqual(disk.get_bytes(), 2 * BLOCK if base else DISK_SIZE)  # libvirt looks at all of it
            restored = self.host.folder / f'restored-{number}'
            repository.restore(backup, 'vda', str(restored), Vck.RestoreFlags.RAW, None)
            expected = bytes(each for each in [0, *range(1, number + 1), number] for _ in range(BLOCK))
            with open(restored, 'rb') as file:
                self.assertEqual(file.read(len(expected)), expected)
                self.assertEqual(file.read(BLOCK), bytes(BLOCK))

    def test_no_backup_while_off(self):
        live = LiveDomain(self)
        message = self.assertFails(
            Vck.Error.OPERATION_UNSUPPORTED, self.begin, live, push_xml(self.host.folder / 'off')
        )
        self.assertIn('virsh start --paused', message)

    def test_restore_in_place(self):
        """While the domain is off; libvirt starts it with the new image and its checkpoint."""
        live = self.start_domain()
        folder = self.host.folder / 'in-place'
        repository = Vck.Repository.open(str(folder), Vck.RepositoryFlags.CREATE, None)
        backups = []
        for number in range(2):
            live.write('vda', number * BLOCK, BLOCK, number + 1)
            backups.append(repository.backup(live.vck, None, 0, 0, 0, None))
        flags = Vck.RestoreFlags(0)
        self.assertFails(Vck.Error.OPERATION_INVALID, repository.restore_in_place, live.vck, backups[0], None, flags, None)
        live.libvirt.managedSave()
        live.running = False
        message = self.assertFails(Vck.Error.OPERATION_INVALID, repository.restore_in_place, live.vck, backups[0], None,
                                   flags, None)
        self.assertIn('has a saved state', message)
        live.libvirt.managedSaveRemove()
        self.assertTrue(repository.restore_in_place(live.vck, backups[0], None, flags, None))
        # libvirt does not show the bitmaps of a domain that is off.
        self.assertFails(Vck.Error.OPERATION_INVALID, repository.verify_domain, live.vck, None)
        checkpoint, = live.libvirt.listAllCheckpoints()
        live.start()
        self.assertEqual(live.bitmaps('vda'), [checkpoint.getName()])
        live.write('vda', 5 * BLOCK, BLOCK, 9)
        disk, = repository.backup(live.vck, None, 0, 0, 0, None).list_disks()
        self.assertEqual((disk.get_base(), disk.get_bytes()), (backups[0].get_id(), BLOCK))
        manifest = json.loads((pathlib.Path(disk.get_path()).parent / 'backup.json').read_text())
        self.assertRegex(manifest['qemu'], r'^[0-9]+\.[0-9]+\.[0-9]+$')
