// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Creates a checkpoint of a domain (a virtual machine) and prints what changed since each one.
//
// Run it, write to the disk, and run it again with another name.
//
// Usage: gjs -m checkpoint.js URI IMAGE NAME

import GLib from 'gi://GLib';
import System from 'system';
import Vck from 'gi://Vck?version=1';

const escape = text => GLib.markup_escape_text(text, -1);

const domainXml = image => `
<domain type='qemu'>
  <name>example</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${escape(image)}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>`;

const checkpointXml = name => `<domaincheckpoint><name>${escape(name)}</name></domaincheckpoint>`;

function createCheckpoint(domain, name) {
  try {
    return domain.create_checkpoint_xml(checkpointXml(name));
  } catch (error) {
    if (error.matches(Vck.Error, Vck.Error.BUSY))
      error.message = 'the image is in use; shut the domain down and try again';
    throw error;
  }
}

function printChanges(domain) {
  for (const checkpoint of domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL)) {
    for (const disk of checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE))
      print(`${checkpoint.get_name()}: ${disk.get_name()} ${disk.get_size()} bytes`);
  }
}

if (System.programArgs.length !== 3) {
  printerr('usage: gjs -m checkpoint.js URI IMAGE NAME');
  System.exit(1);
}

try {
  const [uri, image, name] = System.programArgs;
  const connection = Vck.Connection.open(uri);
  // Defining a domain that exists already replaces its definition and keeps its checkpoints.
  const xml = domainXml(GLib.canonicalize_filename(image, null));
  const domain = connection.define_domain_xml(xml);
  createCheckpoint(domain, name);
  printChanges(domain);
} catch (error) {
  printerr(`checkpoint: ${error.message}`);
  System.exit(1);
}
