/** What a child process may do: what a worker needs, and never more than this process may do itself. */
import { defaultCacheFolder } from "../catalog/store/cache-default.ts";
import { GlyphpoolError } from "../errors.ts";

/** A permission in full, for these names only, or not at all. */
export type Grant = boolean | readonly string[];

export interface ProcessPermissions {
  /** Paths of models, cache and code. Default: everything, where this process may read everything. */
  readonly read?: Grant;
  /** Paths. Default: the cache folder. */
  readonly write?: Grant;
  /** Hosts that models come from. Default: all, where this process may reach all. */
  readonly net?: Grant;
  /** Names of variables. Default: those that name the cache folder. */
  readonly env?: Grant;
  /** Paths of native libraries. Default: none. */
  readonly ffi?: Grant;
}

/** Whether this process has a permission; of a kind as a whole where no name is given. */
export type PermissionQuery = (kind: "read" | "write" | "net" | "env", name?: string) => boolean;

/** The variables that tell where the cache folder is. */
const CACHE_VARIABLES = [
  "GLYPHPOOL_CACHE",
  "HOME",
  "USERPROFILE",
  "LOCALAPPDATA",
  "XDG_CACHE_HOME",
] as const;

/**
 * Flags for `deno run`.
 *
 * @param cache as in the settings of an engine: `true` for the default folder, or a folder
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` when it is not known what the child may read
 */
export function permissionFlags(
  wanted: ProcessPermissions,
  cache: boolean | string,
  may: PermissionQuery,
): string[] {
  const read = wanted.read ?? may("read");
  if (read === false) {
    const message =
      "A child process has to read its code and the models, but this process may not read everything " +
      "and does not say what the child may: run it with --allow-read, or name the paths in " +
      "permissions.read.";
    throw new GlyphpoolError("BACKEND_UNAVAILABLE", message);
  }
  return [
    ...flag("read", read),
    ...flag("write", wanted.write ?? writable(cache, may)),
    ...flag("net", wanted.net ?? may("net")),
    ...flag("env", wanted.env ?? (cache === true ? variables(may) : false)),
    ...flag("ffi", wanted.ffi ?? false),
  ];
}

function variables(may: PermissionQuery): string[] {
  return CACHE_VARIABLES.filter((name) => may("env", name));
}

function writable(cache: boolean | string, may: PermissionQuery): string[] {
  if (cache === false) return [];
  try {
    const folder = cache === true ? defaultCacheFolder() : cache;
    return may("write", folder) ? [folder] : [];
  } catch {
    // Without a folder the worker keeps its models in memory.
    return [];
  }
}

function flag(kind: string, grant: Grant): string[] {
  if (typeof grant === "boolean") return grant ? [`--allow-${kind}`] : [];
  // A comma separates names, two of them are one in a name.
  const names = grant.map((name) => name.replaceAll(",", ",,"));
  return names.length > 0 ? [`--allow-${kind}=${names.join(",")}`] : [];
}
