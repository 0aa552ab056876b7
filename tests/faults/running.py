# SPDX-License-Identifier: LGPL-2.1-or-later

"""A running domain that is backed up into a repository, while something goes wrong."""

import contextlib
import hashlib
import json
import pathlib
import shutil
import tempfile

from qemu import Qemu
from support import UUID, VckTestCase, domain_xml, run
from gi.repository import GLib, Vck

MIB = 1 << 20
DISK_SIZE = 16 * MIB
DATA = 8 * MIB  # of each disk that something was written to before


class RunningTestCase(VckTestCase):
    targets = ('vda', 'vdb')

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='vck-fault-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.images = {target: self.folder / f'{target}.qcow2' for target in self.targets}
        for image in self.images.values():
            self.make_image(image)
        self.qemu = Qemu(self.folder, self.images)
        self.qemu.start()
        self.addCleanup(self.qemu.kill)
        self.agent = self.folder / 'qga'
        self.uri = f'local://{self.folder}/domains'
        self.connect()

    def make_image(self, image):
        run('qemu-img', 'create', '-q', '-f', 'qcow2', image, DISK_SIZE)
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P 0 0 {DATA}', image)

    def connect(self):
        self.connection = Vck.Connection.open(self.uri, 0, None)
        self.addCleanup(self.connection.close)
        self.domain = self.connection.define_domain_xml(
            domain_xml('t', self.images, qmp=self.qemu.qmp).replace(' qmp=', f" agent='{self.agent}' qmp="), None)

    def open_store(self, path):
        self.store = path / UUID
        self.repository = Vck.Repository.open(str(path), Vck.RepositoryFlags.CREATE, None)

    def back_up(self, flags=0):
        return self.repository.backup(self.domain, None, 0, 0, flags, None)

    def listed(self):
        """The ids of all backups, the oldest one first."""
        names = self.store.iterdir() if self.store.exists() else []
        return sorted(path.name for path in names if path.is_dir() and path.name[0] != '.')

    def manifest(self, backup):
        return json.loads((self.store / backup / 'backup.json').read_text())

    def read_backup(self, backup, target):
        """The content of a disk at that time, read without Vck."""
        return self.read_image(self.store / backup / f'{target}.qcow2')

    def read_image(self, image):
        raw = self.folder / 'raw'
        run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', image, raw)
        return bytearray(raw.read_bytes())

    def hash_backup(self, backup):
        return {target: hashlib.sha256(self.read_backup(backup, target)).hexdigest() for target in self.targets}

    def recover(self):
        with contextlib.suppress(GLib.Error):  # there is no job
            self.domain.get_backup_job(None)

    def assertNothingLeft(self, lost=False):
        """Nothing of a backup that is not listed: in the store, in QEMU and among the checkpoints. With `lost`,
        bitmaps of all but the last one may have been lost with a QEMU."""
        if self.store.exists():
            self.assertEqual([path.name for path in self.store.iterdir() if path.name[0] == '.'], [])
        if self.qemu.process is not None:
            if self.qemu.leftovers():  # what could not be ended at once is ended by the next call
                self.recover()
            self.assertEqual(self.qemu.leftovers(), [])
        checkpoints = sorted(each.get_name() for each in self.domain.list_checkpoints(0, None))
        made = {self.manifest(backup)['checkpoint']['name'] for backup in self.listed()}
        self.assertLessEqual(set(checkpoints), made)
        self.assertLessEqual(len(checkpoints), 2)
        if self.qemu.process is not None:
            for target in self.targets:
                found = sorted(self.qemu.bitmaps(target))
                self.assertEqual(found[-1:] if lost else found, checkpoints[-1:] if lost else checkpoints)
