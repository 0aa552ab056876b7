# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs stories: one from a given seed, or new ones as long as there is time.

VCK_TRUTH_SEED=N runs the story of that seed once more, VCK_TRUTH_ROUNDS=N makes N backups in it instead
of 30, and VCK_TRUTH_SECONDS=N begins new ones for so long.
"""

import os
import random
import time

from story import Story
from support import VckTestCase


def setting(name, default=None):
    value = os.environ.get(f'VCK_TRUTH_{name}')
    return int(value) if value else default


class TruthTestCase(VckTestCase):
    form_class = None

    def setUp(self):
        """Each story has a form of its own."""

    def test_truth(self):
        end = time.monotonic() + setting('SECONDS', 0)
        while True:
            self.run_story(setting('SEED', random.randrange(1 << 32)))
            self.doCleanups()
            if time.monotonic() >= end:
                break

    def run_story(self, seed):
        print(f'# VCK_TRUTH_SEED={seed}', flush=True)
        begin = time.monotonic()
        story = Story(self, self.form_class(self), seed)
        story.run(setting('ROUNDS', 30))
        counts = ', '.join(f'{what} {n}' for what, n in sorted(story.counts.items()))
        print(f'# {time.monotonic() - begin:.1f} s: {counts}', flush=True)
