// SPDX-License-Identifier: LGPL-2.1-or-later

// The generated library from JavaScript: every shape, in each of its outcomes.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Shapes from 'gi://Shapes?version=1';

import {it, run} from '../../gjs/tap.js';

const TEXT = 'Überprüfung ✓';

function assertEqual(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];

  if (a !== b)
    throw new Error(`${a} instead of ${b}`);
}

function assertError(call, domain, code) {
  try {
    call();
  } catch (error) {
    if (!(error instanceof GLib.Error) || !error.matches(domain, code))
      throw error;
    return error;
  }
  throw new Error('did not fail');
}

function runAsync(object, name, ...args) {
  const loop = new GLib.MainLoop(null, false);
  let answer = null;

  object[`${name}_async`](...args, null, (_source, result) => {
    answer = result;
    loop.quit();
  });
  loop.run();
  return object[`${name}_finish`](answer);
}

const room = () => Shapes.Room.open('plain', Shapes.SideFlags.LEFT | Shapes.SideFlags.TOP, null);

// The call gives `expected`, waited for or called back, and fails when made to.
function both(self, expected, name, ...args) {
  assertEqual(self[name](...args, null), expected);
  assertEqual(runAsync(self, name, ...args), expected);
  for (const call of [() => self[name](...args, null), () => runAsync(self, name, ...args)]) {
    self.refuse_next(null);
    const error = assertError(call, Shapes.Error, Shapes.Error.REFUSED);
    assertEqual(error.message, 'refused, dünkt mich');
  }
}

it('numbers', () => {
  const self = room();
  both(self, -(2 ** 31), 'echo_int', -(2 ** 31));
  both(self, 2 ** 32 - 1, 'echo_uint', 2 ** 32 - 1);
  both(self, Number.MIN_SAFE_INTEGER, 'echo_int64', Number.MIN_SAFE_INTEGER);
  both(self, Number.MAX_SAFE_INTEGER, 'echo_uint64', Number.MAX_SAFE_INTEGER);
  both(self, 0.1, 'echo_double', 0.1);
  both(self, true, 'echo_bool', true);
  both(self, Shapes.Color.DEEP_BLUE, 'echo_color', Shapes.Color.DEEP_BLUE);
  both(self, Shapes.Color.DEEP_BLUE, 'query_color');
  both(self, Shapes.SideFlags.TOP, 'echo_sides', Shapes.SideFlags.TOP);
  both(self, Shapes.SideFlags.BOTTOM, 'echo_sides', Shapes.SideFlags.BOTTOM);
});

it('text', () => {
  const self = room();
  both(self, TEXT, 'echo_text', TEXT);
  both(self, '', 'echo_text', '');
  both(self, 'früh übt sich', 'find_motto');
  both(self, 'a title', 'query_title');
  both(self, 'eins zwei', 'join_words', ['eins', 'zwei']);
  both(self, ['a', 'ß'], 'split_words', 'a ß');
  both(self, '1 b 2 3 4 5', 'format', 1, 'b', 2, 3, 4, 5);
  both(self, 2, 'count_words', ['eins', 'zwei']);
  both(self, 0, 'count_words', null);
});

it('absent', () => {
  const self = room();
  both(self, TEXT, 'echo_maybe', TEXT);
  both(self, null, 'echo_maybe', null);
  both(self, null, 'find_thing', 'nothing');
  both(self, null, 'find_next', null);
});

it('bytes', () => {
  const self = room();
  assertEqual(Array.from(self.get_bytes(3, null).toArray()), [0, 1, 2]);
  assertEqual(runAsync(self, 'get_bytes', 0).get_size(), 0);
  assertEqual(Array.from(self.find_stamp(null).toArray()), [0, 1, 0, 255]);
  both(self, 3, 'sum_bytes', new GLib.Bytes([1, 2]));
  both(self, 0, 'sum_bytes', null);
});

it('key', () => {
  const key = Shapes.Key.cut(7, null);
  assertEqual(key.use(null), 7);
  assertEqual(runAsync(key, 'use'), 7);
});

it('status', () => {
  const self = room();
  both(self, true, 'touch');
  assertEqual(self.sweep(null), true);
  both(self, 3, 'count_touches');
});

it('local', () => {
  const self = room();
  assertEqual(self.get_name(), 'plain');
  assertEqual(self.get_motto(), null);
  assertEqual(self.get_plate(), '[plain]');
  assertEqual(self.is_lit(), true);
  assertEqual(self.get_color(), Shapes.Color.DEEP_BLUE);
  assertEqual(self.get_sides(), Shapes.SideFlags.LEFT | Shapes.SideFlags.TOP);
  assertEqual(self.get_owner(), 'anna');
});

it('things', () => {
  const self = room();
  both(self, [], 'list_titles');
  const chair = self.add_thing('chair', null);
  runAsync(self, 'add_thing', 'table');
  both(self, 2, 'count_things');
  both(self, ['chair', 'table'], 'list_titles');
  assertEqual(self.list_things(null).map(t => t.get_name()), ['chair', 'table']);
  assertEqual(runAsync(self, 'list_things').map(t => t.get_name()), ['chair', 'table']);
  for (const spots of [self.list_spots(null), runAsync(self, 'list_spots')])
    assertEqual(spots.map(s => s.color), [Shapes.Color.RED, Shapes.Color.DEEP_BLUE]);
  assertEqual(self.find_next(chair, null).get_name(), 'table');
  assertEqual(chair.get_room(null).get_name(), 'plain');
  assertEqual(self.remove_thing(chair, null), true);
  assertError(() => self.remove_thing(chair, null), Shapes.Error, Shapes.Error.MISSING);
});

it('open', () => {
  assertError(() => Shapes.Room.open('locked', 0, null), Shapes.Error, Shapes.Error.REFUSED);
  assertError(() => runAsync(Shapes.Room, 'open', 'locked', 0), Shapes.Error,
    Shapes.Error.REFUSED);
  assertEqual(runAsync(Shapes.Room, 'open', 'plain', 0).get_name(), 'plain');
});

it('bare', () => {
  const self = new Shapes.Room();
  for (const call of [() => self.echo_text('x', null), () => runAsync(self, 'touch')]) {
    const error = assertError(call, Shapes.Error, Shapes.Error.INVALID);
    if (!error.message.includes('stands for nothing'))
      throw error;
  }
  assertEqual(self.get_name(), null);
  assertEqual(self.get_passed(), -1);
  assertError(() => room().remove_thing(new Shapes.Thing(), null), Shapes.Error,
    Shapes.Error.MISSING);
});

it('cancelled', () => {
  const self = room();
  const cancellable = new Gio.Cancellable();
  cancellable.cancel();
  for (const name of ['touch', 'measure'])
    assertError(() => self[name](cancellable), Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
  assertEqual(self.count_touches(null), 0);
});

it('promise', async () => {
  Gio._promisify(Shapes.Room.prototype, 'echo_text_async', 'echo_text_finish');
  assertEqual(await room().echo_text_async(TEXT, null), TEXT);
});

run();
