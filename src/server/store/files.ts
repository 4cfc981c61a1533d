/** Files of the server's data folder. */
import { join } from "node:path";

/** Deletes a file; one that is not there is no error. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Makes the folder and reserves it for this process until its end. A process that is just ending gets some time.
 *
 * @throws Error when another process keeps it
 */
export async function lockFolder(folder: string, patience: number): Promise<Disposable> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await Deno.open(join(folder, "lock"), { create: true, write: true, mode: 0o600 });
  const since = performance.now();
  while (!(await file.tryLock(true))) {
    if (performance.now() - since > patience) {
      file.close();
      throw new Error(`${folder} is used by another server; give each its own GLYPHPOOL_DATA.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { [Symbol.dispose]: () => file.close() };
}

/** An empty folder for uploads that are under way; what an earlier process left there is deleted. */
export async function emptyFolder(path: string): Promise<string> {
  await Deno.remove(path, { recursive: true }).catch(() => undefined);
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}
