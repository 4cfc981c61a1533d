/** What a child process may do: what a worker needs, and never more than this process may do itself. */
import { GlyphpoolError } from "../errors.ts";

/** A permission in full, for these names only, or not at all. */
export type Grant = boolean | readonly string[];

export interface ProcessPermissions {
  /** Paths of code and of what it reads. Default: everything, where this process may read everything. */
  readonly read?: Grant;
  /** Paths. Default: none. */
  readonly write?: Grant;
  /** Hosts. Default: none. */
  readonly net?: Grant;
  /** Names of variables. Default: none. */
  readonly env?: Grant;
  /** Paths of native libraries. Default: none. */
  readonly ffi?: Grant;
}

/** Whether this process has a permission; of a kind as a whole where no name is given. */
export type PermissionQuery = (kind: "read" | "write" | "net" | "env", name?: string) => boolean;

/**
 * Flags for `deno run`.
 *
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` when it is not known what the child may read
 */
export function permissionFlags(wanted: ProcessPermissions, may: PermissionQuery): string[] {
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
    ...flag("write", wanted.write ?? false),
    ...flag("net", wanted.net ?? false),
    ...flag("env", wanted.env ?? false),
    ...flag("ffi", wanted.ffi ?? false),
  ];
}

function flag(kind: string, grant: Grant): string[] {
  if (typeof grant === "boolean") return grant ? [`--allow-${kind}`] : [];
  // A comma separates names, two of them are one in a name.
  const names = grant.map((name) => name.replaceAll(",", ",,"));
  return names.length > 0 ? [`--allow-${kind}=${names.join(",")}`] : [];
}
