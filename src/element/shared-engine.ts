/** One engine for all readers of a page that want the same of it, however often they are mounted. */
import { createEngine } from "../engine/create-engine.ts";
import type { Engine, EngineOptions } from "../engine/engine.ts";

/** A use of a shared engine; the engine ends some time after its last use has. */
export interface EngineLease extends Disposable {
  readonly engine: Promise<Engine>;
}

interface Shared {
  readonly engine: Promise<Engine>;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** How engines are made, and when those that nobody uses end. */
export interface LeaseOptions {
  readonly create?: ((options: EngineOptions) => Promise<Engine>) | undefined;
  /** Milliseconds that an engine waits for its next user. Default 5000. */
  readonly linger?: number | undefined;
}

/** Frameworks take a node out of the page and put it back, and pages change; an engine costs a second. */
const LINGER = 5000;

/** On the realm and not in this module: a page may load two copies of it. */
const REGISTRY: symbol = Symbol.for("glyphpool.engines");

function registry(): Map<string, Shared> {
  const realm = globalThis as unknown as Record<symbol, Map<string, Shared> | undefined>;
  return (realm[REGISTRY] ??= new Map());
}

/**
 * An engine with these options: the one that is there, or a new one. Options are the same when they are written as
 * the same JSON.
 */
export function leaseEngine(options: EngineOptions, settings: LeaseOptions = {}): EngineLease {
  const { create = createEngine, linger = LINGER } = settings;
  const engines = registry();
  const key = JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  let shared = engines.get(key);
  if (!shared) {
    const made: Shared = { engine: create(options), users: 0, timer: undefined };
    // What failed once may work with the next try.
    made.engine.catch(() => {
      if (engines.get(key) === made) engines.delete(key);
    });
    engines.set(key, made);
    shared = made;
  }
  const used = shared;
  clearTimeout(used.timer);
  used.users++;
  let open = true;
  return {
    engine: used.engine,
    [Symbol.dispose](): void {
      if (!open) return;
      open = false;
      used.users--;
      if (used.users > 0) return;
      used.timer = setTimeout(() => {
        if (engines.get(key) === used) engines.delete(key);
        // One that never started has nothing to end.
        used.engine.then((engine) => engine.close()).catch(() => undefined);
      }, linger);
    },
  };
}
