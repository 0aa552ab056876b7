#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sums up Meson test logs, counting the single cases inside each TAP program.

usage: summary.py [--expect SUITE]... testlog.json...

Shows the output of what failed and ends with "N passed, N failed, N skipped". A program
that ends badly without a failed case counts as one failure, as does a log that is not
there and an expected suite without any case.
"""

import argparse
import json
import os
import re
import sys

CASE = re.compile(r'(?P<not>not )?ok\b[^#]*(?:#\s*(?P<directive>\w+))?')
PLAN_SKIP = re.compile(r'1\.\.0\s*#\s*skip', re.IGNORECASE)
GOOD = ('OK', 'EXPECTEDFAIL')
NOISE = '# GLib-DEBUG: '
SHOWN_LINES = 200


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed = passed
        self.failed = failed
        self.skipped = skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def total(self):
        return self.passed + self.failed + self.skipped

    def __str__(self):
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'


def count_cases(output):
    """Counts the cases of TAP output; none in the output of any other program."""
    counts = Counts()
    for line in output.splitlines():
        match = CASE.match(line)
        if match is None:
            continue
        if match['not']:
            counts.failed += 1
        elif (match['directive'] or '').lower().startswith('skip'):
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def count_program(record):
    counts = count_cases(record.get('stdout') or '')
    result = record['result']
    if result == 'SKIP' and counts.total() == 0:
        counts.skipped = 1
    elif result in GOOD and counts.total() == 0:
        counts.passed = 1
    elif result not in GOOD + ('SKIP',) and counts.failed == 0:
        counts.failed = 1
    return counts


def suites_of(record):
    """The name in a log is "project:suite+suite / test"."""
    prefix = record['name'].partition(' / ')[0]
    return prefix.partition(':')[2].split('+')


def read_log(path):
    with open(path, encoding='utf-8') as log:
        return [json.loads(line) for line in log]


def show(record):
    print(f"--- {record['name']}: {record['result']}")
    for stream in ('stdout', 'stderr'):
        lines = [line for line in (record.get(stream) or '').splitlines()
                 if not line.startswith(NOISE)]
        if len(lines) > SHOWN_LINES:
            print(f'[{len(lines) - SHOWN_LINES} lines of {stream} left out]')
        for line in lines[-SHOWN_LINES:]:
            print(line)


def sum_up(paths, expected):
    total = Counts()
    seen = set()
    for path in paths:
        try:
            records = read_log(path)
        except (OSError, ValueError) as error:
            print(f'--- no test log: {error}')
            total.failed += 1
            continue
        for record in records:
            counts = count_program(record)
            total.add(counts)
            seen.update(suites_of(record))
            if counts.failed:
                show(record)
    for suite in sorted(set(expected) - seen):
        print(f"--- the suite '{suite}' has no test")
        total.failed += 1
    if total.skipped and os.environ.get('CI') == 'true':
        print('--- tests were skipped, which CI=true forbids')
        total.failed += 1
    return total


def main():
    parser = argparse.ArgumentParser(description='Sums up Meson test logs.')
    parser.add_argument('--expect', action='append', default=[], metavar='SUITE',
                        help='a suite that must have a test')
    parser.add_argument('log', nargs='+')
    arguments = parser.parse_args()
    total = sum_up(arguments.log, arguments.expect)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == '__main__':
    sys.exit(main())
