/** Small files of the operating system, where the platform and its permissions let us read them. */

export interface TextFiles {
  /** @throws whatever the platform throws for what cannot be read */
  read(path: string): Promise<string>;
  /** Names of the entries of a folder. @throws as `read` */
  list(path: string): Promise<readonly string[]>;
}

/** Deno gives files below /proc and /sys only to programs that may do everything. */
const ALL = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;

/** Files through Deno. Never makes it ask for a permission: what is not granted throws. */
export const denoFiles: TextFiles = {
  read: async (path) => {
    await requireAll(path);
    return await Deno.readTextFile(path);
  },
  list: async (path) => {
    await requireAll(path);
    const names: string[] = [];
    for await (const { name } of Deno.readDir(path)) names.push(name);
    return names.sort();
  },
};

async function requireAll(path: string): Promise<void> {
  if (!/^\/(proc|sys)\//.test(path)) return;
  for (const name of ALL) {
    const { state } = await Deno.permissions.query({ name });
    if (state !== "granted") throw new Error(`${path} needs --allow-all`);
  }
}

/** A whole number of bytes, as kernel files hold them; absent for anything else. */
export function toBytes(text: string): number | undefined {
  const digits = /^\s*(\d+)\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
