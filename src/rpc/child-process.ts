/** Starts a worker in a process of its own, which can be killed whatever it is busy with. Deno only. */
import { MAX_FRAME_BYTES } from "./framed-link.ts";
import { v8Codec } from "./v8-codec.ts";
import { GlyphpoolError } from "../errors.ts";
import {
  permissionFlags,
  type PermissionQuery,
  type ProcessPermissions,
} from "./child-permissions.ts";
import { ProcessWorker } from "./process-worker.ts";

/** A line that never ends is cut here. Characters. */
const LONGEST = 64 * 1024;

/** Hands on every line, the last one also without its end. Never rejects: a broken stream has ended. */
export async function forwardLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      for (; rest.length >= LONGEST; rest = rest.slice(LONGEST)) onLine(rest.slice(0, LONGEST));
    }
  } catch {
    // The process was killed in the middle of a line.
  }
  if (rest) onLine(rest);
}

export interface ProcessOptions {
  /** Added to the environment that the child inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the child may do beside reading its code. */
  readonly permissions?: ProcessPermissions;
  /** Gets what the child prints, line by line. Default: it goes to this process's stderr. */
  readonly onLog?: (line: string) => void;
  /** The Deno to run. Default: the one that runs this process. */
  readonly executable?: string;
  /** A module that calls `serveProcess`. */
  readonly entry: URL;
  /** Largest message in either direction, in bytes. Default 512 MiB. */
  readonly maxFrameBytes?: number;
  /** Further arguments for the entry, after its name and `maxFrameBytes`. */
  readonly args?: readonly string[];
}

/**
 * @param name shown in the list of processes
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` where no process can be started; the message says why
 */
export function spawnProcess(name: string, options: ProcessOptions): ProcessWorker {
  if (!("Deno" in globalThis)) {
    const message = 'isolation: "process" needs Deno: nothing else here can start processes.';
    throw new GlyphpoolError("BACKEND_UNAVAILABLE", message);
  }
  const { entry, permissions = {}, env = {}, onLog, maxFrameBytes = MAX_FRAME_BYTES } = options;
  const own = [name, String(maxFrameBytes), ...(options.args ?? [])];
  const flags = permissionFlags(permissions, isAllowed);
  const executable = options.executable ?? Deno.execPath();
  const child = start(executable, {
    args: ["run", "--quiet", "--no-prompt", ...flags, entry.href, ...own],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: onLog ? "piped" : "inherit",
  });
  if (onLog) void forwardLines(child.stderr, onLog);
  return new ProcessWorker(child, v8Codec(), maxFrameBytes);
}

function start(executable: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(executable, options).spawn();
  } catch (cause) {
    const denied = cause instanceof Deno.errors.NotCapable;
    const why = denied
      ? `it may not start ${executable}: run it with --allow-run=${executable}`
      : `${executable} does not start: ${String(cause)}`;
    const message = `isolation: "process" needs a child process, but ${why}.`;
    throw new GlyphpoolError("BACKEND_UNAVAILABLE", message, { cause });
  }
}

/** Whether this process may do that. */
export const isAllowed: PermissionQuery = (kind, name) => {
  const descriptor = {
    read: { name: "read", ...(name ? { path: name } : {}) },
    write: { name: "write", ...(name ? { path: name } : {}) },
    net: { name: "net", ...(name ? { host: name } : {}) },
    env: { name: "env", ...(name ? { variable: name } : {}) },
  } as const;
  return Deno.permissions.querySync(descriptor[kind]).state === "granted";
};
