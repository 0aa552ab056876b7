# SPDX-License-Identifier: LGPL-2.1-or-later

"""Words that are not ours: in code, comments, messages, documentation and names of tests."""

import pathlib
import re
import unittest

from house import SOURCE, shown, source_files

TEXT = (".c", ".h", ".h.in", ".py", ".js", ".vala", ".sh", ".md", ".md.in", ".rng", "meson.build", "dev")

# A part of an identifier counts as a word: open_place and OpenPlace have "place".
QUOTES = ("'", '"', "`")
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

EVERYWHERE = ("",)
# What has been gone through so far.
TESTS = tuple("tests/" + name for name in (
    "bench/", "core/contract/", "core/crash/", "core/engine/", "core/hostile/", "core/def-", "core/golden",
    "core/list-", "core/local/", "core/test-", "core/tree-", "fuzz/", "generator/", "gjs/", "gobject/", "languages/",
    "live/", "lint/", "python/", "vala/", "summary", "wrapper"))
PAGES = ("docs/", "examples/", "CONTRIBUTING", "README", "SECURITY")
DONE = TESTS + PAGES + (
    "core/api/", "core/base/", "core/drivers/local/", "core/drivers/memory/", "core/handles/", "core/include/",
    "core/qemu/", "dev", "gir/", "gobject/")

# (words, what to say instead, the beginnings of paths that it holds for)
RULES = [
    ("patience", "timeout", EVERYWHERE),
    ("doomed victim victims", "to_delete", EVERYWHERE),
    ("seal seals sealed", "stamp", EVERYWHERE),
    ("heal heals healed", "restore", EVERYWHERE),
    ("tell tells told telling", "report, say, return or notify", DONE),
    ("whoever somebody nobody anybody", "the thing that does it, or the passive", DONE),
    ("judged judging judgement", "finding, or decide", EVERYWHERE),
    ("judge judges", "decide", DONE),
    ("place places", "connection, URI, store folder, domain dir or backend", DONE),
    ("news", "changes", DONE),
    ("view views", "cache, or the kind of handle", DONE),
    ("facts", "disk info, or what they are", DONE),
    ("wish wishes bear bears fate fates", "request, allow, binding", DONE),
    ("turn turns", "domain lock, job, or alternately", TESTS + PAGES),
    ("people", "human-readable, or users", DONE),
]


def is_name(text, match):
    """Quoted words are names, and NEWS is a file."""
    quoted = match.start() > 0 and text[match.start() - 1] in QUOTES and text[match.end():match.end() + 1] in QUOTES
    return quoted or match.group(0) == "NEWS"


def words_of(text):
    """(word in lower case, its position) for each word and each part of an identifier that is not a name."""
    for match in PART.finditer(text):
        if not is_name(text, match):
            yield match.group(0).lower(), match.start()


def rules_for(path):
    """{word: what to say instead} of the rules that hold for this file."""
    return {word: instead for words, instead, folders in RULES if path.startswith(folders)
            for word in words.split()}


class Words(unittest.TestCase):
    def test_every_word_is_one_of_ours(self):
        hits = []
        for path in source_files(*TEXT):
            rules = rules_for(shown(path))
            if path == pathlib.Path(__file__).resolve() or not rules:
                continue
            text = path.read_text(encoding="utf-8")
            hits += [f"{shown(path)}:{text.count(chr(10), 0, at) + 1}: '{word}': say '{rules[word]}'"
                     for word, at in words_of(text) if word in rules]
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_parts_of_identifiers_are_words(self):
        self.assertEqual(["open", "place", "open", "place", "qmp", "open", "place"],
                         [word for word, _at in words_of("open_place OpenPlace QMPOpen PLACE 'place' \"place\"")])

    def test_every_rule_has_files(self):
        paths = [shown(path) for path in source_files(*TEXT)]
        for words, _instead, folders in RULES:
            for folder in folders:
                self.assertTrue(any(path.startswith(folder) for path in paths), f"{words}: {folder}")
