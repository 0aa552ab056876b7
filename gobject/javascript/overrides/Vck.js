// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What makes Vck natural in JavaScript: GJS loads this with `gi://Vck` and with `imports.gi.Vck`.

const {GLib} = imports.gi;

// GJS takes an error of an import here for a library without an override, and goes on without any of this.
function importPart(name) {
  try {
    return imports.overrides[name];
  } catch (error) {
    throw new Error(`the files of Vck for GJS are not complete: ${error.message}; install Vck again`);
  }
}

const {completeMethods, toFlags} = importPart('_vck_calls');
const {defaults, enumerations} = importPart('_vck_defaults');
const {showConnection, showCheckpoint, showDomain, showExtent, showProperties} = importPart('_vck_show');
const {completeTexts} = importPart('_vck_texts');

const EXTENTS_AT_ONCE = 1024;

// Methods of Gio.Initable and Gio.AsyncInitable.
const INIT_DEFAULTS = {
  init: [null],
  init_async: [GLib.PRIORITY_DEFAULT, null],
};

// A type that is final aborts the program when GObject gets a subclass of it.
function refuseSubclass(name) {
  return function () {
    throw new TypeError(`Vck.${name} is final and cannot have a subclass; keep its object in an object of your own`);
  };
}

function completeConnection(Vck) {
  const {prototype} = Vck.Connection;
  const init = prototype._init;

  prototype._init = function (properties = {}) {
    if (properties.flags === undefined)
      return init.call(this, properties);
    return init.call(this, {...properties, flags: toFlags(Vck, 'ConnectionFlags', properties.flags)});
  };
}

// The extents that were not read yet; each step may block, unless it is awaited.
function completeCursor(Vck) {
  const {prototype} = Vck.ExtentCursor;

  prototype[Symbol.iterator] = function* () {
    for (let part = this.read(EXTENTS_AT_ONCE); part.length > 0; part = this.read(EXTENTS_AT_ONCE))
      yield* part;
  };
  prototype[Symbol.asyncIterator] = async function* () {
    for (;;) {
      const part = await this.read_async(EXTENTS_AT_ONCE);
      if (part.length === 0)
        return;
      yield* part;
    }
  };
}

// The objects of a list as it is at each step.
function completeLists(Vck) {
  for (const name of ['CheckpointList', 'DiskList', 'DomainList']) {
    Vck[name].prototype[Symbol.iterator] = function* () {
      for (let i = 0, item; (item = this.get_item(i)) !== null; i++)
        yield item;
    };
  }
}

// The name of each member by its number, as TypeScript's enums have it: `Vck.DomainState[domain.state]`.
function completeEnumerations(Vck) {
  for (const enumeration of enumerations.map(name => Vck[name])) {
    for (const [name, value] of Object.entries(enumeration).filter(([, each]) => typeof each === 'number'))
      Object.defineProperty(enumeration, value, {value: name, configurable: true});
  }
}

function completeStrings(Vck) {
  const functions = {
    Connection: showConnection, Domain: showDomain, Checkpoint: showCheckpoint, Extent: showExtent,
  };

  for (const [name, show] of Object.entries(functions)) {
    Vck[name].prototype.toString = function () {
      return show(Vck, this);
    };
  }
}

var _init = function () {
  const Vck = this;

  for (const [name, methods] of Object.entries(defaults)) {
    Vck[name]._classInit = refuseSubclass(name);
    Vck[name].prototype.toString = function () {
      return showProperties(Vck, name, this);
    };
    completeMethods(Vck, Vck[name], methods);
    completeTexts(Vck[name]);
  }
  completeMethods(Vck, Vck.Connection, INIT_DEFAULTS);
  completeConnection(Vck);
  completeCursor(Vck);
  completeLists(Vck);
  completeEnumerations(Vck);
  completeStrings(Vck);
};
