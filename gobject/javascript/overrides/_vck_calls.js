// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Methods whose last arguments have defaults, with flags by name, and with promises.

const {checkText} = imports.overrides._vck_texts;

function memberNames(enumeration) {
  return Object.keys(enumeration).filter(name => typeof enumeration[name] === 'number').sort();
}

function flagByName(enumeration, type, text) {
  const name = text.replaceAll('-', '_').toUpperCase();
  const names = memberNames(enumeration);

  if (!names.includes(name))
    throw new RangeError(`'${text}' is not one of Vck.${type}: ${names.join(', ')}`);
  return enumeration[name];
}

// The number of flags that are given as a number, a name, or an array of them.
function toFlags(Vck, type, value) {
  if (typeof value === 'string')
    return flagByName(Vck[type], type, value);
  if (Array.isArray(value))
    return value.reduce((flags, each) => flags | toFlags(Vck, type, each), 0);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
    throw new TypeError(`${String(value)} is not of Vck.${type}`);
  return value;
}

// The arguments with what was left out. GJS says what is wrong if one that has no default is missing.
function complete(Vck, defaults, given) {
  given.forEach(checkText);
  if (given.length <= defaults.lastIndexOf(undefined))
    return given;
  const all = defaults.map((value, index) => {
    const argument = given[index];
    if (typeof value !== 'string')
      return argument === undefined ? value : argument;
    return argument === undefined ? 0 : toFlags(Vck, value, argument);
  });
  return [...all, ...given.slice(defaults.length)];
}

function makeBlocking(Vck, native, defaults) {
  return function (...given) {
    return native.call(this, ...complete(Vck, defaults, given));
  };
}

// A function that is given last is the callback, and so is what follows all other arguments.
function hasCallback(given, defaults) {
  return typeof given[given.length - 1] === 'function' || given[defaults.length] !== undefined;
}

// `makeArguments` is called in the promise, which what it throws rejects.
function startPromise(self, native, finish, makeArguments) {
  const {stack} = new Error();

  return new Promise((resolve, reject) => {
    native.call(self, ...makeArguments(), (_source, result) => {
      try {
        resolve(finish.call(self, result));
      } catch (error) {
        error.stack = `${error.stack ?? ''}### Promise created here: ###\n${stack}`;
        reject(error);
      }
    });
  });
}

function makeAsync(Vck, native, finish, defaults) {
  return function (...given) {
    if (!hasCallback(given, defaults))
      return startPromise(this, native, finish,
        () => complete(Vck, defaults, given.slice(0, defaults.length)));
    const callback = given.pop();
    return native.call(this, ...complete(Vck, defaults, given), callback);
  };
}

// Replaces methods and static functions that have defaults.
function completeMethods(Vck, klass, defaultsOf) {
  for (const [name, defaults] of Object.entries(defaultsOf)) {
    const owner = name in klass.prototype ? klass.prototype : klass;
    const native = owner[name];
    const method = name.endsWith('_async')
      ? makeAsync(Vck, native, owner[name.replace(/_async$/, '_finish')], defaults)
      : makeBlocking(Vck, native, defaults);
    // A program's own Gio._promisify() counts on the length.
    Object.defineProperties(method, {name: {value: name}, length: {value: native.length}});
    owner[name] = method;
  }
}
