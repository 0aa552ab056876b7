# SPDX-License-Identifier: LGPL-2.1-or-later

"""Subjects of commits have the form that CONTRIBUTING.md asks for, as far as there is history."""

import pathlib
import re
import subprocess
import unittest

from house import SOURCE

# Commits up to here are as they are.
BASE = "f2c0462435dac57d8e64ece5d039151651a6a9cb"
AREAS = ("core", "gobject", "gir", "tests", "docs", "dev", "examples", "python")  # python: gobject/python
LONGEST = 72
FORM = re.compile(r"(?:{0})(?:, (?:{0}))*: [a-z]\S* \S.*".format("|".join(AREAS)))


def git(*arguments):
    """What git prints; None if there is no git, or it has no answer."""
    try:
        done = subprocess.run(["git", "-C", SOURCE, *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def subjects():
    """Of the commits after BASE, or of all that are there if it is not: an archive has none."""
    top = git("rev-parse", "--show-toplevel")
    if top is None or pathlib.Path(top.strip()).resolve() != SOURCE.resolve():
        return []
    known = git("merge-base", "--is-ancestor", BASE, "HEAD") is not None
    log = git("log", "--no-merges", "--format=%h %s", f"{BASE}..HEAD" if known else "HEAD")
    return [line.split(" ", 1) for line in (log or "").splitlines()]


def complain(subject):
    """What is wrong with a subject; None for nothing."""
    if len(subject) > LONGEST:
        return f"has {len(subject)} characters; use at most {LONGEST}"
    if FORM.fullmatch(subject) is None:
        return f"is not 'area: verb ...', with an area of {', '.join(AREAS)}"
    return None


class Commits(unittest.TestCase):
    def test_subjects(self):
        hits = [f"{commit} '{subject}' {complain(subject)}" for commit, subject in subjects() if complain(subject)]
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_form(self):
        for good in ("core: take the time from one clock", "core, gobject, tests: format all C code"):
            self.assertIsNone(complain(good))
        for bad in ("Fix it", "core: Fix it", "core: fix", "other: fix it", "core:fix it", "core: fix it" + 70 * "x"):
            self.assertIsNotNone(complain(bad), bad)
