// SPDX-License-Identifier: LGPL-2.1-or-later
//
// As much of GLib, GObject and GIO as the samples use, in the way of ts-for-gir's packages @girs/glib-2.0,
// @girs/gobject-2.0 and @girs/gio-2.0, which a program takes instead.

declare module 'gi://GLib?version=2.0' {
  namespace GLib {
    class Error {
      domain: number;
      code: number;
      message: string;
      constructor(properties?: { domain?: number; code?: number; message?: string });
      matches(domain: (new (...args: any[]) => Error) | number, code: number): boolean;
    }
    class DateTime {
      format(format: string): string | null;
    }
  }
  export default GLib;
}

declare module 'gi://GObject?version=2.0' {
  namespace GObject {
    type GType<T = unknown> = { __type__(arg: never): T; name: string };
    class ParamSpec {
      readonly name: string;
    }
    class Object {
      static readonly $gtype: GType<Object>;
      constructor(properties?: {});
      connect(signal: string, callback: (...args: any[]) => any): number;
      connect_after(signal: string, callback: (...args: any[]) => any): number;
      disconnect(id: number): void;
    }
  }
  export default GObject;
}

declare module 'gi://Gio?version=2.0' {
  import type GObject from 'gi://GObject?version=2.0';

  namespace Gio {
    class Cancellable extends GObject.Object {
      cancel(): void;
    }
    interface AsyncResult extends GObject.Object {}
    interface Initable extends GObject.Object {
      init(cancellable: Cancellable | null): boolean;
    }
    interface AsyncInitable<A extends GObject.Object = GObject.Object> extends GObject.Object {
      init_async(io_priority: number, cancellable: Cancellable | null): Promise<boolean>;
      init_finish(result: AsyncResult): boolean;
      new_finish(result: AsyncResult): A;
    }
    interface ListModel<A extends GObject.Object = GObject.Object> extends GObject.Object {
      get_n_items(): number;
      get_item(position: number): A | null;
    }
  }
  export default Gio;
}

interface GjsGiImports {
  versions: { [namespace: string]: string };
}

declare const imports: { gi: GjsGiImports };
declare function print(...values: any[]): void;
declare function logError(error: unknown): void;
