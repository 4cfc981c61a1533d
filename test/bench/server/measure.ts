/** What the server's benchmarks measure with. */

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param part 0 to 1 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return sorted[at] ?? Number.NaN;
}

/** Resident bytes of a process, and of each that it has started. Linux. */
export async function residentBytes(pid: number): Promise<number[]> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = (await Deno.readTextFile(path).catch(() => "")).trim();
  const ids = children === "" ? [] : children.split(" ").map(Number);
  return [own, ...(await Promise.all(ids.map(residentBytes))).flat()];
}
