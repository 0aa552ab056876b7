// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Signals: which, in which order, and with which objects.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assertFails, assertList, assertSame, create, define, open, until,
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

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    it('reports everything in order', async () => {
      const backend = new Backend();
      const notes = new Notes();
      const connection = open(backend);
      notes.follow(connection, 'domain-added', 'domain-removed', 'closed');
      const domain = define(connection, backend);
      notes.follow(domain, 'checkpoint-added', 'checkpoint-removed');
      const first = create(domain, 'first');
      const second = create(domain, 'second');
      first.delete();
      domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA);
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

    it('reaches another connection too', async () => {
      const backend = new Backend();
      const notes = new Notes();
      const other = open(backend);
      notes.follow(other, 'domain-added');
      define(open(backend), backend);
      await until(() => notes.seen.length > 0, 'domain-added of the other connection');
      assertList(notes.seen, ['domain-added', other.lookup_domain_by_name('guest')]);
    });

    it('allows calls inside a handler', async () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const counts = [];
      domain.connect('checkpoint-added', self => counts.push(self.count_checkpoints()));
      create(domain, 'first');
      await until(() => counts.length > 0, 'checkpoint-added');
      assertList(counts, [1]);
    });
  });
}

describe('a handler', () => {
  it('is not called once disconnected', async () => {
    const backend = new MemoryBackend();
    const notes = new Notes();
    const connection = open(backend);
    const handler = connection.connect('domain-added', () => notes.seen.push('disconnected'));
    connection.disconnect(handler);
    notes.follow(connection, 'domain-added');
    await notes.expect('domain-added', define(connection, backend));
  });

  it('may close the connection', async () => {
    const backend = new MemoryBackend();
    const notes = new Notes();
    const connection = open(backend);
    connection.connect('domain-added', self => self.close());
    notes.follow(connection, 'closed');
    define(connection, backend);
    await notes.expect('closed', Vck.CloseReason.CLIENT);
    assertSame(connection.is_open, false);
  });
});

describe('authenticate', () => {
  const ask = (connection, suggestion) =>
    connection.emit('authenticate', Vck.Credential.PASSPHRASE, 'Schlüssel', suggestion);

  it('takes the first answer', () => {
    const connection = new Vck.Connection({uri: new MemoryBackend().uri});
    const asked = [];
    for (const answer of [null, 'geheim – 秘密', 'never asked']) {
      connection.connect('authenticate', (self, credential, prompt, suggestion) => {
        assertSame(self, connection);
        asked.push(credential, prompt, suggestion);
        return answer;
      });
    }
    assertSame(ask(connection, 'vorher'), 'geheim – 秘密');
    const question = [Vck.Credential.PASSPHRASE, 'Schlüssel', 'vorher'];
    assertList(asked, [...question, ...question]);
  });

  it('needs an answer', () => {
    const connection = Vck.Connection.new(new MemoryBackend().uri, 0);
    assertSame(ask(connection, null), null);
    connection.connect('authenticate', () => null);
    connection.connect('authenticate', () => {});
    assertSame(ask(connection, null), null);
  });

  it('is connected before the connection is opened', async () => {
    const flags = Vck.ConnectionFlags.READ_ONLY;
    const connection = new Vck.Connection({uri: new MemoryBackend().uri, flags});
    connection.connect('authenticate', () => 'never asked');
    assertFails(Vck.Error.INVALID_CONNECT, () => connection.list_domains());
    await connection.init_async();
    assertSame(connection.is_open, true);
    assertSame(connection.is_read_only(), true);
    assertSame(connection.list_domains().length, 1);
  });
});

run();
