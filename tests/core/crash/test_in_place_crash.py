# SPDX-License-Identifier: LGPL-2.1-or-later

"""A restore in place is killed at calls by which it changes something: once it is recovered both disks hold
what they held before or what is restored, and the next backup is right, and incremental on the right one."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

UUID = '0b2c4f0e-64c5-4e9c-9d3e-000000000001'
# A sanitizer is loaded for this interpreter, not for what it starts.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != 'LD_PRELOAD'}
SIZE = 1 << 20
BLOCK = 65536
DISKS = ('vda', 'vdb')
EVERY = 1 if os.environ.get('VCK_CRASH_ALL') else 5


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


class InPlaceCrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.folder = self.root / 'work'
        self.store = self.folder / 'store' / UUID

    def image(self, disk):
        return self.folder / f'{disk}.qcow2'

    def prepare(self):
        """A domain with two backups, and something written since."""
        shutil.rmtree(self.folder, ignore_errors=True)
        domain = self.folder / 'domains' / UUID
        domain.mkdir(parents=True)
        disks = ''.join(
            f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{self.image(disk)}'/>"
            f"<target dev='{disk}'/></disk>" for disk in DISKS)
        (domain / 'domain.xml').write_text(
            f'<domain><name>t</name><uuid>{UUID}</uuid><devices>{disks}</devices></domain>')
        for disk in DISKS:
            run('qemu-img', 'create', '-q', '-f', 'qcow2', self.image(disk), SIZE)
        self.hashes = {}
        for number in range(2):
            self.write(number)
            self.assertEqual(self.act(), 0)
            self.hashes[self.listed()[-1]] = self.hash_disks()
        self.write(2)

    def write(self, number):
        for disk in DISKS:
            run('qemu-io', '-f', 'qcow2', '-c', f'write -P {number + 1} {number * BLOCK} {2 * BLOCK}', self.image(disk))

    def act(self, *words, **environment):
        command = [os.environ['CRASH_ACTOR'], f'local://{self.folder}/domains', str(self.folder / 'store'), *words]
        return subprocess.run(command, check=False, env=ENVIRONMENT | environment).returncode

    def hash(self, image):
        raw = self.root / 'raw'
        run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', image, raw)
        return hashlib.sha256(raw.read_bytes()).hexdigest()

    def hash_disks(self):
        return [self.hash(self.image(disk)) for disk in DISKS]

    def listed(self):
        return sorted(path.name for path in self.store.iterdir() if path.is_dir() and path.name[0] != '.')

    def try_point(self, number, mode):
        """False if there are not so many points."""
        self.prepare()
        mark = self.root / 'mark'
        mark.unlink(missing_ok=True)
        first, second = self.listed()
        before = self.hash_disks()
        code = self.act('restore', first, LD_PRELOAD=os.environ['CRASH_POINTS'], VCK_CRASH_PROGRAM='backup-actor',
                        VCK_CRASH_MODE=mode, VCK_CRASH_AT=str(number), VCK_CRASH_MARK=str(mark),
                        ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1')
        point = f'{mode} {number}: {mark.read_text() if mark.exists() else "none"}'
        self.assertEqual(self.act('recover'), 0, point)
        after = self.hash_disks()
        if code == 0:
            self.assertEqual(after, self.hashes[first], point)
        self.assertTrue(code == 0 or mark.exists(), f'{point}: not interrupted, and fails with {code}')
        self.assertIn(after, (before, self.hashes[first]), point)
        self.assertFalse(list(self.folder.glob('*.vck-restore')), point)
        self.assertFalse(list(self.store.glob('.*')), point)
        if after == self.hashes[first] and mark.exists():
            self.completed += 1
        self.write(3)
        self.assertEqual(self.act(), 0, point)
        last = self.listed()[-1]
        self.hashes[last] = self.hash_disks()
        disks = json.loads((self.store / last / 'backup.json').read_text())['disks']
        base = first if after == self.hashes[first] else second
        for index, disk in enumerate(DISKS):
            self.assertEqual(disks[disk]['base'], base, f'{point}: {disks[disk]["why_full"]}')
            for name in self.listed():
                self.assertEqual(self.hash(self.store / name / f'{disk}.qcow2'), self.hashes[name][index], point)
        return mark.exists()

    def try_all(self, mode, every):
        self.completed = 0
        number = 1
        while self.try_point(number, mode):
            number += every
        self.assertGreater(number, 5 * every)

    def test_killed(self):
        self.try_all('kill', EVERY)
        self.assertGreaterEqual(self.completed, 1)

    def test_no_room(self):
        """One write fails for want of room: the restore fails and leaves nothing, or had begun to replace images."""
        self.try_all('enospc', 2 * EVERY)
