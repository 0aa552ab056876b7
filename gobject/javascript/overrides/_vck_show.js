// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What an object is shown as: what it holds, without a call that may block.

const {GLib, GObject} = imports.gi;

const toNick = name => name.toLowerCase().replaceAll('_', '-');
const quote = text => text === null ? 'null' : `'${text}'`;

// The nick of a member of an enumeration, or the number if it is none of them.
function enumNick(enumeration, value) {
  const name = Object.keys(enumeration).find(each => enumeration[each] === value);

  return name === undefined ? String(value) : toNick(name);
}

function flagNicks(enumeration, value) {
  const names = Object.keys(enumeration).filter(each => enumeration[each] & value);

  return names.length === 0 ? 'none' : names.map(toNick).join('|');
}

function showValue(Vck, type, value) {
  const members = Vck[type.replace(/^Vck/, '')];

  if (typeof value === 'string')
    return quote(value);
  if (value instanceof GLib.DateTime)
    return value.to_utc().format('%Y-%m-%dT%H:%M:%SZ');
  if (typeof value !== 'number' || !type.startsWith('Vck'))
    return String(value);
  return type.endsWith('Flags') ? flagNicks(members, value) : enumNick(members, value);
}

function isShown(value) {
  return value !== null && !(value instanceof GObject.Object) && !(value instanceof GLib.Error);
}

// `<Vck.Disk format='qcow2' target='vda' trackable=true>`
function showProperties(Vck, name, object) {
  const parts = [`<Vck.${name}`];

  for (const {name: property, value_type: type} of Vck[name].list_properties()) {
    const value = object[property.replaceAll('-', '_')];
    if (isShown(value))
      parts.push(`${property.replaceAll('-', '_')}=${showValue(Vck, type.name, value)}`);
  }
  return `${[parts[0], ...parts.slice(1).sort()].join(' ')}>`;
}

function showConnection(_Vck, connection) {
  const state = connection.is_open ? 'open' : 'closed';
  const kind = connection.is_read_only() ? ' read-only' : '';

  return `<Vck.Connection ${quote(connection.get_uri())} ${state}${kind}>`;
}

function showDomain(Vck, domain) {
  return `<Vck.Domain ${quote(domain.get_name())} ${enumNick(Vck.DomainState, domain.get_state())}>`;
}

function showCheckpoint(_Vck, checkpoint) {
  const domain = checkpoint.get_domain();

  return `<Vck.Checkpoint ${quote(checkpoint.get_name())} of ${domain === null ? 'null' : quote(domain.get_name())}>`;
}

function showExtent(Vck, extent) {
  return `<Vck.Extent ${extent.offset}+${extent.length} ${flagNicks(Vck.ExtentFlags, extent.flags)}>`;
}
