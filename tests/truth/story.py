# SPDX-License-Identifier: LGPL-2.1-or-later

"""One domain from one seed: what happens to its disks between backups, and whether each backup holds what
they held at its time."""

import contextlib
import random
import shutil
import threading

from model import BLOCK, MIB, PAGE, SECTOR, Disk, Write, digest, differing, find_moments, random_change
from support import UUID, checkpoint_xml, names
from gi.repository import GLib, Vck

# Of images: options of qemu-img create, sizes, and sizes of clusters.
SHAPES = [
    ('', 5 * MIB, BLOCK),
    (',cluster_size=4096', 4 * MIB + SECTOR, 4096),
    (',cluster_size=2M', 9 * MIB + 3 * SECTOR, 2 * MIB),
    (',extended_l2=on', 5 * MIB + SECTOR, BLOCK),
    (',lazy_refcounts=on', 6 * MIB - SECTOR, BLOCK),
]
CHANGES = 6  # of each disk between two backups
MAX_SIZE = 16 * MIB
FOUND_OUT = 'written to since'  # in the reason for a full backup


class Guest:
    """Writes to the disks, one write after the other, as long as a backup is made."""

    def __init__(self, form, seed):
        self.form = form
        self.random = random.Random(seed)
        self.writes = []  # that were begun
        self.n_done = 0
        self.error = None
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stopped.is_set():
            write = Write(self.random, self.form.disks)
            self.writes.append(write)
            try:
                self.form.change(write.disk, [write.change])
            except Exception as error:
                self.error = error
                return
            self.n_done += 1

    def __enter__(self):
        self.thread.start()
        while self.n_done == 0 and self.error is None:
            self.stopped.wait(0.001)
        return self

    def __exit__(self, *_error):
        self.stopped.set()
        self.thread.join()


class Story:
    def __init__(self, test, form, seed):
        self.test = test
        self.form = form
        self.seed = seed
        self.random = random.Random(seed)
        self.points = {}  # (repository, id of a backup) -> {target: digest of its content}
        self.counts = {}
        self.log = []
        self.repositories = [
            Vck.Repository.open(str(form.folder / f'store-{number}'), Vck.RepositoryFlags.CREATE, None)
            for number in range(2)
        ]
        self.disks = [Disk(target) for target in ('vda', 'vdb', 'vdc')]
        for disk in self.disks:
            self.new_image(disk)
        self.disks[-1].attached = False
        self.define()
        if form.runs:
            form.start()

    def note(self, text):
        self.log.append(text)

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def run(self, rounds):
        try:
            for number in range(rounds):
                self.note(f'round {number}')
                self.run_round()
            self.check_all()
        except Exception as error:
            raise AssertionError(f'with VCK_TRUTH_SEED={self.seed}: {error}\n' + '\n'.join(self.log[-40:])) from error

    def run_round(self):
        if self.random.random() < 0.8:
            self.let_happen()
        for disk in self.attached():
            self.write(disk)
        self.back_up(self.random.choice(self.repositories))
        if self.random.random() < 0.15:
            self.prune(self.random.choice(self.repositories))

    # --- the domain ---

    def attached(self):
        return [disk for disk in self.disks if disk.attached]

    def define(self):
        self.form.define(self.attached())

    def new_image(self, disk):
        """A new image, which in a third of the cases is based on another one, that is shorter."""
        options, size, cluster = self.random.choice(SHAPES)
        disk.n_images += 1
        image = self.form.folder / f'{disk.target}-{disk.n_images}.qcow2'
        base = None
        if self.random.random() < 1 / 3:
            base = Disk(disk.target)
            base.renew(self.form.folder / f'{disk.target}-{disk.n_images}-base.qcow2',
                       bytes(size // 2 // SECTOR * SECTOR), cluster)
            self.form.make_image(base.image, len(base.content), options)
            self.write(base)
        self.form.make_image(image, size, options, base and base.image)
        disk.renew(image, bytes(size), cluster)
        if base:
            disk.content[:len(base.content)] = base.content

    def write(self, disk):
        """Random changes."""
        changes = [random_change(self.random, len(disk.content)) for _each in range(CHANGES)]
        for each in changes:
            disk.apply(*each)
        self.form.change(disk, changes)
        disk.observe(self.form.read(disk))

    # --- what happens between backups ---

    def let_happen(self):
        happen, = self.random.choices(list(EVENTS), list(EVENTS.values()))
        name = happen.__name__
        disk = self.random.choice(self.attached())
        done = happen(self, disk) is not False
        self.note(f'{name} {disk.target}' + ('' if done else ': not now'))
        if done:
            self.count(name)

    def resize(self, disk, size):
        with self.form.off():
            try:
                self.form.resize(disk, size)
            except AssertionError as error:
                if 'is inconsistent' in str(error):  # a bitmap, since QEMU was killed
                    return False
                raise
        disk.resize(size)
        disk.saved = None
        return True

    def grow(self, disk):
        size = len(disk.content) + self.random.randrange(1, 4 * MIB // SECTOR) * SECTOR
        if disk.shrunk or size > MAX_SIZE:
            return False
        may_hide = disk.ends_inside_cluster()
        if not self.resize(disk, size):
            return False
        if may_hide:
            disk.doubt()
        return True

    def shrink(self, disk):
        size = len(disk.content) - self.random.randrange(1, MIB // SECTOR) * SECTOR
        if disk.tampered or size < 3 * MIB + MIB // 2:
            return False
        if not self.resize(disk, size):
            return False
        disk.doubt()
        disk.shrunk = set(self.repositories)
        return True

    def replace(self, disk):
        with self.form.off():
            self.new_image(disk)
            self.define()

    def put_overlay(self, disk):
        """As an external snapshot does."""
        disk.n_images += 1
        image = self.form.folder / f'{disk.target}-{disk.n_images}-above.qcow2'
        with self.form.off():
            self.form.make_image(image, len(disk.content), '', disk.image)
            disk.renew(image, disk.content, BLOCK)
            self.define()

    def roll_back(self, disk):
        """A copy of the image is kept, and put back another time."""
        if disk.tampered:
            return False
        copy = self.form.folder / f'{disk.target}-copy.qcow2'
        with self.form.off():
            if disk.saved is None:
                disk.saved = bytes(disk.content)
                shutil.copyfile(disk.image, copy)
                return True
            shutil.copyfile(copy, disk.image)
        disk.content = bytearray(disk.saved)
        disk.saved = None
        disk.doubt()
        return True

    def attach(self, disk):
        """The last disk comes or goes."""
        last = self.disks[-1]
        if last.tampered:
            return False
        last.attached = not last.attached
        last.doubt()
        if self.random.random() < 0.5:
            self.define()
            return True
        with self.form.off():
            self.define()
        return True

    def restart(self, disk):
        with self.form.off():
            pass

    def kill(self, disk):
        """Of all bitmaps that were in use nothing is known."""
        for each in self.attached():
            each.observe(self.form.read(each))  # and all of it is in the image
        self.form.kill()
        if self.form.runs:
            self.form.start()
        for each in self.attached():
            each.doubt()
            each.tampered.clear()

    # --- checkpoints and bitmaps ---

    def make_checkpoint(self, disk):
        """One of a user, whose bitmaps must stay."""
        name = f'mine-{len(self.log)}'
        self.form.domain.create_checkpoint_xml(checkpoint_xml(name), 0, None)

    def delete_checkpoint(self, disk):
        name = self.random.choice([None] + names(self.form.domain.list_checkpoints(0, None)))
        owner = next((each for each in self.repositories if name and f'vck.{each.get_uuid()[:8]}.' in name), None)
        if name is None or any(owner in each.tampered for each in self.disks):
            return False
        try:
            self.form.domain.lookup_checkpoint(name, None).delete(0, None)
        except GLib.Error as error:
            if not error.matches(Vck.error_quark(), Vck.Error.CHECKPOINT_INCONSISTENT):
                raise
            self.note(f'{name}: {error.message}')  # a bitmap is missing, and nothing was changed
            return False
        for each in self.disks if owner else []:
            each.doubt(owner)
        return True

    def tamper(self, disk):
        """A bitmap that looks sound afterwards lacks a block, and the next backup must find that out."""
        repository = self.random.choice(self.repositories)
        checkpoint = disk.checked.get(repository)
        if checkpoint is None or repository in disk.tampered:
            return False
        how = self.random.choice(['clear', 'make anew', 'off for a while'])
        write = ('write', disk.next_reserved(), BLOCK, self.random.randrange(1, 256))
        before, after = {'clear': ([], ['clear']), 'make anew': ([], ['remove', 'add']),
                         'off for a while': (['disable'], ['enable'])}[how]
        for action in before:
            self.form.bitmap(disk, action, checkpoint)
        self.form.change(disk, [write])
        for action in after:
            self.form.bitmap(disk, action, checkpoint)
        disk.apply(*write)
        disk.tampered.add(repository)
        self.note(f'{how}: {checkpoint}')
        return True

    def damage(self, disk):
        """A bitmap is missing, or switched off, which everybody sees."""
        repository = self.random.choice(self.repositories)
        checkpoint = disk.checked.get(repository)
        if checkpoint is None or repository in disk.tampered:
            return False
        action = self.random.choice(['remove', 'disable'])
        self.form.bitmap(disk, action, checkpoint)
        disk.doubt(repository)
        self.note(f'{action} {checkpoint}')
        return True

    # --- backups ---

    def choose_flags(self, repository):
        flags = Vck.BackupFlags
        tampered = any(repository in disk.tampered for disk in self.disks)
        chosen = self.random.choice([flags(0)] * 12 + [
            flags.FULL, flags.NO_CHECKPOINT, flags.CHECKSUM, flags(0) if tampered else flags.CHECK_FAST])
        return chosen | flags.PULL if self.form.pulls and self.random.random() < 0.4 else chosen

    def back_up(self, repository):
        flags = self.choose_flags(repository)
        max_chain = self.random.choice([0] * 9 + [3])
        plan = repository.plan_backup(self.form.domain, 0, max_chain, flags, None)
        guest = Guest(self.form, self.random.random()) if self.form.runs and self.random.random() < 0.6 else None
        with guest or contextlib.nullcontext():
            n_before = guest.n_done if guest else 0
            backup = repository.backup(self.form.domain, None, 0, max_chain, flags, None)
            n_after = len(guest.writes) if guest else 0
        self.note(f'backup {self.repositories.index(repository)} {backup.get_id()} {flags} of at most {max_chain}: '
                  + ', '.join(f'{each.get_target()} {each.get_why_full() or each.get_base()}' for each in backup.list_disks())
                  + (f', guest {n_before} to {n_after} of {len(guest.writes)}' if guest else ''))
        assert guest is None or guest.error is None, repr(guest.error)
        self.check_new(repository, backup, guest.writes if guest else [], range(n_before, n_after + 1))
        self.check_bases(repository, backup, plan, flags, max_chain)
        self.learn(repository, backup)

    def check_new(self, repository, backup, writes, moments):
        """The backup holds what all disks held after one of the guest's writes, between these."""
        found = self.read_both(repository, backup)
        assert sorted(found) == sorted(disk.target for disk in self.attached()), sorted(found)
        possible = [each for each in find_moments(writes, found) if each in moments]
        if not possible:
            raise AssertionError(f'{backup.get_id()} is not what the disks held: {self.explain(found, writes)}')
        for write in writes[:possible[0]]:
            write.disk.apply(*write.change)
        for disk in self.attached():
            where = differing(disk.content, found[disk.target])
            assert not where, f'{disk.target} of {backup.get_id()} differs in {len(where)} sectors: {where[:8]}'
        for write in writes[possible[0]:]:
            write.disk.apply(*write.change)
        for disk in self.attached():
            disk.observe(self.form.read(disk))
        self.points[repository, backup.get_id()] = {target: digest(content) for target, content in found.items()}
        self.count('writes before the moment' if possible[0] > 0 else 'no writes before the moment')
        self.count('points')

    def explain(self, found, writes):
        """Where the content is not that before the writes."""
        pages = {(write.disk.target, page) for write in writes for page in write.pages}
        parts = []
        for disk in self.attached():
            where = differing(disk.content, found[disk.target])
            own = [each for each in where if (disk.target, each // PAGE * PAGE) not in pages]
            parts.append(f'{disk.target} {len(where)} sectors, not by writes of the guest: {own[:8]}')
        return ', '.join(parts)

    def read_by_headers(self, _repository, backup):
        """{target: content}, as QEMU's tools read them."""
        return {disk.get_target(): self.form.read_image(disk.get_path()) for disk in backup.list_disks()}

    def read_both(self, repository, backup):
        """The same, and restored."""
        folder = self.form.folder / 'restored'
        contents = self.read_by_headers(repository, backup)
        repository.restore(backup, None, str(folder), Vck.RestoreFlags.RAW, None)
        for disk in backup.list_disks():
            target = disk.get_target()
            restored = (folder / f'{target}.raw').read_bytes()
            assert restored == contents[target], f'{target} of {backup.get_id()} is restored otherwise'
            assert len(restored) == disk.get_virtual_size(), f'{target} of {backup.get_id()}'
        shutil.rmtree(folder)
        return contents

    def check_bases(self, repository, backup, plan, flags, max_chain):
        """The plan came true; incremental where nothing speaks against it, and full where that must be."""
        bases = {disk.get_target(): disk.get_base() for disk in backup.list_disks()}
        reasons = {disk.get_target(): disk.get_why_full() for disk in backup.list_disks()}
        planned = {disk.get_target(): disk.get_base() for disk in plan.list_disks()}
        assert planned == bases, f'planned {planned}, {[disk.get_why_full() for disk in plan.list_disks()]}'
        asked = flags & (Vck.BackupFlags.FULL | Vck.BackupFlags.NO_CHECKPOINT)
        for disk in self.attached():
            base, why = bases[disk.target], reasons[disk.target]
            assert (base is None) == (why is not None), why
            if repository in disk.tampered:
                assert base is None, f'{disk.target} was tampered with, which went unnoticed'
                self.count('found out' if FOUND_OUT in why else 'full for another reason')
            elif repository in disk.base and not asked and max_chain == 0:
                assert base == disk.base[repository], f'{disk.target} is based on {base}, not {disk.base[repository]}: {why}'
            self.count('full' if base is None else 'incremental')

    def learn(self, repository, backup):
        """What the next backup to this repository must be based on, and can be compared with."""
        if backup.get_checkpoint() is None:
            return
        for disk, made in zip(self.attached(), backup.list_disks(), strict=True):
            assert disk.target == made.get_target()
            disk.base[repository] = backup.get_id()
            disk.checked.pop(repository, None)
            if made.get_base() is not None:
                disk.checked[repository] = backup.get_checkpoint()
            disk.tampered.discard(repository)
            disk.shrunk.discard(repository)

    # --- all that is kept ---

    def prune(self, repository):
        if not any(owner is repository for owner, _id in self.points):
            return
        keep = self.random.randrange(1, 6)
        decisions = repository.prune(UUID, keep, 0, 0, 0, None)
        for each in decisions:
            if not each.is_kept():
                del self.points[repository, each.get_backup()]
                self.count('pruned')
        kept = {each.get_backup() for each in decisions if each.is_kept()}
        self.note(f'prune {self.repositories.index(repository)}: {len(kept)} of {len(decisions)} kept')
        for disk in self.disks:
            if disk.base.get(repository) not in kept:
                disk.doubt(repository)
                disk.tampered.discard(repository)  # that bitmap is not used any more
        self.check(repository, self.read_by_headers)

    def check(self, repository, read):
        """Each backup that is listed holds what it has to, and no other is listed."""
        backups = repository.list_backups(UUID, None)
        expected = sorted(each for owner, each in self.points if owner is repository)
        assert [backup.get_id() for backup in backups] == expected, expected
        for backup in backups:
            assert backup.get_problem() is None, backup.get_problem()
            found = {target: digest(content) for target, content in read(repository, backup).items()}
            assert found == self.points[repository, backup.get_id()], f'{backup.get_id()} is not what it was'

    def check_all(self):
        for repository in self.repositories:
            self.check(repository, self.read_both)
            findings = repository.verify(UUID, 0, None)
            assert not findings, [each.get_message() for each in findings]


# With how likely they are.
EVENTS = {
    Story.attach: 2,
    Story.damage: 1,
    Story.delete_checkpoint: 1,
    Story.grow: 2,
    Story.kill: 1,
    Story.make_checkpoint: 1,
    Story.put_overlay: 1,
    Story.replace: 1,
    Story.restart: 1,
    Story.roll_back: 2,
    Story.shrink: 1,
    Story.tamper: 6,
}
