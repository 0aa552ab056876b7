# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backing up domains into a store, and restoring what was backed up."""

import hashlib
import json
import pathlib
import re
import tempfile

from support import GRANULARITY, LocalBackend, VckTestCase, names, run
from gi.repository import GLib, Vck

NO_FLAGS = Vck.BackupFlags(0)
SCHEMA = pathlib.Path(__file__).parents[2] / 'docs' / 'backup.schema.json'
TYPES = {'object': dict, 'string': str, 'integer': int, 'boolean': bool, 'null': type(None)}
COMMENTS = {'$schema', '$defs', 'title', 'description'}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and (name != 'integer' or not isinstance(value, bool))


class Schema:
    """A JSON schema, of the keywords that the one of the manifest has; another one is a KeyError."""

    def __init__(self, root):
        self.root = root
        self.keywords = {
            '$ref': lambda value, to: self.fits(value, self.root['$defs'][to.rpartition('/')[2]]),
            'type': lambda value, to: any(is_type(value, t) for t in ([to] if isinstance(to, str) else to)),
            'const': lambda value, to: value == to,
            'enum': lambda value, to: value in to,
            'anyOf': lambda value, to: any(self.fits(value, schema) for schema in to),
            'required': lambda value, to: set(to) <= value.keys(),
            'properties': lambda value, to: all(self.fits(value[k], to[k]) for k in to.keys() & value.keys()),
            'propertyNames': lambda value, to: all(self.fits(k, to) for k in value),
            'additionalProperties': lambda value, to: all(self.fits(v, to) for v in value.values()),
            'minProperties': lambda value, to: len(value) >= to,
            'maxProperties': lambda value, to: len(value) <= to,
            'minLength': lambda value, to: len(value) >= to,
            'maxLength': lambda value, to: value is None or len(value) <= to,
            'pattern': lambda value, to: re.search(to, value) is not None,
            'minimum': lambda value, to: value >= to,
            'maximum': lambda value, to: value <= to,
        }

    def fits(self, value, schema):
        # The type is compared first, as the other keywords are of values of that type.
        names = sorted(schema.keys() - COMMENTS, key=lambda name: name != 'type')
        return all(self.keywords[name](value, schema[name]) for name in names)


class TestBackup(VckTestCase):
    backend_class = LocalBackend

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.repository = Vck.Repository.open(str(self.folder / 'store'), Vck.RepositoryFlags.CREATE, None)
        self.domain = self.define(self.open())

    def back_up(self, label=None, threshold=0, max_chain=0, flags=NO_FLAGS):
        return self.repository.backup(self.domain, label, threshold, max_chain, flags, None)

    def bases(self, backup):
        return {disk.props.target: disk.props.base for disk in backup.list_disks()}

    def hash_image(self, image):
        raw = self.folder / 'raw'
        run('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', str(image), str(raw))
        return hashlib.sha256(raw.read_bytes()).hexdigest()

    def plan(self):
        return self.repository.plan_backup(self.domain, 0, 0, NO_FLAGS, None)

    def assertRestored(self, backup, image):
        to = self.folder / 'restored.qcow2'
        self.repository.restore(backup, 'vda', str(to), Vck.RestoreFlags.REPLACE, None)
        run('qemu-img', 'compare', str(to), str(image))

    def test_scenario(self):
        """The scenario that every language has: tests/languages/scenario.md."""
        copy = self.folder / 'copy.qcow2'
        self.backend.write('vda', 0, 2 * GRANULARITY)
        plan = self.plan()
        self.assertTrue(plan.props.needed)
        self.assertIsNone(plan.props.left_out)
        for disk in plan.list_disks():
            self.assertIsNone(disk.props.base)
            self.assertIn('no backup', disk.props.why_full)
        self.assertEqual(self.repository.count_backups(self.domain.props.uuid, None), 0)

        first = self.back_up('night 1')
        self.assertEqual((first.props.label, first.props.problem), ('night 1', None))
        self.assertEqual(self.bases(first), {'vda': None, 'vdb': None})
        for disk in first.list_disks():
            self.assertIn('no backup', disk.props.why_full)
        self.assertEqual(names(self.domain.list_checkpoints(0, None)), [first.props.checkpoint])

        run('cp', self.backend.image('vda'), copy)
        self.backend.write('vda', 1 << 20, 2 * GRANULARITY)
        vda, vdb = self.plan().list_disks()
        self.assertEqual((vda.props.base, vda.props.why_full, vda.props.bytes), (first.props.id, None, 2 * GRANULARITY))
        self.assertEqual((vdb.props.base, vdb.props.why_full, vdb.props.bytes), (first.props.id, None, 0))

        second = self.call(self.repository.backup_async, self.domain, 'night 2', 0, 0, NO_FLAGS, None)
        vda, vdb = second.list_disks()
        self.assertEqual((vda.props.base, vda.props.bytes), (first.props.id, 2 * GRANULARITY))
        self.assertEqual((vdb.props.base, vdb.props.bytes), (first.props.id, 0))
        self.assertEqual(self.domain.count_checkpoints(0, None), 2)

        uuid = self.domain.props.uuid
        listed = self.repository.list_backups(uuid, None)
        self.assertEqual([each.props.id for each in listed], [first.props.id, second.props.id])
        found = self.repository.lookup_backup(uuid, second.props.id, None)
        self.assertEqual(found.props.label, 'night 2')
        self.assertRestored(first, copy)
        self.assertRestored(second, self.backend.image('vda'))

        for flags, left in ((Vck.PruneFlags.DRY_RUN, 2), (Vck.PruneFlags(0), 1)):
            decisions = self.repository.prune(uuid, 1, 0, 0, flags, None)
            self.assertEqual([(each.props.backup, each.props.kept) for each in decisions],
                             [(first.props.id, False), (second.props.id, True)])
            self.assertEqual(self.repository.count_backups(uuid, None), left)
        self.assertRestored(self.repository.list_backups(uuid, None)[0], self.backend.image('vda'))

    def test_left_out(self):
        """An empty drive is named, and the disks are backed up."""
        drive = "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk></devices>"
        xml = self.domain.get_xml_desc(0, None).replace('</devices>', drive)
        domain = self.domain.props.connection.define_domain_xml(xml, None)
        plan = self.repository.plan_backup(domain, 0, 0, NO_FLAGS, None)
        backup = self.repository.backup(domain, None, 0, 0, NO_FLAGS, None)
        for each in (plan, backup):
            self.assertEqual(each.props.left_out, "disk 'hdc': it is empty")
            self.assertEqual([disk.props.target for disk in each.list_disks()], ['vda', 'vdb'])

    def test_nightly(self):
        hashes = {}
        for night in range(3):
            self.backend.write('vda', night * GRANULARITY, 2 * GRANULARITY)
            backup = self.back_up(f'night {night}')
            hashes[backup.props.id] = self.hash_image(self.backend.image('vda'))
        backups = self.repository.list_backups(self.domain.props.uuid, None)
        self.assertEqual([backup.props.label for backup in backups], ['night 0', 'night 1', 'night 2'])
        self.assertEqual(self.bases(backups[0]), {'vda': None, 'vdb': None})
        self.assertEqual(self.bases(backups[2]), {'vda': backups[1].props.id, 'vdb': backups[1].props.id})
        vda, vdb = backups[2].list_disks()
        self.assertEqual((vda.props.bytes, vdb.props.bytes), (2 * GRANULARITY, 0))
        self.assertEqual(self.domain.count_checkpoints(Vck.CheckpointListFlags(0), None), 2)
        manifest = json.loads((pathlib.Path(vda.props.path).parent / 'backup.json').read_text())
        self.assertRegex(manifest['qemu'], r'^[0-9]+\.[0-9]+\.[0-9]+$')
        self.assertRegex(manifest['checkpoint']['uuid'], '^[0-9a-f]{8}-')
        for backup in backups:
            to = self.folder / 'restored.qcow2'
            self.repository.restore(backup, 'vda', str(to), Vck.RestoreFlags.REPLACE, None)
            self.assertEqual(self.hash_image(to), hashes[backup.props.id])

    def test_plan(self):
        plan = self.repository.plan_backup(self.domain, 0, 0, NO_FLAGS, None)
        vda, vdb = plan.list_disks()
        self.assertEqual((vda.props.target, vda.props.base), ('vda', None))
        self.assertIn('no backup', vda.props.why_full)
        self.assertTrue(plan.props.needed)
        self.assertGreater(plan.props.room_free, 0)
        first = self.back_up()
        self.backend.write('vdb', 0, GRANULARITY)
        plan = self.repository.plan_backup(self.domain, GRANULARITY + 1, 0, NO_FLAGS, None)
        vda, vdb = plan.list_disks()
        self.assertEqual((vdb.props.base, vdb.props.why_full, vdb.props.bytes), (first.props.id, None, GRANULARITY))
        self.assertIn('the last backup was full', vdb.props.note)
        self.assertEqual((plan.props.bytes, plan.props.needed), (GRANULARITY, False))
        self.assertEqual(self.repository.count_backups(self.domain.props.uuid, None), 1)

    def test_threshold(self):
        first = self.back_up()
        self.backend.write('vda', 0, GRANULARITY)
        self.assertEqual(self.back_up(threshold=GRANULARITY + 1).props.id, first.props.id)
        self.assertNotEqual(self.back_up(threshold=GRANULARITY).props.id, first.props.id)

    def test_flags(self):
        flags = Vck.BackupFlags
        message = self.assertFails(Vck.Error.OPERATION_FAILED, self.back_up, None, 0, 0, flags.NO_FALLBACK)
        self.assertIn('would have to be copied in full', message)
        self.back_up(flags=flags.NO_CHECKPOINT)
        self.assertEqual(self.domain.count_checkpoints(Vck.CheckpointListFlags(0), None), 0)
        first = self.back_up(flags=flags.CHECKSUM)
        disk = first.list_disks()[0]
        self.assertIn('made no checkpoint', disk.props.why_full)
        self.assertEqual(disk.props.sha256, hashlib.sha256(pathlib.Path(disk.props.path).read_bytes()).hexdigest())
        self.assertEqual(self.bases(self.back_up(flags=flags.NO_FALLBACK)), dict.fromkeys(('vda', 'vdb'), first.props.id))
        full = self.back_up(flags=flags.FULL).list_disks()[0]
        self.assertEqual((full.props.base, full.props.why_full), (None, 'a full backup was asked for'))
        last = self.back_up(max_chain=1).list_disks()[0]
        self.assertIn('is 1 image long', last.props.why_full)
        message = self.assertFails(Vck.Error.OPERATION_FAILED, self.back_up, None, 0, 1, flags.NO_FALLBACK)
        self.assertTrue(message.endswith('; leave the flag NO_FALLBACK out, or pass a greater max_chain'), message)

    def test_schema(self):
        """A manifest is as docs/backup.schema.json describes it, and has no member that is not there."""
        root = json.loads(SCHEMA.read_text())
        schema = Schema(root)
        self.backend.write('vda', 0, GRANULARITY)
        self.back_up('night 1')
        self.backend.write('vda', 0, 2 * GRANULARITY)
        self.back_up(flags=Vck.BackupFlags.CHECKSUM)
        self.back_up(flags=Vck.BackupFlags.NO_CHECKPOINT)
        paths = list((self.folder / 'store').glob('*/*/backup.json'))
        self.assertEqual(len(paths), 3)
        for path in paths:
            manifest = json.loads(path.read_text())
            self.assertTrue(schema.fits(manifest, root), manifest)
            self.assertLessEqual(manifest.keys(), root['properties'].keys())
            for disk in manifest['disks'].values():
                self.assertLessEqual(disk.keys(), root['$defs']['disk']['properties'].keys())
                for wrong in ({'bytes': '1'}, {'bytes': -1}, {'file': '../vda.qcow2'}, {'base': 'x'}):
                    self.assertFalse(schema.fits({**manifest, 'disks': {'vda': {**disk, **wrong}}}, root))
            for name in root['required']:
                rest = {key: value for key, value in manifest.items() if key != name}
                self.assertFalse(schema.fits(rest, root), name)

    def test_refused(self):
        self.assertFails(Vck.Error.INVALID_ARG, self.back_up, None, 0, 101)
        self.assertFails(Vck.Error.INVALID_ARG, self.back_up, 'x' * 4097)
        read_only = Vck.Repository.open(self.repository.props.path, Vck.RepositoryFlags.READ_ONLY, None)
        self.assertFails(Vck.Error.OPERATION_DENIED, read_only.backup, self.domain, None, 0, 0, NO_FLAGS, None)
        self.assertEqual(self.repository.list_backups(None, None), [])

    def test_simulated(self):
        """What the query of a URI writes is kept."""
        connection = Vck.Connection.open('memory:///backup', 0, None)
        domain, = connection.list_domains(0, None)
        ids = []
        for _ in range(2):
            Vck.Connection.open('memory:///backup?write=65536', 0, None)
            ids.append(self.repository.backup(domain, None, 0, 0, NO_FLAGS, None).props.id)
        first, second = (self.repository.lookup_backup(domain.props.uuid, id, None) for id in ids)
        self.assertEqual(self.bases(second), {'vda': ids[0], 'vdb': ids[0]})
        for number, backup in enumerate((first, second), 1):
            to = self.folder / f'restored-{number}.raw'
            self.repository.restore(backup, 'vda', str(to), Vck.RestoreFlags.RAW, None)
            with to.open('rb') as file:
                block = file.read(GRANULARITY)
                self.assertFalse(any(file.read(GRANULARITY)))
            self.assertEqual(to.stat().st_size, 1 << 30)
            self.assertEqual(block, b''.join(
                at.to_bytes(8, 'little') + number.to_bytes(8, 'little') for at in range(0, GRANULARITY, 16)
            ))

    def test_restore_in_place(self):
        self.backend.write('vda', 0, GRANULARITY)
        first = self.back_up()
        before = self.hash_image(self.backend.image('vda'))
        self.backend.write('vda', 0, 4 * GRANULARITY)
        second = self.back_up()
        self.assertTrue(self.repository.restore_in_place(self.domain, first, 'vda', Vck.RestoreFlags(0), None))
        self.assertEqual(self.hash_image(self.backend.image('vda')), before)
        self.assertEqual(self.bases(self.back_up()), {'vda': first.props.id, 'vdb': second.props.id})
        self.repository.restore_in_place(self.domain, second, None, Vck.RestoreFlags.NO_CHECKPOINT, None)
        self.assertEqual(self.domain.count_checkpoints(Vck.CheckpointListFlags(0), None), 0)
        message = self.back_up().list_disks()[0].props.why_full
        self.assertEqual(message, f"disk 'vda' was restored from the backup '{second.props.id}' without a checkpoint")

    def test_verify_domain(self):
        image = str(self.backend.image('vda'))
        self.assertFails(Vck.Error.NO_BACKUP, self.repository.verify_domain, self.domain, None)
        self.backend.write('vda', 32 << 20, GRANULARITY)
        backup = self.back_up()
        self.assertEqual(self.repository.verify_domain(self.domain, None), [])
        for size in ('16M', '64M'):
            run('qemu-img', 'resize', '-q', '--shrink', '-f', 'qcow2', image, size)
        finding, = self.repository.verify_domain(self.domain, None)
        self.assertEqual((finding.props.kind, finding.props.backup, finding.props.disk),
                         (Vck.BackupFindingKind.LOST_BLOCKS, backup.props.id, 'vda'))
        self.assertIn('has lost 1 block of 65536 bytes', finding.props.message)

    def test_restore_in_place_refused(self):
        backup = self.back_up()
        flags = Vck.RestoreFlags(0)
        self.assertFails(Vck.Error.INVALID_ARG, self.repository.restore_in_place, self.domain, backup, None,
                         Vck.RestoreFlags.REPLACE, None)
        other = self.define(self.domain.props.connection, 'other', (), '11111111-2222-3333-4444-555555555555')
        self.assertFails(Vck.Error.INVALID_ARG, self.repository.restore_in_place, other, backup, None, flags, None)
        simulated = self.define(Vck.Connection.open('memory:///in-place', 0, None))
        message = self.assertFails(Vck.Error.OPERATION_UNSUPPORTED, self.repository.restore_in_place, simulated,
                                   backup, None, flags, None)
        self.assertIn('simulated', message)

    def test_async(self):
        loop = GLib.MainLoop()
        results = []

        def done(repository, result):
            results.append(repository.backup_finish(result))
            loop.quit()

        self.repository.backup_async(self.domain, 'later', 0, 0, NO_FLAGS, None, done)
        loop.run()
        self.assertEqual(results[0].props.label, 'later')
        self.repository.recover(self.domain, None)
        self.assertEqual(self.repository.count_backups(None, None), 1)
