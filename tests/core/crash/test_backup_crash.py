# SPDX-License-Identifier: LGPL-2.1-or-later

"""A backup into a store is killed at calls by which it changes something: what is listed is right, and
the next backup is made, incremental on the last one that is listed."""

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
SIZE = 4 << 20
BLOCK = 65536
EVERY = 1 if os.environ.get('VCK_CRASH_ALL') else 9


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


class BackupCrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.folder = self.root / 'work'
        self.image = self.folder / 'vda.qcow2'
        self.store = self.folder / 'store' / UUID
        self.hashes = {}
        domain = self.folder / 'domains' / UUID
        domain.mkdir(parents=True)
        (domain / 'domain.xml').write_text(
            f"<domain><name>t</name><uuid>{UUID}</uuid><devices><disk type='file' device='disk'>"
            f"<driver name='qemu' type='qcow2'/><source file='{self.image}'/><target dev='vda'/>"
            '</disk></devices></domain>')
        run('qemu-img', 'create', '-q', '-f', 'qcow2', self.image, SIZE)
        for number in range(2):
            self.write(number)
            self.assertEqual(self.back_up(), 0)
            self.note()
        self.write(2)
        shutil.copytree(self.folder, self.root / 'prepared')

    def write(self, number):
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P {number + 1} {number * BLOCK} {2 * BLOCK}', self.image)

    def back_up(self, **environment):
        command = [os.environ['CRASH_ACTOR'], f'local://{self.folder}/domains', str(self.folder / 'store')]
        return subprocess.run(command, check=False, env=ENVIRONMENT | environment).returncode

    def hash(self, image):
        raw = self.root / 'raw'
        run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', image, raw)
        return hashlib.sha256(raw.read_bytes()).hexdigest()

    def listed(self):
        return sorted(path.name for path in self.store.iterdir() if path.is_dir() and path.name[0] != '.')

    def note(self):
        """A backup that is new holds what the disk holds."""
        for name in self.listed():
            self.hashes.setdefault(name, self.hash(self.image))

    def check(self):
        for name in self.listed():
            self.assertEqual(self.hash(self.store / name / 'vda.qcow2'), self.hashes[name], name)

    def renew(self):
        for name in ('domains', 'store'):
            shutil.rmtree(self.folder / name)
            shutil.copytree(self.root / 'prepared' / name, self.folder / name)
        shutil.copyfile(self.root / 'prepared/vda.qcow2', self.image)  # it stays the same file
        self.hashes = {name: self.hashes[name] for name in self.listed()}

    def try_point(self, number):
        """False if there are not so many points."""
        mark = self.root / 'mark'
        mark.unlink(missing_ok=True)
        self.back_up(LD_PRELOAD=os.environ['CRASH_POINTS'], VCK_CRASH_PROGRAM='backup-actor',
                     VCK_CRASH_MODE='kill', VCK_CRASH_AT=str(number), VCK_CRASH_MARK=str(mark),
                     ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1')
        if not mark.exists():
            return False
        killed = self.hash(self.image)
        self.note()
        self.check()
        self.write(3)
        before = set(self.listed())
        self.assertEqual(self.back_up(), 0, mark.read_text())
        names = self.listed()
        for name in names[:-1]:
            self.hashes.setdefault(name, killed)  # it is completed now
        self.note()
        self.check()
        self.assertFalse([path for path in self.store.iterdir() if path.name.endswith('.partial')])
        disk = json.loads((self.store / names[-1] / 'backup.json').read_text())['disks']['vda']
        self.assertNotIn(names[-1], before)
        self.assertEqual(disk['base'], names[-2], f'{mark.read_text()}: {disk["why_full"]}')
        return True

    def test_killed(self):
        number = 1
        while self.try_point(number):
            self.renew()
            number += EVERY
        self.assertGreater(number, 5 * EVERY)
