# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs stories: those of the seeds that found a mistake once, so that a failure is of the change that is tested.

VCK_TRUTH_SEED=N runs the story of that seed, VCK_TRUTH_SECONDS=N begins new ones of random seeds for so
long, and VCK_TRUTH_ROUNDS=N makes N backups in each instead of 30.
"""

import os
import random
import time

from story import Story
from support import VckTestCase

SEEDS = [7, 2722806201]


def setting(name, default=None):
    value = os.environ.get(f'VCK_TRUTH_{name}')
    return int(value) if value else default


def choose_seeds():
    seed, seconds = setting('SEED'), setting('SECONDS')
    if seconds is None:
        yield from SEEDS if seed is None else [seed]
        return
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield random.randrange(1 << 32) if seed is None else seed


class TruthTestCase(VckTestCase):
    form_class = None

    def setUp(self):
        """Each story has a form of its own."""

    def test_truth(self):
        for seed in choose_seeds():
            self.run_story(seed)
            self.doCleanups()

    def run_story(self, seed):
        print(f'# VCK_TRUTH_SEED={seed}', flush=True)
        begin = time.monotonic()
        story = Story(self, self.form_class(self), seed)
        story.run(setting('ROUNDS', 30))
        counts = ', '.join(f'{what} {n}' for what, n in sorted(story.counts.items()))
        print(f'# {time.monotonic() - begin:.1f} s: {counts}', flush=True)
