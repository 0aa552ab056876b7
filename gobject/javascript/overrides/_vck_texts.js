// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Texts have no NUL: GJS passes on what is before it, which is another name or path.

const {GObject} = imports.gi;

function checkText(value) {
  if (typeof value === 'string' && value.includes('\0'))
    throw new TypeError(`a text must not contain the character NUL, as ${JSON.stringify(value.slice(0, 80))} does`);
}

// `qmp-socket` is also `qmp_socket` and `qmpSocket`.
function spellings(name) {
  return [name, name.replaceAll('-', '_'), name.replace(/-(.)/g, (_all, letter) => letter.toUpperCase())];
}

function completeAttribute(prototype, attribute) {
  const native = Object.getOwnPropertyDescriptor(prototype, attribute);

  Object.defineProperty(prototype, attribute, {
    ...native,
    set(value) {
      checkText(value);
      native.set.call(this, value);
    },
  });
}

function isWritableText({flags, value_type: type}) {
  return type === GObject.TYPE_STRING && flags & GObject.ParamFlags.WRITABLE;
}

// Properties that are given to the constructor, to set_property() or as attributes.
function completeTexts(klass) {
  const {prototype} = klass;
  const {_init: init, set_property: setProperty} = prototype;
  const texts = klass.list_properties().filter(isWritableText);

  if (texts.length === 0)
    return;
  prototype._init = function (properties = {}, ...rest) {
    Object.values(properties ?? {}).forEach(checkText);
    return init.call(this, properties, ...rest);
  };
  prototype.set_property = function (name, value) {
    checkText(value);
    setProperty.call(this, name, value);
  };
  for (const {name} of texts.filter(({flags}) => !(flags & GObject.ParamFlags.CONSTRUCT_ONLY)))
    new Set(spellings(name)).forEach(attribute => completeAttribute(prototype, attribute));
}
