// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A small test framework: describe(), it() with plain or async functions, and TAP output.
// run() runs what was declared, inside a main loop, and ends the program.

import GLib from 'gi://GLib';
import System from 'system';

const cases = [];
const path = [];

export function describe(name, body) {
  path.push(name);
  body();
  path.pop();
}

export function it(name, body) {
  cases.push({name: [...path, name].join(' '), body});
}

// What to do when the running case has ended, in reverse order.
const cleanups = [];

export function atEnd(cleanup) {
  cleanups.push(cleanup);
}

function comment(error) {
  const text = `${error}\n${error?.stack ?? ''}`.trimEnd();
  return text.split('\n').map(line => `# ${line}`).join('\n');
}

async function runCase({body}) {
  try {
    await body();
  } finally {
    while (cleanups.length > 0)
      cleanups.pop()();
  }
}

async function runCases() {
  let failures = 0;
  for (const [index, each] of cases.entries()) {
    try {
      await runCase(each);
      print(`ok ${index + 1} - ${each.name}`);
    } catch (error) {
      failures++;
      print(`not ok ${index + 1} - ${each.name}\n${comment(error)}`);
    }
  }
  return failures;
}

export function run() {
  const loop = new GLib.MainLoop(null, false);
  let status = 1;
  print(`1..${cases.length}`);
  runCases().then(failures => {
    status = failures === 0 && cases.length > 0 ? 0 : 1;
    loop.quit();
  });
  loop.run();
  System.exit(status);
}
