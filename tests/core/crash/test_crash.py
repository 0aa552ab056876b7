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
import contextlib
import ctypes
import hashlib
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ACTOR = os.environ['CRASH_ACTOR']
POINTS = os.environ['CRASH_POINTS']
EVERYTHING = 'VCK_CRASH_ALL' in os.environ
# Where syncing costs nothing, if there is such a folder.
MEMORY = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
US = pathlib.Path(ACTOR).name
DAEMON = 'qemu-storage-daemon'
# What is first on PATH may shield it from preloaded libraries.
DAEMON_PATH = shutil.which(DAEMON, path=os.defpath) or DAEMON
# A sanitizer is loaded for this interpreter, not for what it starts.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != 'LD_PRELOAD'}

# Which prepared domain an operation works on.
OPERATIONS = {
    'backup': 'prepare',
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

# Which program is hit, and how; whether only every fourth point is tried.
MODES = {
    'killed': (US, 'kill', False),
    'killed after': (US, 'kill-after', True),
    'ENOSPC': (US, 'enospc', True),
    'EIO': (US, 'eio', False),
    'ENOSPC on': (US, 'full', True),
    'child killed': (US, 'kill-child', False),
    'both killed': (US, 'kill-both', True),
    'child dies': (DAEMON, 'kill', False),
}

# Once they have begun to remove bitmaps these go on to the end, if need be at the next opening:
# an error may mean that they will be done.
FORWARD = {'delete', 'delete-children', 'delete-children-only', 'delete-metadata', 'repair'}
# There is no child.
CHILDLESS = {'delete', 'delete-children', 'delete-children-only', 'delete-metadata',
             'redefine-new', 'redefine-known'}
# The child does for them what it does for others.
ALIKE = {'create'}

TIMEOUT = 120
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class PreparedDomain:
    """A prepared folder that can be had anew."""

    def __init__(self, root, kind):
        self.root = root / kind
        self.folder = self.root / 'domain'
        self.saved = self.root / 'saved'
        self.mark = self.root / 'mark'
        self.looks = {}
        self.folder.mkdir(parents=True)
        prepared = self.run(kind)
        if prepared.returncode != 0:
            raise AssertionError(f'{kind}: {prepared.stderr}')
        shutil.copytree(self.folder, self.saved, symlinks=True)
        self.renew()
        self.before = self.look()
        self.after = {}

    def get_after(self, operation):
        """What there is to see after an operation that nothing interrupts."""
        if operation not in self.after:
            self.renew()
            done = self.run(operation)
            self.after[operation] = self.look()
            if done.returncode != 0 or self.before == self.after[operation]:
                raise AssertionError(f'{operation} does nothing: {done.stderr}')
        return self.after[operation]

    def renew(self):
        """Images are filled again rather than made anew: another file is another image."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix != '.qcow2':
                path.unlink()
        shutil.copytree(self.saved, self.folder, symlinks=True, dirs_exist_ok=True)
        self.mark.unlink(missing_ok=True)

    def run(self, command, **environment):
        return subprocess.run([ACTOR, self.folder, command], env={**ENVIRONMENT, **environment},
                              capture_output=True, text=True, timeout=TIMEOUT, check=False)

    def run_with_points(self, command, program, effect, number):
        return self.run(command, LD_PRELOAD=POINTS, VCK_CRASH_PROGRAM=program,
                        VCK_CRASH_MODE=effect, VCK_CRASH_AT=str(number),
                        VCK_CRASH_MARK=str(self.mark),
                        VCK_QEMU_STORAGE_DAEMON=DAEMON_PATH,
                        ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1')

    def list_files(self):
        return sorted(path.relative_to(self.folder) for path in self.folder.rglob('*'))

    def fingerprint(self):
        """Of all that a new process would find; None if that would change what it finds."""
        content = hashlib.blake2b()
        for path in self.list_files():
            if path.name in ('pending', 'backup') or path.parent.name == 'tmp':
                return None
            content.update(os.fsencode(path) + b'\0')
            # The last process, and a number: they say nothing of the state.
            if path.name not in ('lock', 'generation') and (self.folder / path).is_file():
                content.update((self.folder / path).read_bytes())
        return content.digest()

    def look(self):
        """Everything there is to see in a new process, as text. What was seen before is known."""
        known = self.fingerprint()
        if known is None:
            return self.look_anew()
        if known not in self.looks:
            self.looks[known] = self.look_anew()
        return self.looks[known]

    def look_anew(self):
        checked = self.run('check')
        if checked.returncode < 0:
            raise AssertionError(f'looking was ended by signal {-checked.returncode}')
        if checked.returncode != 0:
            return f'cannot be looked at: {checked.stderr}'
        text = re.sub(r'<creationTime>\d{10}<', '<creationTime>now<', checked.stdout)
        text = re.sub(r"uuid='[-0-9a-f]{36}'", "uuid='its own'", text)
        return '\n'.join([text.replace(str(self.folder), 'FOLDER'), *map(str, self.list_files()),
                          *self.check_images()])

    def check_images(self):
        """Leaks are harmless, and QEMU leaves them when it is killed; damage is not."""
        for image in self.folder.glob('*.qcow2'):
            report = subprocess.run(['qemu-img', 'check', '-q', image], env=ENVIRONMENT,
                                    capture_output=True, text=True, check=False)
            if report.returncode not in (0, 3):
                yield f'damaged: {image.name}: {report.stdout}{report.stderr}'
            if image.with_suffix('.backup').exists():
                compared = subprocess.run(['qemu-img', 'compare', image,
                                           image.with_suffix('.backup')], env=ENVIRONMENT,
                                          capture_output=True, text=True, check=False)
                yield f'backup of {image.name}: {compared.stdout}'


def reap_all():
    """Reaps all orphans, of which none may live on; returns a problem if one does."""
    try:
        with alarm_after(TIMEOUT):
            while True:
                os.waitpid(-1, 0)
    except ChildProcessError:
        return None
    except TimeoutError:
        return 'a process is left over'


@contextlib.contextmanager
def alarm_after(seconds):
    def ring(*_):
        raise TimeoutError
    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


class Run:
    """One operation, interrupted in one way at each of its points."""

    def __init__(self, domain, operation, mode):
        self.domain = domain
        self.operation = operation
        self.program, self.effect, self.sampled = MODES[mode]
        self.before = domain.before
        self.after = domain.get_after(operation)
        self.failures = []
        self.n_tried = 0

    def find_problem(self, done, state):
        """What is wrong with it; None if nothing is."""
        if done.returncode == 0:
            return None if state == self.after else 'said to be done'
        if state == self.before:
            return None
        if state == self.after and (done.returncode < 0 or self.operation in FORWARD):
            return None
        return f'ended with {done.returncode}'

    def try_point(self, number):
        """False if there is no such point."""
        self.domain.renew()
        done = self.domain.run_with_points(self.operation, self.program, self.effect, number)
        struck = self.domain.mark.exists()
        where = self.domain.mark.read_text() if struck else 'no point'
        # The child of one that was killed may be about to end: that must not matter.
        state = self.domain.look_anew() if done.returncode < 0 else self.domain.look()
        for problem in filter(None, [self.find_problem(done, state), reap_all()]):
            self.failures.append(f'point {number} ({where}): {problem}: {done.stderr}\n{state}')
        return struck

    def go(self):
        step = 4 if self.sampled and not EVERYTHING else 1
        number = 1
        while not self.failures and self.try_point(number):
            self.n_tried += 1
            number += step
        if self.failures:
            self.failures.append(f'before:\n{self.before}\nafter:\n{self.after}')


def kill_with_child(actor):
    """Kills a process and the daemon that it may have, as near to at once as can be."""
    try:
        children = pathlib.Path(f'/proc/{actor.pid}/task/{actor.pid}/children').read_text()
    except OSError:
        children = ''
    actor.kill()
    for child in children.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


class RandomKills:
    """An operation that is killed together with its daemon at any moment."""

    def __init__(self, domain, operation):
        self.domain = domain
        self.operation = operation
        self.random = random.Random(operation)
        self.fair = {domain.before, domain.get_after(operation)}
        domain.renew()
        start = time.monotonic()
        domain.run(operation)
        self.longest = time.monotonic() - start

    def try_once(self):
        """What is wrong afterwards, or None."""
        self.domain.renew()
        with subprocess.Popen([ACTOR, self.domain.folder, self.operation], env=ENVIRONMENT,
                              stderr=subprocess.DEVNULL) as actor:
            with contextlib.suppress(subprocess.TimeoutExpired):
                actor.wait(self.random.uniform(0, self.longest))
            kill_with_child(actor)
        state = self.domain.look_anew()
        left = reap_all()
        return left or (None if state in self.fair else state)

    def go(self, n_rounds):
        return [problem for problem in (self.try_once() for _ in range(n_rounds)) if problem]


class Worker:
    """Of the process that tries points one after the other."""

    domains = {}
    root = None

    @classmethod
    def start(cls, root):
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        cls.root = root / str(os.getpid())

    @classmethod
    def get_domain(cls, operation):
        kind = OPERATIONS[operation]
        if kind not in cls.domains:
            cls.domains[kind] = PreparedDomain(cls.root, kind)
        return cls.domains[kind]

    @classmethod
    def kill_at_random(cls, operation, n_rounds):
        return RandomKills(cls.get_domain(operation), operation).go(n_rounds)

    @classmethod
    def run(cls, operation, mode):
        run = Run(cls.get_domain(operation), operation, mode)
        run.go()
        return run.failures, run.n_tried


class CrashTest(unittest.TestCase):
    """Has one case for every operation and mode."""

    results = {}
    futures = {}
    # Whether all cases are going to be run, so that they can be run at once.
    all_at_once = False

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix='vck-crash-', dir=MEMORY))
        cls.old_handler = signal.signal(signal.SIGTERM, cls.give_up)
        # Half of the time one waits for the other: QEMU for us or we for it.
        cls.pool = concurrent.futures.ProcessPoolExecutor(min(os.cpu_count() + 1, 8),
                                                          initializer=Worker.start,
                                                          initargs=(cls.root,))
        if cls.all_at_once:
            # What takes long comes first.
            for case in sorted(cls.cases(), key=lambda case: MODES[case[1]][2]):
                cls.submit(*case)

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown(cancel_futures=True)
        signal.signal(signal.SIGTERM, cls.old_handler)
        shutil.rmtree(cls.root)
        cls.print_table()

    @classmethod
    def give_up(cls, *_):
        """When we are ended from outside, nothing of us stays."""
        for worker in multiprocessing.active_children():
            worker.kill()
        shutil.rmtree(cls.root, ignore_errors=True)
        os._exit(1)

    @classmethod
    def submit(cls, operation, mode):
        case = operation, mode
        if case not in cls.futures:
            cls.futures[case] = cls.pool.submit(Worker.run, operation, mode)
        return cls.futures[case]

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
        """How many points were tried."""
        print('# ' + f'{"":22}' + ''.join(f'{mode:>13}' for mode in MODES))
        for operation in OPERATIONS:
            cells = []
            for mode in MODES:
                cells.append(str(cls.results.get((operation, mode), '-')))
            print('# ' + f'{operation:22}' + ''.join(f'{cell:>13}' for cell in cells))
        print(f'# {sum(cls.results.values())} points in all', flush=True)

    def run_case(self, operation, mode):
        try:
            failures, n_tried = self.submit(operation, mode).result()
        except concurrent.futures.process.BrokenProcessPool:
            raise AssertionError('a process of the test was ended from outside') from None
        self.results[operation, mode] = n_tried
        self.assertEqual([], failures, '\n'.join(failures))
        self.assertGreater(n_tried, 2)


    def test_random_kills(self):
        n_rounds = 75 if EVERYTHING else 6
        futures = [self.pool.submit(Worker.kill_at_random, operation, n_rounds)
                   for operation in ('create-on-two', 'delete', 'delete-children', 'repair')]
        problems = [problem for future in futures for problem in future.result()]
        print(f'# killed at random: {len(futures) * n_rounds} times, {len(problems)} bad')
        self.assertEqual([], problems, '\n'.join(problems))


def add_cases():
    for operation, mode in CrashTest.cases():
        name = f'test_{operation}_{mode}'.replace('-', '_').replace(' ', '_')
        setattr(CrashTest, name,
                lambda self, operation=operation, mode=mode: self.run_case(operation, mode))


add_cases()


def load_tests(_loader, tests, _pattern):
    """For the module as a whole, not for single cases."""
    CrashTest.all_at_once = True
    return tests


if __name__ == '__main__':
    unittest.main()
