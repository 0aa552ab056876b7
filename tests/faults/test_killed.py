# SPDX-License-Identifier: LGPL-2.1-or-later

"""A backup of a running domain is interrupted at calls by which it changes something: the program is
killed there, or the call fails, once or from then on. What is listed is right, QEMU has nothing left of
it, and the next backup is incremental on the last one that is listed."""

import os
import shutil

from killed import KilledTestCase

# Sampled, and with each mode at other points.
EVERY = 1 if os.environ.get('VCK_CRASH_ALL') else 37
MANY = 60  # a chain is not to become too long


class TestKilled(KilledTestCase):
    def go(self, mode, first):
        number = first
        while self.try_point(mode, number):
            number += EVERY
            if len(self.listed()) > MANY:
                self.begin_anew()
        print(f'# {mode}: {number} points')
        self.assertGreater(number, 100)

    def begin_anew(self):
        shutil.rmtree(self.store)
        self.connect()
        for checkpoint in self.domain.list_checkpoints(0, None):
            checkpoint.delete(0, None)
        self.connection.close()
        for _ in range(2):
            self.assertEqual(self.run_actor(), 0)
            self.note(self.hash_now())

    def test_killed(self):
        self.go('kill', 1)

    def test_killed_after(self):
        self.go('kill-after', 1 + EVERY // 2)

    def test_call_fails(self):
        """Also what is sent to QEMU: then the connection is lost."""
        self.go('eio', 1 + EVERY // 3)

    def test_full_from_then_on(self):
        self.go('full', 1 + 2 * EVERY // 3)
