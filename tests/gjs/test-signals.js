// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Signals: which, in which order, and with which objects.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalPlace, MemoryPlace, assertList, assertSame, create, define, open, until,
} from './support.js';

// Notes [signal, object] pairs, flattened, as they come.
class Notes {
  constructor() {
    this.seen = [];
  }

  follow(emitter, ...signals) {
    for (const signal of signals)
      emitter.connect(signal, (_emitter, object) => this.seen.push(signal, object ?? null));
  }

  async expect(...pairs) {
    await until(() => this.seen.length >= pairs.length, `${pairs}, saw ${this.seen}`);
    assertList(this.seen, pairs);
  }
}

for (const Place of [MemoryPlace, LocalPlace]) {
  describe(Place.name, () => {
    it('tells of everything in order', async () => {
      const place = new Place();
      const notes = new Notes();
      const connection = open(place);
      notes.follow(connection, 'domain-added', 'domain-removed', 'closed');
      const domain = define(connection, place);
      notes.follow(domain, 'checkpoint-added', 'checkpoint-removed');
      const first = create(domain, 'first');
      const second = create(domain, 'second');
      first.delete(0, null);
      domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, null);
      connection.close();
      assertSame(notes.seen.length, 0);
      await notes.expect(
        'domain-added', domain,
        'checkpoint-added', first,
        'checkpoint-added', second,
        'checkpoint-removed', first,
        'checkpoint-removed', second,
        'domain-removed', domain,
        'closed', Vck.CloseReason.CLIENT);
    });

    it('tells another connection too', async () => {
      const place = new Place();
      const notes = new Notes();
      const other = open(place);
      notes.follow(other, 'domain-added');
      define(open(place), place);
      await until(() => notes.seen.length > 0, 'domain-added of the other connection');
      assertList(notes.seen, ['domain-added', other.lookup_domain_by_name('machine', null)]);
    });

    it('allows calls inside a handler', async () => {
      const place = new Place();
      const domain = define(open(place), place);
      const counts = [];
      domain.connect('checkpoint-added', self => counts.push(self.count_checkpoints(0, null)));
      create(domain, 'first');
      await until(() => counts.length > 0, 'checkpoint-added');
      assertList(counts, [1]);
    });
  });
}

describe('a handler', () => {
  it('is not called once disconnected', async () => {
    const place = new MemoryPlace();
    const notes = new Notes();
    const connection = open(place);
    const handler = connection.connect('domain-added', () => notes.seen.push('disconnected'));
    connection.disconnect(handler);
    notes.follow(connection, 'domain-added');
    await notes.expect('domain-added', define(connection, place));
  });

  it('may close the connection', async () => {
    const place = new MemoryPlace();
    const notes = new Notes();
    const connection = open(place);
    connection.connect('domain-added', self => self.close());
    notes.follow(connection, 'closed');
    define(connection, place);
    await notes.expect('closed', Vck.CloseReason.CLIENT);
    assertSame(connection.is_open(), false);
  });
});

run();
