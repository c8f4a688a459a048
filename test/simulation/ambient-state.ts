import nodeCrypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/** Something of the host that an answer could depend on, and that the transition must not touch. */
export class AmbientAccess extends Error {
  override readonly name = "AmbientAccess";
}

/** Members that read a clock, a source of randomness, a timer or the host's language. */
const MEMBERS: readonly (readonly [owner: object, ...names: string[]])[] = [
  [Date, "now", "parse"],
  [Math, "random"],
  [performance, "now"],
  [process, "hrtime", "uptime", "cpuUsage", "memoryUsage", "cwd"],
  // `node:crypto` hands its own `getRandomValues` on to this one.
  [Object.getPrototypeOf(globalThis.crypto), "getRandomValues", "randomUUID"],
  [
    nodeCrypto,
    "randomBytes",
    "randomFillSync",
    "randomInt",
    "randomUUID",
    "generateKeyPairSync",
    "createECDH",
  ],
  [globalThis, "Date", "fetch", "setTimeout", "setInterval", "setImmediate", "Intl"],
  [String.prototype, "localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"],
  [Number.prototype, "toLocaleString"],
  [Array.prototype, "toLocaleString"],
];

/**
 * Runs synchronous code in a world without clocks, randomness, timers, locale and environment: any
 * access throws `AmbientAccess`, so the code's answer cannot depend on them.
 *
 * @example
 * const first = withoutAmbientState(() => replay(log).root);
 */
export function withoutAmbientState<T>(run: () => T): T {
  const undo: (() => void)[] = [];
  const replace = (owner: object, name: string): void => {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    const value = owner === globalThis && name === "Date" ? clocklessDate() : denial(name);
    Object.defineProperty(owner, name, { configurable: true, writable: true, value });
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, before);
    });
  };
  try {
    for (const [owner, ...names] of MEMBERS) for (const name of names) replace(owner, name);
    replaceEnvironment(undo);
    // Named imports of built-in modules are copies of these members.
    syncBuiltinESMExports();
    return run();
  } finally {
    for (const restore of undo.reverse()) restore();
    syncBuiltinESMExports();
  }
}

/** Denied as a function, as a constructor and as the owner of others (`Intl.NumberFormat`). */
function denial(name: string): object {
  const deny = (): never => {
    throw new AmbientAccess(`${name} is not part of the transition`);
  };
  return new Proxy(class {}, { apply: deny, construct: deny, get: deny });
}

/**
 * A date of a given time reads no clock: sql.js makes such dates of its files' zero timestamps when
 * SQLite looks whether its empty main database is still there.
 */
function clocklessDate(): object {
  const deny = (): never => {
    throw new AmbientAccess("the present is not part of the transition");
  };
  return new Proxy(Date, {
    apply: deny,
    construct: (target, args) => (args.length === 0 ? deny() : Reflect.construct(target, args)),
  });
}

function replaceEnvironment(undo: (() => void)[]): void {
  const before = Object.getOwnPropertyDescriptor(process, "env")!;
  const deny = (_: object, name: string | symbol): never => {
    throw new AmbientAccess(`process.env.${String(name)} is not part of the transition`);
  };
  const value = new Proxy({}, { get: deny, has: deny, set: deny, getOwnPropertyDescriptor: deny });
  Object.defineProperty(process, "env", { configurable: true, writable: true, value });
  undo.push(() => Object.defineProperty(process, "env", before));
}
