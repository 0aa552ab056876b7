# SPDX-License-Identifier: LGPL-2.1-or-later

"""A backup of a running domain, made by a program that is interrupted at a call by which it changes
something, and the one after it."""

import hashlib
import os
import subprocess

from running import DISK_SIZE, RunningTestCase
from support import clean_environment

BLOCK = 65536


class KilledTestCase(RunningTestCase):
    def setUp(self):
        super().setUp()
        self.connection.close()  # else this process would connect to QEMU, too, and keep the other waiting
        self.mark = self.folder / 'mark'
        self.open_store(self.folder / 'store')
        self.content = {target: bytearray(DISK_SIZE) for target in self.targets}
        self.hashes = {}
        self.number = 0
        for _ in range(2):
            self.write()
            self.assertEqual(self.run_actor(), 0)
            self.note(self.hash_now())

    def write(self):
        """The guest writes to both disks: over what it wrote before, and beside it."""
        self.number += 1
        offset, value = self.number % 100 * BLOCK + 512, 1 + self.number % 255
        for target in self.targets:
            self.qemu.write(target, offset, BLOCK, value)
            self.content[target][offset:offset + BLOCK] = bytes([value]) * BLOCK

    def run_actor(self, **environment):
        command = [os.environ['CRASH_ACTOR'], self.uri, str(self.store.parent)]
        done = subprocess.run(command, check=False, env=clean_environment() | environment, capture_output=True)
        self.said = done.stderr.decode(errors='replace')
        return done.returncode

    def hash_now(self):
        return {target: hashlib.sha256(content).hexdigest() for target, content in self.content.items()}

    def note(self, hashes):
        """Backups that are new have this content."""
        for backup in self.listed():
            self.hashes.setdefault(backup, hashes)

    def check(self):
        for backup in self.listed()[-3:]:
            self.assertEqual(self.hash_backup(backup), self.hashes[backup], backup)

    def interrupt(self, mode, number, text=None):
        """Runs the actor until that call, or that message with the text. False if there are not so many."""
        self.mark.unlink(missing_ok=True)
        self.run_actor(LD_PRELOAD=os.environ['CRASH_POINTS'], VCK_CRASH_PROGRAM='backup-actor',
                       VCK_CRASH_MODE=mode, VCK_CRASH_AT=str(number), VCK_CRASH_MARK=str(self.mark),
                       ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1',
                       **({'VCK_CRASH_TEXT': text} if text else {}))
        return self.mark.exists()

    def try_point(self, mode, number, text=None):
        """False if there are not so many points."""
        before = self.hash_now()
        if not self.interrupt(mode, number, text):
            return False
        self.check_next(before, f'{mode} at call {number}, {self.mark.read_text()} {text or ""}: {self.said}')
        return True

    def check_next(self, before, where):
        """After an interruption all is as it should be, and with the next backup nothing is left of it."""
        self.write()  # QEMU may still be copying
        self.note(before)
        self.check()
        self.assertEqual(self.run_actor(), 0, f'{where}: {self.said}')
        names = self.listed()
        for name in names[:-1]:
            self.hashes.setdefault(name, before)  # it is completed now
        self.note(self.hash_now())
        self.check()
        for target, disk in self.manifest(names[-1])['disks'].items():
            self.assertEqual(disk['base'], names[-2], f'{target}, {where}: {disk["why_full"]}')
        self.connect()
        with self.subTest(where):
            self.assertNothingLeft()
        self.connection.close()
