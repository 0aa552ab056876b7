// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is known of checkpoints: sizes, states, and since when.

import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, assert, assertList, assertSame, create, define, open, until,
} from './support.js';

const {READY, UNKNOWN} = Vck.CheckpointState;

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`the figures of checkpoints on ${Backend.name}`, () => {
    it('are not known at first', () => {
      const backend = new Backend();
      const {size, state, measured_at: time} = create(define(open(backend), backend), 'first');
      assertList([size, state, time], [-1, UNKNOWN, null]);
    });

    it('are known from all that measures', () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const written = backend.hasImages ? GRANULARITY : 0;
      const first = create(domain, 'first');
      backend.write('vda', 0, 1);
      const second = create(domain, 'second');
      const before = GLib.DateTime.new_now_utc();
      domain.measure_checkpoints();
      assertList([first.size, first.state], [written, READY]);
      assertList([second.size, second.state], [0, READY]);
      assert(before.compare(first.measured_at) <= 0);
      backend.write('vdb', 0, 1);
      assertSame(second.query_state(), READY);
      assertList([first.size, second.size], [written, written]);
      domain.verify_checkpoints();
      assertList([first.size, second.size], [2 * written, written]);
    });

    it('are notified together', async () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const first = create(domain, 'first');
      const seen = [];
      first.connect('notify', (object, {name}) => {
        assertList([object.size, object.state], [0, READY]);
        assert(object.measured_at !== null);
        seen.push(name);
      });
      await domain.measure_checkpoints_async(null);
      await until(() => seen.length >= 3);
      assertList(seen.sort(), ['measured-at', 'size', 'state']);
    });

    it('include what sets them apart', () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const first = create(domain, 'first');
      const own = create(domain, 'vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02');
      assert(GLib.uuid_string_is_valid(first.uuid));
      assert(first.uuid !== own.get_uuid());
      assertList([first.owner, own.owner, own.get_owner()], [null, '0a1b2c3d', '0a1b2c3d']);
    });
  });
}

run();
