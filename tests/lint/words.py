# SPDX-License-Identifier: LGPL-2.1-or-later

"""Words that are not ours: in code, comments, messages, documentation and names of tests."""

import pathlib
import re
import unittest

from house import SOURCE, shown, source_files

TEXT = (".c", ".h", ".h.in", ".py", ".js", ".vala", ".sh", ".md", ".md.in", ".rng", "meson.build", "dev")

# A part of an identifier counts as a word: open_place and OpenPlace have "place".
QUOTES = ("'", '"', "`")
# What is restored in place keeps its path: the phrase is the field's own.
IN_PLACE = re.compile(r"(?:(?<![A-Za-z])[Ii][Nn](?:[ _-]|\n[ *#/]*)|In)$")
# A widget of GTK is called ColumnView.
COLUMN = re.compile(r"(?:[Cc]olumn_?|COLUMN_)$")
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# {words: what to say instead}
RULES = {
    "patience": "timeout",
    "doomed victim victims": "to_delete",
    "seal seals sealed": "stamp",
    "heal heals healed": "restore",
    "tell tells told telling": "report, say, return or notify",
    "whoever somebody nobody anybody": "the thing that does it, or the passive",
    "judged judging judgement": "finding, or decide",
    "judge judges": "decide",
    "place places": "connection, URI, store folder, domain dir, backend or position",
    "news": "changes",
    "view views": "cache, or the kind of handle",
    "facts": "disk info, or what they are",
    "wish wishes bear bears fate fates": "request, allow, binding",
    "turn turns": "domain lock, job, or alternately",
    "people": "human-readable, or users",
}
INSTEAD = {word: instead for words, instead in RULES.items() for word in words.split()}

# Prose calls a domain a domain. A page says once that it is a virtual machine, QMP is QEMU's machine protocol, and the
# code that deals with the QEMU process itself calls that a machine.
PROSE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
CODE = (".c", ".h", ".vala")
MACHINE = re.compile(r"(?<!virtual )(?<!virtual\n)(?<![\w:<&/'\"`-])[Mm]achines?(?! protocol)(?![\w'\"`/=-]|\.\w)")


def is_name(text, match):
    """Quoted words are names, NEWS is a file, "in place" is a phrase, and ColumnView a widget."""
    quoted = match.start() > 0 and text[match.start() - 1] in QUOTES and text[match.end():match.end() + 1] in QUOTES
    in_place = match.group(0).lower() == "place" and IN_PLACE.search(text, max(0, match.start() - 40), match.start())
    column = match.group(0).lower() == "view" and COLUMN.search(text, max(0, match.start() - 7), match.start())
    return quoted or match.group(0) == "NEWS" or bool(in_place) or bool(column)


def words_of(text):
    """(word in lower case, its position) for each word and each part of an identifier that is not a name."""
    for match in PART.finditer(text):
        if not is_name(text, match):
            yield match.group(0).lower(), match.start()


def prose_of(path, text):
    """(a piece of prose, its position): comments and strings of code, all of any other file."""
    if not path.endswith(CODE):
        return [(text, 0)]
    return [(match.group(0), match.start()) for match in PROSE.finditer(text)]


def machines_of(path, text):
    """Where prose calls a domain a machine."""
    return [start + match.start() for prose, start in prose_of(path, text) for match in MACHINE.finditer(prose)]


def hits_of(path, text):
    """(position, word, what to say instead) of all in a file that is banned."""
    return ([(at, word, INSTEAD[word]) for word, at in words_of(text) if word in INSTEAD]
            + [(at, "machine", "domain") for at in machines_of(path, text)])


class Words(unittest.TestCase):
    def test_every_word_is_one_of_ours(self):
        hits = []
        for path in source_files(*TEXT):
            if path == pathlib.Path(__file__).resolve():
                continue
            text = path.read_text(encoding="utf-8")
            hits += [f"{shown(path)}:{text.count(chr(10), 0, at) + 1}: '{word}': say '{instead}'"
                     for at, word, instead in hits_of(shown(path), text)]
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_parts_of_identifiers_are_words(self):
        self.assertEqual(["open", "place", "open", "place", "qmp", "open", "place"],
                         [word for word, _at in words_of("open_place OpenPlace QMPOpen PLACE 'place' \"place\"")])

    def test_column_view_is_a_widget(self):
        text = "GtkColumnView gtk_column_view_new GTK_COLUMN_VIEW Gtk.ColumnView a view TreeView"
        self.assertEqual(2, [word for word, _at in words_of(text)].count("view"))

    def test_in_place_is_a_phrase(self):
        text = "in place in-place restore_in_place IN_PLACE VckcInPlaceImage in\n * place begin place main_place"
        self.assertEqual(2, [word for word, _at in words_of(text)].count("place"))

    def test_machines_are_found_in_prose(self):
        for path, text, n in (("a.c", "machine->pid; /* the machine */ f (machine); // a machine.\n", 2),
                              ("a.c", "f (\"the machine of '%s'\", machine, \"machine\", \"<machine qmp=''/>\");", 1),
                              ("a.md", "A virtual machine, a virtual\nmachine; `machine-qmp.h`, machine.xml; machines", 1),
                              ("a.h", "/* QEMU's machine protocol */", 0)):
            self.assertEqual(n, len(machines_of(path, text)), text)
