// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Domains that are defined from a configuration instead of XML.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {LocalBackend, MemoryBackend, assertFails, assertList, assertSame, open} from './support.js';

const UUID = '5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1';

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`a configuration on ${Backend.name}`, () => {
    it('is made of images', () => {
      const backend = new Backend();
      const images = backend.disks('vda', 'vdb').map(([, path]) => path);
      const domain = open(backend).define_domain(Vck.DomainConfig.new_from_images(images));
      assertSame(domain.name, 'vda');
      assertList(domain.list_disks().map(disk => disk.source), images);
      assertSame(domain.create_checkpoint().domain, domain);
    });

    it('has disks that are added', () => {
      const backend = new Backend();
      const config = new Vck.DomainConfig({name: 'guest', uuid: UUID});
      for (const [target, path] of backend.disks('vda', 'vdb'))
        config.add_disk(target, path);
      config.add_disk('vdc', '/nonexistent/c', 'raw');
      const domain = open(backend).define_domain(config);
      assertSame(domain.uuid, UUID);
      assertList(domain.list_disks().map(disk => disk.trackable), [true, true, false]);
    });

    it('is taken as it is when a call begins', async () => {
      const config = new Vck.DomainConfig({name: 'first'});
      const promise = open(new Backend()).define_domain_async(config);
      config.name = 'later';
      assertSame((await promise).name, 'first');
    });
  });
}

describe('a configuration', () => {
  it('lists disks', () => {
    const config = Vck.DomainConfig.new_from_images(['/a.qcow2']);
    config.add_disk('sda', '/dev/b', 'raw');
    assertSame(config.disks.get_n_items(), 2);
    assertSame(config.disks.get_item(0).format, 'qcow2');
    assertSame(config.disks.get_item(1).source, '/dev/b');
  });

  it('is read from XML and written to it', () => {
    const config = new Vck.DomainConfig({name: 'a', qmp_socket: '/q'});
    const again = Vck.DomainConfig.new_from_xml(config.to_xml());
    assertSame(again.qmp_socket, '/q');
    assertSame(again.agent_socket, null);
    assertSame(open(new MemoryBackend()).define_domain_xml(config.to_xml()).name, 'a');
  });

  it('fails where it cannot be used', () => {
    const connection = open(new MemoryBackend());
    assertFails(Vck.Error.XML_ERROR, () => Vck.DomainConfig.new_from_xml('<domain>'));
    assertFails(Vck.Error.XML_INVALID_SCHEMA, () => new Vck.DomainConfig().to_xml());
    connection.define_domain(new Vck.DomainConfig({name: 'a', uuid: UUID}));
    assertFails(Vck.Error.DOMAIN_EXISTS,
      () => connection.define_domain(new Vck.DomainConfig({name: 'b', uuid: UUID})));
  });
});

run();
