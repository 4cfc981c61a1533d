import { wrap } from "comlink";
import type { Remote } from "comlink";
import { afterEach, describe, expect, it, vi } from "vitest";
import { spawnProcess } from "../../src/rpc/child-process.ts";
import type { ProcessOptions } from "../../src/rpc/child-process.ts";
import type { ProcessWorker } from "../../src/rpc/process-worker.ts";
import type { WorkerLike } from "../../src/rpc/worker-like.ts";
import type { FaultApi } from "../faults/fault.process-worker.ts";

const entry = new URL("../faults/fault.process.ts", import.meta.url);
const MB = 2 ** 20;

const started: ProcessWorker[] = [];
afterEach(() => {
  for (const worker of started.splice(0)) worker.terminate();
});

function startFault(options: Partial<ProcessOptions> = {}): {
  worker: ProcessWorker;
  api: Remote<FaultApi>;
} {
  const worker = spawnProcess("fault", { entry, ...options });
  started.push(worker);
  return { worker, api: wrap<FaultApi>(worker) };
}

/** Resolves with the message of the error event. */
const death = (worker: WorkerLike): Promise<string> =>
  new Promise((resolve) => {
    worker.addEventListener("error", (event) => resolve((event as ErrorEvent).message));
  });

/** What the system tells of a process; empty when there is none. */
function processStatus(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch {
    return "";
  }
}

const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(processStatus(pid))?.[1] ?? 0) * 1024;

/**
 * Milliseconds until a process is gone with all of its memory. A zombie without further threads has
 * none: it only waits for somebody to ask for its exit code.
 */
async function untilGone(pid: number): Promise<number> {
  const since = performance.now();
  const isGone = (): boolean => {
    const status = processStatus(pid);
    return status === "" || (/^State:\s+Z/m.test(status) && /^Threads:\s+[01]$/m.test(status));
  };
  await vi.waitFor(() => expect(isGone()).toBe(true), { timeout: 10_000, interval: 1 });
  return performance.now() - since;
}

const linux = Deno.build.os === "linux";

describe("a child process", { timeout: 20_000 }, () => {
  it("gets and gives every kind of value", async () => {
    const { api } = startFault();
    const value = {
      none: undefined,
      text: "ü€𝄞",
      floats: Float32Array.of(1.5, -0),
      big: BigInt64Array.of(-1n),
      nested: [{ map: new Map([[1, new Set(["a"])]]) }],
      small: Uint8Array.of(1, 2, 3),
      large: new Uint8Array(100_000).fill(7),
      clamped: new Uint8ClampedArray(5000).fill(9),
    };
    expect(await api.echo(value)).toStrictEqual(value);
    await expect(api.echo(() => 1)).rejects.toThrow("could not be cloned");
    expect(await api.echo("still there")).toBe("still there");
  });

  it("keeps what is printed out of the frames, and hands it on line by line", async () => {
    const lines: string[] = [];
    const { api } = startFault({ onLog: (line) => lines.push(line) });
    await api.print("one\ntwo");
    expect(await api.echo(1)).toBe(1);
    await vi.waitFor(() => expect(lines.slice(0, 4)).toEqual(["one", "two", "one", "two"]));
  });

  it.each([
    ["throwLater", "code 70", "uncaught in the worker"],
    ["close", "code 70", "the worker closed itself"],
    ["garble", "SIGKILL", ""],
  ] as const)("that ends by %s raises an error with %s", async (fault, how, log) => {
    const lines: string[] = [];
    const { worker, api } = startFault({ onLog: (line) => lines.push(line) });
    const dead = death(worker);
    // Its answer may or may not come before its end.
    void api[fault]();
    expect(await dead).toContain(how);
    await vi.waitFor(() => expect(lines.join("\n")).toContain(log));
  });

  it("whose module does not exist raises an error with its exit code", async () => {
    const { worker } = startFault({
      entry: new URL("./none.ts", import.meta.url),
      onLog: () => {},
    });
    expect(await death(worker)).toContain("code 1");
  });

  it.runIf(linux)("is gone with its memory at once, busy in wasm or not", async () => {
    const { worker, api } = startFault();
    await api.hold(256 * MB);
    const spinning = new Promise((resolve) => {
      worker.addEventListener("message", (event) => {
        if ((event as MessageEvent).data === "spinning") resolve(true);
      });
    });
    const errors = vi.fn<(event: Event) => void>();
    worker.addEventListener("error", errors);
    void api.spin();
    await spinning;
    expect(residentBytes(worker.pid)).toBeGreaterThan(256 * MB);
    worker.terminate();
    const took = await untilGone(worker.pid);
    console.log(`busy process of more than 256 MB gone after ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(1000);
    expect(await worker.exited).toMatchObject({ signal: "SIGKILL" });
    expect(errors).not.toHaveBeenCalled();
  });

  it.runIf(linux).each(["busy", "idle"])(
    "leaves no orphan when its parent is killed, %s",
    async (state) => {
      const parent = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", new URL("../faults/process-parent.ts", import.meta.url).href, state],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const reader = parent.stdout.getReader();
      const { value } = await reader.read();
      const pid = Number(new TextDecoder().decode(value));
      expect(residentBytes(pid)).toBeGreaterThan(0);
      parent.kill("SIGKILL");
      await parent.status;
      const took = await untilGone(pid);
      console.log(`${state} child gone ${took.toFixed(0)} ms after its parent`);
      await reader.cancel();
    },
  );

  it("may do no more than a worker has to", async () => {
    const { api } = startFault();
    const names = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
    const all = await Promise.all(names.map((name) => api.permission(name)));
    const states = Object.fromEntries(names.map((name, i) => [name, all[i]]));
    expect(states).toMatchObject({ read: "granted", run: "prompt", ffi: "prompt", sys: "prompt" });
    expect(states.write).not.toBe("granted");
    expect(states.env).not.toBe("granted");
  });

  it("has the variables that it is given", async () => {
    const { api } = startFault({
      env: { GLYPHPOOL_TEST: "from the parent" },
      permissions: { env: ["GLYPHPOOL_TEST"] },
    });
    expect(await api.variable("GLYPHPOOL_TEST")).toBe("from the parent");
  });

  it.runIf(linux)("sees the adapters that its environment leaves it", async (context) => {
    if (!(await navigator.gpu.requestAdapter())) {
      context.skip("no WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers)");
    }
    const env = { DENO_WEBGPU_BACKEND: "vulkan" };
    expect(await startFault({ env }).api.adapter()).toEqual(expect.any(String));
    const none = { ...env, VK_ICD_FILENAMES: "/dev/null", VK_DRIVER_FILES: "/dev/null" };
    expect(await startFault({ env: none }).api.adapter()).toBeNull();
  });

  it.each([
    [["--allow-read"], /--allow-run=.*deno/],
    [["--allow-run"], /permissions\.read/],
  ])("is BACKEND_UNAVAILABLE to a parent with %j, which is told why", async (flags, why) => {
    const module = new URL("../../src/rpc/child-process.ts", import.meta.url).href;
    const code = `
      import { spawnProcess } from ${JSON.stringify(module)};
      try { spawnProcess("denied", { entry: new URL("file:///entry.ts") }); } catch (error) {
        console.log(JSON.stringify({ code: error.code, message: error.message }));
      }`;
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(file, code);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--quiet", ...flags, file],
    }).output();
    await Deno.remove(file);
    const error = JSON.parse(new TextDecoder().decode(stdout)) as { code: string; message: string };
    expect(error.code).toBe("BACKEND_UNAVAILABLE");
    expect(error.message).toMatch(why);
  });
});
