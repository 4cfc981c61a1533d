/** The few functions of libnvidia-ml that the meters need. */

export interface NvmlUse {
  readonly pid: number;
  /** Absent where the driver does not tell (Windows display drivers). */
  readonly used: number | undefined;
}

export interface NvmlLibrary {
  memory(device: number): { readonly total: number; readonly used: number };
  /** Each process once, whether it computes, draws or both. */
  processes(device: number): readonly NvmlUse[];
  close(): void;
}

// A handle is a pointer. As "usize" it needs permission for this one library; as "pointer", for all.
const SYMBOLS = {
  nvmlInit_v2: { parameters: [], result: "i32" },
  nvmlShutdown: { parameters: [], result: "i32" },
  nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32" },
  nvmlDeviceGetMemoryInfo: { parameters: ["usize", "buffer"], result: "i32" },
  nvmlDeviceGetMemoryInfo_v2: { parameters: ["usize", "buffer"], result: "i32", optional: true },
  nvmlDeviceGetComputeRunningProcesses_v3: {
    parameters: ["usize", "buffer", "buffer"],
    result: "i32",
  },
  nvmlDeviceGetGraphicsRunningProcesses_v3: {
    parameters: ["usize", "buffer", "buffer"],
    result: "i32",
  },
} as const;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
type ListProcesses = Library["nvmlDeviceGetComputeRunningProcesses_v3"];

const SUCCESS = 0;
const INSUFFICIENT_SIZE = 7;
const ERRORS: Readonly<Record<number, string>> = {
  1: "not initialised",
  2: "invalid argument",
  3: "not supported",
  4: "no permission",
  6: "no such device",
  9: "the driver is not loaded",
  12: "library not found",
  13: "function not found",
  15: "the GPU is lost",
  25: "version mismatch of an argument",
  999: "unknown error",
};

/** The struct's size, and the version 2 in the upper byte. */
const MEMORY_V2 = 40 | (2 << 24);
const PROCESS_SIZE = 24;
/** The driver's word for "not available" in 64 bits. */
const NOT_AVAILABLE = 2n ** 64n - 1n;
/** New processes can start between asking how many there are and listing them. */
const SPARE_PROCESSES = 8;
const MAX_ATTEMPTS = 4;

/**
 * Never makes Deno ask for a permission.
 *
 * @throws Error with the reason, if there is no such library, no permission or no driver
 */
export async function openNvmlLibrary(path: string): Promise<NvmlLibrary> {
  if (typeof Deno === "undefined" || !Deno.dlopen) throw new Error("no FFI on this platform");
  const { state } = await Deno.permissions.query({ name: "ffi", path });
  if (state !== "granted") throw new Error(`${path} needs --allow-ffi=${path}`);
  const library = Deno.dlopen(path, SYMBOLS);
  const { symbols } = library;
  try {
    check("nvmlInit_v2", symbols.nvmlInit_v2());
  } catch (error) {
    library.close();
    throw error;
  }
  const handles = new Map<number, bigint>();
  const handleOf = (device: number): bigint => {
    const known = handles.get(device);
    if (known !== undefined) return known;
    const out = new BigUint64Array(1);
    check(
      "nvmlDeviceGetHandleByIndex_v2",
      symbols.nvmlDeviceGetHandleByIndex_v2(device, bytes(out)),
    );
    const handle = out[0] ?? 0n;
    handles.set(device, handle);
    return handle;
  };
  return {
    memory: (device) => readMemory(symbols, handleOf(device)),
    processes: (device) => {
      const handle = handleOf(device);
      return merge([
        ...list(symbols.nvmlDeviceGetComputeRunningProcesses_v3, handle),
        ...list(symbols.nvmlDeviceGetGraphicsRunningProcesses_v3, handle),
      ]);
    },
    close: () => {
      symbols.nvmlShutdown();
      library.close();
    },
  };
}

function readMemory(symbols: Library, handle: bigint): { total: number; used: number } {
  // version u32, padding, total, reserved, free, used: the driver's own share is not in `used`.
  const v2 = new BigUint64Array(5);
  new DataView(v2.buffer).setUint32(0, MEMORY_V2, true);
  if (symbols.nvmlDeviceGetMemoryInfo_v2?.(handle, bytes(v2)) === SUCCESS) {
    // Reserved memory is not to be had either, so it counts as used.
    return { total: Number(v2[1]), used: Number(v2[4]) + Number(v2[2]) };
  }
  // Drivers before 510: total, free, used with the reserved share in it.
  const v1 = new BigUint64Array(3);
  check("nvmlDeviceGetMemoryInfo", symbols.nvmlDeviceGetMemoryInfo(handle, bytes(v1)));
  return { total: Number(v1[0]), used: Number(v1[2]) };
}

function list(call: ListProcesses, handle: bigint): NvmlUse[] {
  const count = new Uint32Array([SPARE_PROCESSES]);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const room = count[0] ?? 0;
    const infos = new Uint8Array(PROCESS_SIZE * room);
    const code = call(handle, bytes(count), infos);
    if (code === INSUFFICIENT_SIZE) {
      count[0] = (count[0] ?? 0) + SPARE_PROCESSES;
      continue;
    }
    check("nvmlDeviceGet…RunningProcesses_v3", code);
    const view = new DataView(infos.buffer);
    return Array.from({ length: Math.min(count[0] ?? 0, room) }, (_, index) => {
      const used = view.getBigUint64(index * PROCESS_SIZE + 8, true);
      const pid = view.getUint32(index * PROCESS_SIZE, true);
      return { pid, used: used === NOT_AVAILABLE ? undefined : Number(used) };
    });
  }
  throw new Error("the list of GPU processes keeps growing");
}

/** A process that computes and draws is in both lists, with the same figure. */
function merge(uses: readonly NvmlUse[]): NvmlUse[] {
  const byPid = new Map<number, NvmlUse>();
  for (const use of uses) {
    const other = byPid.get(use.pid);
    if (!other || (use.used ?? -1) > (other.used ?? -1)) byPid.set(use.pid, use);
  }
  return [...byPid.values()];
}

function check(call: string, code: number): void {
  if (code !== SUCCESS) throw new Error(`${call}: ${ERRORS[code] ?? "error"} (${code})`);
}

function bytes(
  array: BigUint64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(array.buffer);
}
