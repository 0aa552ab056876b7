# SPDX-License-Identifier: LGPL-2.1-or-later

"""Interrupts every operation at every call by which it changes something outside.

An operation is run with the library crash-points preloaded, which counts the calls and strikes at
the n-th: n = 1, 2, … until the operation ends untouched. After each, a new process looks: all
must be exactly as before or as after, with nothing left over. A table of the number of points is
printed at the end.

Every point is tried, but for a few kinds that find little that others do not: of those every
fourth is, unless VCK_CRASH_ALL is set in the environment.
"""

import concurrent.futures
import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

ACTOR = os.environ['CRASH_ACTOR']
POINTS = os.environ['CRASH_POINTS']
EVERYTHING = 'VCK_CRASH_ALL' in os.environ
# Where syncing costs nothing, if there is such a place.
MEMORY = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
US = pathlib.Path(ACTOR).name
DAEMON = 'qemu-storage-daemon'
# What is first on PATH may shield it from preloaded libraries.
DAEMON_PATH = shutil.which(DAEMON, path=os.defpath) or DAEMON
# A sanitizer is loaded for this interpreter, not for what it starts.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != 'LD_PRELOAD'}

# Which prepared place an operation works on.
OPERATIONS = {
    'create': 'prepare',
    'create-on-two': 'prepare',
    'delete': 'prepare',
    'delete-children': 'prepare',
    'delete-children-only': 'prepare',
    'delete-metadata': 'prepare',
    'redefine-new': 'prepare',
    'redefine-known': 'prepare',
    'repair': 'prepare-broken',
}

# What happens to whom; whether only every fourth point is tried.
MODES = {
    'killed': (US, 'kill', False),
    'killed after': (US, 'kill-after', True),
    'ENOSPC': (US, 'enospc', True),
    'EIO': (US, 'eio', False),
    'ENOSPC on': (US, 'full', True),
    'child killed': (US, 'kill-child', False),
    'both killed': (US, 'kill-both', True),
    'child dies': (DAEMON, 'kill', False),
    # Not when it syncs: if that fails, QEMU 7.2 goes on with a directory of bitmaps that it has
    # freed, and damages the image.
    'child ENOSPC': (DAEMON, 'enospc-write', False),
    'child EIO': (DAEMON, 'eio-write', True),
}

# Once they have begun to remove bitmaps these go on to the end, if need be at the next opening:
# an error may mean that they will be done.
FORWARD = {'delete', 'delete-children', 'delete-children-only', 'delete-metadata', 'repair'}
# Without bitmaps to change there is no child.
CHILDLESS = {'delete-metadata', 'redefine-new', 'redefine-known'}
# The child does for them what it does for others.
ALIKE = {'create', 'delete', 'delete-children-only'}

PATIENCE = 120
PR_SET_CHILD_SUBREAPER = 36


class Place:
    """A prepared folder that can be had anew."""

    def __init__(self, kind):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='vck-crash-', dir=MEMORY))
        self.folder = self.root / 'place'
        self.saved = self.root / 'saved'
        self.mark = self.root / 'mark'
        self.folder.mkdir()
        prepared = self.run(kind)
        if prepared.returncode != 0:
            raise AssertionError(f'{kind}: {prepared.stderr}')
        self.folder.rename(self.saved)

    def remove(self):
        shutil.rmtree(self.root)

    def renew(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.saved, self.folder, symlinks=True)
        self.mark.unlink(missing_ok=True)

    def run(self, command, **environment):
        return subprocess.run([ACTOR, self.folder, command], env={**ENVIRONMENT, **environment},
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def run_with_points(self, command, who, effect, number):
        return self.run(command, LD_PRELOAD=POINTS, VCK_CRASH_WHO=who, VCK_CRASH_MODE=effect,
                        VCK_CRASH_AT=str(number), VCK_CRASH_MARK=str(self.mark),
                        VCK_QEMU_STORAGE_DAEMON=DAEMON_PATH,
                        ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1')

    def look(self):
        """Everything there is to see in a new process, as text."""
        checked = self.run('check')
        if checked.returncode != 0:
            return f'cannot be looked at: {checked.stderr}'
        text = re.sub(r'<creationTime>\d{10}<', '<creationTime>now<', checked.stdout)
        files = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob('*'))
        return '\n'.join([text.replace(str(self.folder), 'PLACE'), *files])

    def check_images(self):
        """Leaks are harmless, and QEMU leaves them when it is killed; damage is not."""
        for image in self.folder.glob('*.qcow2'):
            report = subprocess.run(['qemu-img', 'check', '-q', image], env=ENVIRONMENT,
                                    capture_output=True, text=True, check=False)
            if report.returncode not in (0, 3):
                return f'{image.name}: {report.stdout}{report.stderr}'
        return None


def reap_all():
    """All orphans come to us: none may live on. Tells which one does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            time.sleep(0.01)
    return 'a process is left over'


class Run:
    """One operation, interrupted in one way at each of its points."""

    def __init__(self, operation, mode):
        self.operation = operation
        self.who, self.effect, self.sampled = MODES[mode]
        self.place = Place(OPERATIONS[operation])
        self.failures = []
        self.n_points = 0
        self.n_tried = 0
        self.n_told = 0

    def prepare(self):
        self.place.renew()
        self.before = self.place.look()
        done = self.place.run(self.operation)
        self.after = self.place.look()
        if done.returncode != 0 or self.before == self.after:
            self.failures.append(f'does nothing: {done.stderr}')

    def judge(self, done, state):
        """What is wrong with it; None if nothing is."""
        if done.returncode == 0:
            return None if state == self.after else 'said to be done'
        if state == self.before:
            return None
        if state == self.after and (done.returncode < 0 or self.operation in FORWARD):
            return None
        if self.effect == 'kill-both' and self.is_told(state):
            self.n_told += 1
            return None
        return f'ended with {done.returncode}'

    def is_told(self, state):
        """When both died nothing may be provable. Then it is told what is lost, and can be
        repaired."""
        if 'finding: ' not in state:
            return False
        if self.place.run('repair').returncode != 0:
            return False
        return 'finding: ' not in self.place.look().replace("finding: bitmap 'foreign'", '')

    def try_point(self, number):
        """False if there is no such point."""
        self.place.renew()
        done = self.place.run_with_points(self.operation, self.who, self.effect, number)
        struck = self.place.mark.exists()
        state = self.place.look()
        where = self.place.mark.read_text() if struck else 'no point'
        problems = [self.judge(done, state), reap_all()]
        if self.who == DAEMON:
            problems.append(self.place.check_images())
        for problem in filter(None, problems):
            self.failures.append(f'point {number} ({where}): {problem}: {done.stderr}\n{state}')
        return struck

    def go(self):
        step = 4 if self.sampled and not EVERYTHING else 1
        self.prepare()
        number = 1
        while not self.failures and self.try_point(number):
            self.n_points = number
            self.n_tried += 1
            number += step
        if self.failures:
            self.failures.append(f'before:\n{self.before}\nafter:\n{self.after}')


def become_reaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run_one(operation, mode):
    run = Run(operation, mode)
    try:
        run.go()
    finally:
        run.place.remove()
    return run.failures, run.n_tried, run.n_told


class CrashTest(unittest.TestCase):
    """Has one case for every operation and mode."""

    results = {}

    @classmethod
    def setUpClass(cls):
        cls.pool = concurrent.futures.ProcessPoolExecutor(min(os.cpu_count(), 8),
                                                          initializer=become_reaper)
        cls.futures = {case: cls.pool.submit(run_one, *case) for case in cls.cases()}

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown(cancel_futures=True)
        cls.print_table()

    @staticmethod
    def cases():
        for operation in OPERATIONS:
            for mode, (_, effect, _) in MODES.items():
                if operation in CHILDLESS and ('child' in mode or effect == 'kill-both'):
                    continue
                if operation in ALIKE and 'child' in mode and not EVERYTHING:
                    continue
                yield operation, mode

    @classmethod
    def print_table(cls):
        """Points that were tried; after a '+' those where nothing was provable, and it was told."""
        print('# ' + f'{"":22}' + ''.join(f'{mode:>13}' for mode in MODES))
        for operation in OPERATIONS:
            cells = []
            for mode in MODES:
                tried, told = cls.results.get((operation, mode), (None, 0))
                cells.append('-' if tried is None else f'{tried}+{told}' if told else f'{tried}')
            print('# ' + f'{operation:22}' + ''.join(f'{cell:>13}' for cell in cells))
        print(f'# {sum(tried for tried, _ in cls.results.values())} points in all', flush=True)

    def run_case(self, operation, mode):
        failures, n_tried, n_told = self.futures[operation, mode].result()
        self.results[operation, mode] = (n_tried, n_told)
        self.assertEqual([], failures, '\n'.join(failures))
        self.assertGreater(n_tried, 2)


def add_cases():
    for operation, mode in CrashTest.cases():
        name = f'test_{operation}_{mode}'.replace('-', '_').replace(' ', '_')
        setattr(CrashTest, name,
                lambda self, operation=operation, mode=mode: self.run_case(operation, mode))


add_cases()

if __name__ == '__main__':
    unittest.main()
