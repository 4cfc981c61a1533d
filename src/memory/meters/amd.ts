/** AMD GPUs on Linux: the kernel driver tells in sysfs what each card has and uses. */
import { unknownBecause, type Meter, type MeterScope, type Reading } from "./meter.ts";
import { toBytes, type TextFiles } from "./text-files.ts";

export interface AmdOptions {
  readonly files: TextFiles;
  /** Default `/sys/class/drm`. */
  readonly root?: string;
  /** Open files of the own process. Default `/proc/self/fdinfo`. */
  readonly fdinfo?: string;
}

/** The card with the most memory: WebGPU names none, and takes the strongest. */
export function amdDeviceMeter({ files, root = "/sys/class/drm" }: AmdOptions): Meter {
  return meter("amd-device", "device", async () => {
    let largest: { bytes: number; limit: number } | undefined;
    let failure: unknown;
    for (const name of await files.list(root)) {
      if (!/^card\d+$/.test(name)) continue;
      const folder = `${root}/${name}/device`;
      try {
        const limit = toBytes(await files.read(`${folder}/mem_info_vram_total`));
        const bytes = toBytes(await files.read(`${folder}/mem_info_vram_used`));
        if (limit === undefined || bytes === undefined) throw new Error(`${folder}: no number`);
        if (!largest || limit > largest.limit) largest = { bytes, limit };
      } catch (error) {
        // A card of another make has no such files.
        failure = error;
      }
    }
    return largest ?? unknownBecause(failure ?? new Error(`no card in ${root}`));
  });
}

/** What this process holds in the memory of AMD cards. Several files can belong to one client. */
export function amdProcessMeter({ files, fdinfo = "/proc/self/fdinfo" }: AmdOptions): Meter {
  return meter("amd-process", "gpu", async () => {
    const clients = new Map<string, number>();
    for (const name of await files.list(fdinfo)) {
      // A file that was closed since it was listed is none of ours any more.
      const text = await files.read(`${fdinfo}/${name}`).catch(() => "");
      const field = (key: string): string | undefined =>
        new RegExp(`^${key}:\\s*(.+?)\\s*$`, "m").exec(text)?.[1];
      if (field("drm-driver") !== "amdgpu") continue;
      const [, digits, unit = ""] =
        /^(\d+)\s*(KiB|MiB)?$/.exec(field("drm-memory-vram") ?? "") ?? [];
      if (digits === undefined) throw new Error(`${fdinfo}/${name} tells no drm-memory-vram`);
      const factor = unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 2 ** 10 : 1;
      const client = `${field("drm-pdev") ?? ""}/${field("drm-client-id") ?? name}`;
      clients.set(client, Number(digits) * factor);
    }
    if (clients.size === 0) return { unknown: "this process has no AMD card open" };
    return { bytes: [...clients.values()].reduce((sum, bytes) => sum + bytes, 0) };
  });
}

function meter(name: string, scope: MeterScope, read: () => Promise<Reading>): Meter {
  return { name, scope, read: () => read().catch(unknownBecause) };
}
