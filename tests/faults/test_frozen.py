# SPDX-License-Identifier: LGPL-2.1-or-later

"""The guest agent freezes a file system for a backup, and is thawed whatever happens meanwhile: the real one,
where the test may mount a file system for it."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

from qemu import die_with_parent
from running import RunningTestCase
from support import TIMEOUT, clean_environment
from gi.repository import GLib, Vck

ATTEMPTS = 50


class TestFrozen(RunningTestCase):
    targets = ('vda',)

    def setUp(self):
        super().setUp()
        self.open_store(self.folder / 'store')
        self.start_agent()

    def start_agent(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.agent))
            listener.listen(10)
            self.process = subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name('agent.py'), self.folder],
                stdin=listener, env=clean_environment(), preexec_fn=die_with_parent)
        self.addCleanup(self.end_agent)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.guest = pathlib.Path(f'/proc/{self.process.pid}/root/guest')
        self.writer = None
        self.can_freeze = os.path.ismount(self.guest)

    def end_agent(self):
        """Nothing stays frozen."""
        self.ask('guest-fsfreeze-thaw')
        self.process.kill()
        self.process.wait()

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(TIMEOUT)
            client.connect(str(self.agent))
            client.sendall(json.dumps({'execute': command}).encode() + b'\n')
            return json.loads(client.makefile().readline())['return']

    def await_thawed(self):
        for _ in range(TIMEOUT * 10):
            if self.ask('guest-fsfreeze-status') == 'thawed':
                if self.writer is not None:
                    self.writer.join()
                return
            time.sleep(0.1)
        self.fail('the guest stays frozen')

    def start_writer(self):
        """Something in the guest writes a file, and waits while that is frozen; nothing, for a script."""
        if self.can_freeze:
            self.writer = threading.Thread(target=(self.guest / 'file').write_text, args=('written',))
            self.writer.start()
            time.sleep(0.2)
            self.assertTrue(self.writer.is_alive())

    @staticmethod
    def children(pid):
        lists = pathlib.Path(f'/proc/{pid}/task').glob('*/children')
        return sorted(int(child) for each in lists for child in each.read_text().split())

    def begin_frozen(self):
        """A program whose backup is stopped while the guest is frozen: its QEMU does not answer then."""
        for _ in range(ATTEMPTS):
            actor = subprocess.Popen([os.environ['CRASH_ACTOR'], self.uri, str(self.store.parent), 'quiesce'],
                                     env=clean_environment(), start_new_session=True)
            while actor.poll() is None:
                if self.ask('guest-fsfreeze-status') == 'frozen':
                    os.kill(self.qemu.process.pid, signal.SIGSTOP)
                    time.sleep(0.2)
                    if self.ask('guest-fsfreeze-status') == 'frozen':
                        return actor
                    os.kill(self.qemu.process.pid, signal.SIGCONT)
            self.assertEqual(actor.wait(), 0)
        self.fail('the guest is never frozen long enough')

    def go_on(self):
        """QEMU answers again; all is well afterwards."""
        os.kill(self.qemu.process.pid, signal.SIGCONT)
        self.connect()
        self.back_up(Vck.BackupFlags.QUIESCE)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.assertNothingLeft()

    def test_backup(self):
        """Nothing is frozen afterwards, also if the backup is refused, and no process is left."""
        self.back_up(Vck.BackupFlags.QUIESCE)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.qemu.command('block-dirty-bitmap-add', node='n-vda', name='taken', persistent=True)
        self.assertFails(Vck.Error.OPERATION_FAILED, self.domain.create_checkpoint_xml,
                         '<domaincheckpoint><name>taken</name></domaincheckpoint>',
                         Vck.CheckpointCreateFlags.QUIESCE, None)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.assertEqual(self.children(os.getpid()), sorted([self.process.pid, self.qemu.process.pid]))

    def test_program_killed(self):
        """What guards the freezing thaws at once, also when the whole process group is killed."""
        self.connection.close()
        actor = self.begin_frozen()
        self.start_writer()
        os.killpg(actor.pid, signal.SIGKILL)
        actor.wait()
        self.await_thawed()
        self.go_on()

    def test_service_stopped(self):
        """SIGTERM reaches all processes of a service, with the guard among them."""
        self.connection.close()
        actor = self.begin_frozen()
        guard, = self.children(actor.pid)
        self.start_writer()
        os.kill(guard, signal.SIGTERM)
        time.sleep(0.2)
        os.killpg(actor.pid, signal.SIGTERM)
        actor.wait()
        self.await_thawed()
        self.go_on()

    def test_qemu_killed(self):
        """The program itself thaws, as soon as it sees that the backup cannot begin."""
        self.connection.close()
        actor = self.begin_frozen()
        self.qemu.kill()
        self.assertNotEqual(actor.wait(), 0)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.qemu.start()
        self.connect()
        self.back_up(Vck.BackupFlags.QUIESCE)
        self.assertNothingLeft()

    def test_left_frozen(self):
        """By a program that was killed together with its guard: the next attempt fails, and thaws."""
        self.ask('guest-fsfreeze-freeze')
        with self.assertRaises(GLib.Error):
            self.back_up(Vck.BackupFlags.QUIESCE)
        self.assertEqual(self.ask('guest-fsfreeze-status'), 'thawed')
        self.back_up(Vck.BackupFlags.QUIESCE)
        self.assertNothingLeft()
