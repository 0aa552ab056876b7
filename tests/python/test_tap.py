# SPDX-License-Identifier: LGPL-2.1-or-later

"""The runner itself: what goes wrong in a case must not be lost on the way to TAP."""

import contextlib
import io
import os
import unittest
import unittest.mock

import tap


class Sample(unittest.TestCase):
    def passes(self):
        pass

    def fails(self):
        self.fail('on purpose')

    def breaks(self):
        raise ValueError('on purpose')

    def is_skipped(self):
        self.skipTest('on purpose')

    def fails_in_parts(self):
        for number in range(3):
            with self.subTest(number):
                self.assertEqual(number, 0)


class BrokenClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError('on purpose')

    def passes(self):
        pass


class TestTap(unittest.TestCase):
    def lines(self, *cases):
        """The result lines of TAP for these cases, without their names."""
        result = tap.TapResult()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            unittest.TestSuite(cases).run(result)
        printed = [line.split(' - ')[0] for line in output.getvalue().splitlines()]
        return [line for line in printed if not line.startswith('#')], result.wasSuccessful()

    def test_success(self):
        self.assertEqual(self.lines(Sample('passes'), Sample('passes')), (['ok 1', 'ok 2'], True))

    def test_failure(self):
        self.assertEqual(self.lines(Sample('fails'), Sample('passes')), (['not ok 1', 'ok 2'], False))

    def test_exception(self):
        self.assertEqual(self.lines(Sample('breaks')), (['not ok 1'], False))

    def test_skip(self):
        with unittest.mock.patch.dict(os.environ, {'CI': ''}):
            self.assertEqual(self.lines(Sample('is_skipped')), (['ok 1'], True))

    def test_skip_in_ci(self):
        with unittest.mock.patch.dict(os.environ, {'CI': 'true'}):
            self.assertEqual(self.lines(Sample('is_skipped')), (['not ok 1'], False))

    def test_sub_tests(self):
        self.assertEqual(self.lines(Sample('fails_in_parts')), (['not ok 1'], False))

    def test_class_that_cannot_start(self):
        self.assertEqual(self.lines(BrokenClass('passes')), (['not ok 1'], False))

    def test_no_tests_at_all(self):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = tap.main(['contextlib'])
        self.assertEqual((output.getvalue(), status), ('1..0\n', 1))
