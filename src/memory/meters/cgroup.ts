/** The memory limit of a Linux container and what counts against it, for cgroup versions 2 and 1. */
import { unknownBecause, type KnownReading, type Meter, type Reading } from "./meter.ts";
import { toBytes, type TextFiles } from "./text-files.ts";

/** The files of one version. */
interface Version {
  readonly limit: string;
  readonly usage: string;
  /** Key in `memory.stat` of the file cache that the kernel drops before it kills anything. */
  readonly cache: string;
}

const V2: Version = { limit: "memory.max", usage: "memory.current", cache: "inactive_file" };
const V1: Version = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  cache: "total_inactive_file",
};

/** Version 1 says "no limit" with a number near 2^63. */
const NO_LIMIT = 2 ** 60;

interface Group {
  readonly folder: string;
  readonly version: Version;
}

export class CgroupMeter implements Meter {
  readonly name = "cgroup";
  readonly scope = "process";
  readonly #files: TextFiles;
  readonly #root: string;
  readonly #self: string;

  /**
   * @param root where cgroups are mounted
   * @param self the file that names the cgroups of this process
   */
  constructor(
    files: TextFiles,
    root: string = "/sys/fs/cgroup",
    self: string = "/proc/self/cgroup",
  ) {
    this.#files = files;
    this.#root = root;
    this.#self = self;
  }

  /** The group among ours and those around it that is nearest to its limit. */
  async read(): Promise<Reading> {
    let tightest: KnownReading | undefined;
    let failure: unknown;
    for (const group of await this.#groups()) {
      try {
        const reading = await this.#readGroup(group);
        if (!tightest || fraction(reading) > fraction(tightest)) tightest = reading;
      } catch (error) {
        failure = error;
      }
    }
    return tightest ?? unknownBecause(failure);
  }

  async #readGroup({ folder, version }: Group): Promise<KnownReading> {
    const limit = toBytes(await this.#files.read(`${folder}/${version.limit}`));
    const usage = toBytes(await this.#files.read(`${folder}/${version.usage}`));
    if (usage === undefined) throw new Error(`${folder}/${version.usage} holds no number`);
    const stat = await this.#files.read(`${folder}/memory.stat`).catch(() => "");
    const cache = new RegExp(`^${version.cache} (\\d+)$`, "m").exec(stat)?.[1] ?? 0;
    const bytes = Math.max(0, usage - Number(cache));
    return limit === undefined || limit >= NO_LIMIT ? { bytes } : { bytes, limit };
  }

  /** From our group outwards. A container may not see its own path, but it sees the root. */
  async #groups(): Promise<readonly Group[]> {
    const lines = (await this.#files.read(this.#self).catch(() => "")).split("\n");
    const v1 = lines.map((line) => /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/.exec(line)?.[1]);
    const path = v1.find((entry) => entry !== undefined);
    if (path !== undefined) return around(`${this.#root}/memory`, path, V1);
    const v2 = lines.map((line) => /^0::(\/.*)$/.exec(line)?.[1]).find(Boolean);
    if (v2 !== undefined) return around(this.#root, v2, V2);
    return [...around(this.#root, "/", V2), ...around(`${this.#root}/memory`, "/", V1)];
  }
}

function around(root: string, path: string, version: Version): Group[] {
  const parts = path.split("/").filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, up) => ({
    folder: [root, ...parts.slice(0, parts.length - up)].join("/"),
    version,
  }));
}

function fraction({ bytes, limit }: KnownReading): number {
  return limit === undefined ? -1 : bytes / limit;
}
