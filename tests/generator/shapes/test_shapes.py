# SPDX-License-Identifier: LGPL-2.1-or-later
"""The generated library from Python: every shape, in each of its outcomes."""

import gc
import unittest

import gi

gi.require_version('Shapes', '1')
from gi.repository import Gio, GLib, Shapes  # noqa: E402

TEXT = 'Überprüfung ✓'


def run_async(owner, name, *arguments, cancellable=None):
    """Calls NAME_async and gives back what NAME_finish gives for its result."""
    loop = GLib.MainLoop()
    results = []

    def done(_source, result):
        results.append(result)
        loop.quit()

    getattr(owner, name + '_async')(*arguments, cancellable, done)
    loop.run()
    return getattr(owner, name + '_finish')(results[0])


class ShapesTest(unittest.TestCase):
    def setUp(self):
        self.room = Shapes.Room.open('plain', Shapes.SideFlags.LEFT | Shapes.SideFlags.TOP, None)

    def tearDown(self):
        self.room = None
        gc.collect()
        self.assertEqual(Shapes.count_live(), 0)

    def refuse(self, name, *arguments):
        """The call fails when made to, for a caller that waits and for one that is called."""
        for call in (lambda: getattr(self.room, name)(*arguments, None),
                     lambda: run_async(self.room, name, *arguments)):
            self.room.refuse_next(None)
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(caught.exception.matches(Shapes.error_quark(), Shapes.Error.REFUSED))
            self.assertEqual(caught.exception.message, 'refused, dünkt mich')

    def both(self, expected, name, *arguments):
        self.assertEqual(getattr(self.room, name)(*arguments, None), expected)
        self.assertEqual(run_async(self.room, name, *arguments), expected)
        self.refuse(name, *arguments)

    def test_numbers(self):
        self.both(-2**31, 'echo_int', -2**31)
        self.both(2**32 - 1, 'echo_uint', 2**32 - 1)
        self.both(-2**63, 'echo_int64', -2**63)
        self.both(2**64 - 1, 'echo_uint64', 2**64 - 1)
        self.both(0.1, 'echo_double', 0.1)
        self.both(True, 'echo_bool', True)
        self.both(False, 'echo_bool', False)
        self.both(2**64 - 1, 'measure')

    def test_enums(self):
        self.both(Shapes.Color.DEEP_BLUE, 'echo_color', Shapes.Color.DEEP_BLUE)
        self.both(Shapes.Color.DEEP_BLUE, 'query_color')
        self.both(Shapes.SideFlags.TOP, 'echo_sides', Shapes.SideFlags.TOP)
        self.both(Shapes.SideFlags.BOTTOM, 'echo_sides', Shapes.SideFlags.BOTTOM)
        self.both(Shapes.SideFlags.BOTTOM | Shapes.SideFlags.LEFT, 'echo_sides',
                  Shapes.SideFlags.BOTTOM | Shapes.SideFlags.LEFT)
        self.both(Shapes.SideFlags(0), 'echo_sides', 0)
        self.assertEqual(Shapes.Color.DEEP_BLUE.value_nick, 'deep-blue')

    def test_text(self):
        self.both(TEXT, 'echo_text', TEXT)
        self.both('', 'echo_text', '')
        self.both('früh übt sich', 'find_motto')
        self.both('a title', 'query_title')
        self.both('eins zwei', 'join_words', ['eins', 'zwei'])
        self.both('', 'join_words', [])
        self.both(['a', 'ß'], 'split_words', 'a ß')
        self.both('1 b 2 3 4 5', 'format', 1, 'b', 2, 3, 4, 5)
        self.assertEqual(self.room.format(from_=4, base='b', i=1, error=2, call=3, class_=5, cancellable=None),
                         '1 b 2 3 4 5')
        self.both(2, 'count_words', ['eins', 'zwei'])
        self.both(0, 'count_words', None)

    def test_absent(self):
        self.both(TEXT, 'echo_maybe', TEXT)
        self.both(None, 'echo_maybe', None)
        self.both(None, 'find_thing', 'nothing')
        self.both(None, 'find_next', None)

    def test_bytes(self):
        room = self.room
        self.assertEqual(room.get_bytes(256, None).get_data(), bytes(range(256)))
        self.assertEqual(run_async(room, 'get_bytes', 0).get_size(), 0)
        self.both(3, 'sum_bytes', GLib.Bytes.new(b'\1\2'))
        self.both(0, 'sum_bytes', None)
        self.refuse('get_bytes', 1)
        self.assertEqual(room.find_stamp(None).get_data(), b'\0\1\0\xff')
        self.assertEqual(run_async(room, 'find_stamp').get_data(), b'\0\1\0\xff')
        self.refuse('find_stamp')

    def test_key(self):
        key = Shapes.Key.cut(7, None)
        self.assertEqual(key.use(None), 7)
        self.assertEqual(run_async(key, 'use'), 7)
        with self.assertRaises(GLib.Error):
            Shapes.Key.cut(0, None)
        with self.assertRaises(GLib.Error):
            Shapes.Key().use(None)

    def test_status(self):
        room = self.room
        self.both(True, 'touch')
        self.assertTrue(room.sweep(None))
        self.assertTrue(run_async(room, 'sweep'))
        self.both(4, 'count_touches')

    def test_local(self):
        room = self.room
        self.assertEqual(room.get_name(), 'plain')
        self.assertIsNone(room.get_motto())
        self.assertEqual(room.get_plate(), '[plain]')
        self.assertTrue(room.is_lit())
        self.assertEqual(room.get_color(), Shapes.Color.DEEP_BLUE)
        self.assertEqual(room.get_sides(), Shapes.SideFlags.LEFT | Shapes.SideFlags.TOP)
        self.assertEqual(room.get_owner(), 'anna')

    def test_things(self):
        room = self.room
        self.both([], 'list_things')
        self.both([], 'list_titles')
        self.both([], 'list_spots')
        chair = room.add_thing('chair', None)
        table = run_async(room, 'add_thing', 'table')
        self.both(2, 'count_things')
        self.both(['chair', 'table'], 'list_titles')
        self.assertEqual([thing.get_name() for thing in room.list_things(None)],
                         ['chair', 'table'])
        self.assertEqual([thing.get_name() for thing in run_async(room, 'list_things')],
                         ['chair', 'table'])
        for spots in room.list_spots(None), run_async(room, 'list_spots'):
            self.assertEqual([(spot.x, spot.color) for spot in spots],
                             [(GLib.MAXINT64, Shapes.Color.RED),
                              (GLib.MAXINT64 - 1, Shapes.Color.DEEP_BLUE)])
        self.refuse('list_spots')
        self.assertEqual(room.find_next(chair, None).get_name(), 'table')
        self.assertEqual(room.find_thing('table', None).get_name(), 'table')
        self.assertEqual(chair.get_room(None).get_name(), 'plain')
        self.refuse('add_thing', 'x')
        self.refuse('list_things')
        self.refuse('remove_thing', chair)
        self.assertTrue(room.remove_thing(chair, None))
        with self.assertRaises(GLib.Error) as caught:
            room.remove_thing(chair, None)
        self.assertTrue(caught.exception.matches(Shapes.error_quark(), Shapes.Error.MISSING))
        del chair, table

    def test_open(self):
        for call in (lambda: Shapes.Room.open('locked', 0, None),
                     lambda: run_async(Shapes.Room, 'open', 'locked', 0)):
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(caught.exception.matches(Shapes.error_quark(), Shapes.Error.REFUSED))
        self.assertEqual(run_async(Shapes.Room, 'open', 'plain', 0).get_name(), 'plain')

    def test_bare(self):
        bare = Shapes.Room()
        for call in (lambda: bare.echo_text('x', None), lambda: run_async(bare, 'echo_text', 'x'),
                     lambda: bare.touch(None), lambda: bare.list_things(None)):
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(caught.exception.matches(Shapes.error_quark(), Shapes.Error.INVALID))
            self.assertIn('stands for nothing', caught.exception.message)
        self.assertIsNone(bare.get_name())
        self.assertEqual(bare.get_passed(), -1)
        with self.assertRaises(GLib.Error):
            self.room.remove_thing(Shapes.Thing(), None)

    def test_wrong_type(self):
        with self.assertRaises(TypeError):
            self.room.echo_text(None, None)
        with self.assertRaises(TypeError):
            self.room.remove_thing(self.room, None)
        with self.assertRaises(OverflowError):
            self.room.echo_uint(-1, None)

    def test_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        for call in (lambda: self.room.touch(cancellable),
                     lambda: run_async(self.room, 'touch', cancellable=cancellable),
                     lambda: self.room.measure(cancellable)):
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(self.room.count_touches(None), 0)

