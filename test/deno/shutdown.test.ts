import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./shutdown-main.ts", import.meta.url));
const picture = join(fileURLToPath(new URL("../fixtures/", import.meta.url)), "pages");

/** A running script whose lines can be waited for. */
class Script implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #onLine: (() => void) | undefined;

  constructor(...args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, ...args],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.status = this.#child.status;
    this.#reading = this.#read();
  }

  /** Resolves when the script has said it; rejects when it ends without. */
  async says(start: string): Promise<void> {
    let ended = false;
    const onEnd = (): void => {
      ended = true;
      this.#onLine?.();
    };
    this.#reading.then(onEnd, onEnd);
    while (!this.lines.some((line) => line.startsWith(start))) {
      if (ended) throw new Error(`The script ended without "${start}": ${this.lines.join(", ")}`);
      await new Promise<void>((resolve) => (this.#onLine = resolve));
    }
  }

  /** Sends a signal; the result is the exit code, all lines and the milliseconds until the end. */
  async end(signal: Deno.Signal): Promise<{ code: number; by: string | null; ms: number }> {
    const start = performance.now();
    this.#child.kill(signal);
    const { code, signal: by } = await this.status;
    const ms = performance.now() - start;
    await this.#reading;
    return { code, by, ms };
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#onLine?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Ended already.
    }
    await this.status;
    await this.#reading;
  }
}

// Windows has no SIGTERM to send.
describe.skipIf(Deno.build.os === "windows")("a process under SIGTERM", () => {
  let running: Script | undefined;
  const start = (...args: string[]): Script => (running = new Script(...args));
  afterEach(() => running?.[Symbol.asyncDispose]());

  it("finishes its tasks, refuses new ones, releases, closes and exits with 143", async () => {
    const process = start("short");
    await process.says("ready SIGINT SIGTERM");
    const { code, ms } = await process.end("SIGTERM");
    expect(code).toBe(143);
    expect(process.lines.slice(1)).toEqual([
      "draining",
      "second refused",
      "first released",
      "first succeeded",
      "closed",
    ]);
    expect(ms).toBeLessThan(5_000);
  });

  it("exits with 130 after SIGINT", async () => {
    const process = start("short");
    await process.says("ready");
    expect(await process.end("SIGINT")).toMatchObject({ code: 130 });
    expect(process.lines.at(-1)).toBe("closed");
  });

  it("stops waiting at the deadline", async () => {
    const process = start("deadline");
    await process.says("ready");
    const { code, ms } = await process.end("SIGTERM");
    expect(code).toBe(143);
    expect(process.lines.slice(1)).toEqual(["draining", "second refused", "closed"]);
    expect(ms).toBeGreaterThanOrEqual(100);
    expect(ms).toBeLessThan(5_000);
  });

  it("ends at once on the second signal", async () => {
    const process = start("long");
    await process.says("ready");
    process.send("SIGTERM");
    await process.says("second refused");
    const { code, ms } = await process.end("SIGTERM");
    console.log(`second signal to the end of the process: ${ms.toFixed(0)} ms`);
    expect(code).toBe(143);
    expect(process.lines.slice(1)).toEqual(["draining", "second refused"]);
    expect(ms).toBeLessThan(2_000);
  });

  it("leaves the end of the process to a callback", async () => {
    const process = start("callback");
    await process.says("ready");
    expect(await process.end("SIGTERM")).toMatchObject({ code: 0 });
    expect(process.lines.slice(-2)).toEqual(["closed", "callback 143"]);
  });

  it("is killed by the signal as usual when the handler was removed", async () => {
    const process = start("removed");
    await process.says("ready");
    expect(await process.end("SIGTERM")).toMatchObject({ by: "SIGTERM" });
    expect(process.lines).not.toContain("draining");
  });

  it("ends by itself: the handler keeps no process alive", async () => {
    const process = start("quiet");
    const { code } = await process.status;
    expect(code).toBe(0);
    await process.says("first succeeded");
    expect(process.lines).not.toContain("draining");
  });

  it("lets a real engine finish the page that it reads", async () => {
    const process = start("engine", join(picture, "line.png"));
    await process.says("ready");
    const { code, ms } = await process.end("SIGTERM");
    console.log(`SIGTERM in the middle of a read to the end of the process: ${ms.toFixed(0)} ms`);
    expect(code).toBe(143);
    expect(process.lines[1]).toBe("draining");
    expect(process.lines[2]).toMatch(/^read [1-9]/);
    expect(process.lines[3]).toBe("closed");
  });
});
