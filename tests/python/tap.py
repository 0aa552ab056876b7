#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs unittest modules and reports every case in TAP, so that Meson counts each one.

Usage: tap.py MODULE…
"""

import os
import pathlib
import sys
import traceback
import unittest


class TapResult(unittest.TestResult):
    """Prints one TAP line per case as it ends."""

    def __init__(self):
        super().__init__()
        self.subtest_failed = False

    def report(self, ok, test, note='', details=''):
        print(f"{'ok' if ok else 'not ok'} {self.testsRun} - {test.id()}{note}")
        for line in details.splitlines():
            print(f'# {line}')
        sys.stdout.flush()

    def failed(self, test, error):
        self.report(False, test, details=''.join(traceback.format_exception(*error)))

    def startTest(self, test):
        super().startTest(test)
        self.subtest_failed = False

    def addSuccess(self, test):
        super().addSuccess(test)
        self.report(True, test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.failed(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        if not isinstance(test, unittest.TestCase):  # setUpClass and its like are no case
            self.testsRun += 1
        self.failed(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None and not self.subtest_failed:
            self.subtest_failed = True
            self.failed(test, error)

    def addSkip(self, test, reason):
        """With CI=true nothing may be left out."""
        if os.environ.get('CI') == 'true':
            self.failures.append((test, reason))
            self.report(False, test, details=f'skipped, which CI=true forbids: {reason}')
            return
        super().addSkip(test, reason)
        self.report(True, test, f' # SKIP {reason}')

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.report(True, test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.report(False, test, details='was expected to fail')


def main(modules):
    # Python puts this folder first: a test of the same name elsewhere would never be run.
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:] = [path for path in sys.path if pathlib.Path(path).resolve() != here] + [str(here)]
    result = TapResult()
    unittest.defaultTestLoader.loadTestsFromNames(modules).run(result)
    print(f'1..{result.testsRun}')
    return 0 if result.testsRun > 0 and result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
