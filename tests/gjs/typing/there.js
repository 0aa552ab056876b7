// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints what GJS has of the library, as JSON: for each name its kind, and of each class the static and the other
// members, how many arguments each method takes, the properties and the signals.

import GObject from 'gi://GObject';
import Vck from 'gi://Vck?version=1';

function members(owner) {
  const names = Object.getOwnPropertyNames(owner).filter(name => !name.startsWith('_'));

  return Object.fromEntries(names.map(name => {
    const {value, set} = Object.getOwnPropertyDescriptor(owner, name);
    // What a class has of an interface has accessors; so have the properties, which need an object.
    const member = name.startsWith('init') && set !== undefined ? owner[name] : value;
    return [name, typeof member === 'function' ? member.length : -1];
  }));
}

function signals(klass) {
  return GObject.signal_list_ids(klass.$gtype).map(id => GObject.signal_query(id).signal_name);
}

function describe(item) {
  if (typeof item === 'object')
    return {kind: 'enum', members: members(item)};
  if (item.prototype === undefined || item.$gtype === undefined)
    return {kind: 'function', length: item.length};
  const isObject = item.prototype instanceof GObject.Object;
  return {
    kind: 'class',
    statics: members(item),
    members: members(item.prototype),
    properties: isObject ? item.list_properties().map(each => each.name) : [],
    signals: isObject ? signals(item) : [],
  };
}

const names = Object.keys(Vck).filter(name => Vck[name] !== undefined); // a class struct is undefined

const found = names.map(name =>
  [name, ['number', 'string'].includes(typeof Vck[name]) ? {kind: 'const'} : describe(Vck[name])]);
print(JSON.stringify(Object.fromEntries(found)));
