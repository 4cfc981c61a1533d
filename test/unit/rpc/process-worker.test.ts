import { expose, wrap } from "comlink";
import { describe, expect, it, vi } from "vitest";
import { FramedLink } from "../../../src/rpc/framed-link.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { v8Codec } from "../../../src/rpc/v8-codec.ts";
import { forwardLines } from "../../../src/rpc/child-process.ts";
import { ProcessWorker } from "../../../src/rpc/process-worker.ts";
import type { ProcessEnd } from "../../../src/rpc/process-worker.ts";

const codec = v8Codec();
const MAX = 100_000;
const KILLED: ProcessEnd = { code: 137, signal: "SIGKILL" };

/** A process as pipes: what a real one does at its other ends is up to the test. */
function fakeChild(maxFrameBytes = MAX) {
  // Pipes that hold one part, as full ones do.
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const status = deferred<ProcessEnd>();
  const kill = vi.fn<(signal: "SIGKILL") => void>(() => status.resolve(KILLED));
  const worker = new ProcessWorker(
    { pid: 7, stdin: input.writable, stdout: output.readable, status: status.promise, kill },
    codec,
    maxFrameBytes,
  );
  const errors: (Event & Partial<ProcessEnd> & { message?: string })[] = [];
  worker.addEventListener("error", (event) => errors.push(event));
  return { worker, input, output, status, kill, errors };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** The other end of the pipes, as an endpoint of comlink. */
function otherSide({ input, output }: ReturnType<typeof fakeChild>): EventTarget & {
  postMessage(message: unknown): void;
  received: unknown[];
} {
  const received: unknown[] = [];
  const link = new FramedLink({
    source: input.readable,
    sink: output.writable,
    codec,
    maxFrameBytes: MAX,
    onMessage: (data) => {
      received.push(data);
      endpoint.dispatchEvent(new MessageEvent("message", { data }));
    },
    onEnd: () => undefined,
  });
  const endpoint = Object.assign(new EventTarget(), {
    postMessage: (message: unknown) => link.send(message),
    received,
  });
  return endpoint;
}

describe("a worker in a process", () => {
  it("speaks comlink, and what is posted past it arrives in order", async () => {
    const child = fakeChild();
    const far = otherSide(child);
    const posted: unknown[] = [];
    child.worker.addEventListener("message", (event) => {
      const { data } = event as MessageEvent<{ progress?: number }>;
      if (data.progress) posted.push(data.progress);
    });
    expose(
      {
        sum(numbers: Float64Array) {
          far.postMessage({ progress: 1 });
          far.postMessage({ progress: 2 });
          return numbers.reduce((a, b) => a + b, 0);
        },
        fail: () => Promise.reject(new RangeError("no")),
      },
      far,
    );
    const api = wrap<{ sum(n: Float64Array): number; fail(): void }>(child.worker);
    expect(await api.sum(Float64Array.of(1, 2, 3.5))).toBe(6.5);
    expect(posted).toEqual([1, 2]);
    await expect(api.fail()).rejects.toThrow("no");
  });

  it("sends everything, in its order, however slowly it is taken", async () => {
    const child = fakeChild();
    const sent = Array.from({ length: 20 }, (_, i) => ({ i, bytes: new Uint8Array(i * 500) }));
    for (const message of sent) child.worker.postMessage(message);
    const far = otherSide(child);
    await vi.waitFor(() => expect(far.received).toHaveLength(sent.length));
    expect(far.received).toEqual(sent);
  });

  it("refuses a message that is too large, and a queue that nobody empties", () => {
    const { worker, errors } = fakeChild();
    expect(() => worker.postMessage(new Uint8Array(MAX + 1))).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
    worker.postMessage(new Uint8Array(MAX * 0.9));
    worker.postMessage(new Uint8Array(MAX * 0.9));
    expect(() => worker.postMessage(new Uint8Array(MAX * 0.9))).toThrow(
      expect.objectContaining({ code: "QUEUE_FULL" }),
    );
    expect(errors).toEqual([]);
  });

  it("raises an error with the exit code, once, when the process ends", async () => {
    const { worker, output, status, kill, errors } = fakeChild();
    status.resolve({ code: 70, signal: null });
    await output.writable.close();
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toMatchObject({ code: 70, message: "its process ended with code 70" });
    await soon();
    expect(errors).toHaveLength(1);
    expect(kill).not.toHaveBeenCalled();
    // Into the void, as with a worker that is gone.
    worker.postMessage("late");
  });

  it("is killed when it prints what is no frame", async () => {
    const { worker, output, kill, errors } = fakeChild();
    const messages = vi.fn<(event: Event) => void>();
    worker.addEventListener("message", messages);
    void output.writable.getWriter().write(new TextEncoder().encode("a library's greeting\n"));
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(kill).toHaveBeenCalledWith("SIGKILL");
    expect(errors[0]?.message).toMatch(/signal SIGKILL: .*corrupt/);
    expect(messages).not.toHaveBeenCalled();
  });

  it("is killed when its input breaks", async () => {
    const { worker, input, kill, errors } = fakeChild();
    await input.readable.cancel(new Error("broken pipe"));
    worker.postMessage("hello");
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(kill).toHaveBeenCalled();
  });

  it("is killed when it closes its output and lives on", async () => {
    const { output, kill, errors } = fakeChild();
    await output.writable.close();
    await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 3000 });
    expect(kill).toHaveBeenCalledTimes(1);
  });

  it("raises nothing when it is terminated", async () => {
    const child = fakeChild();
    child.worker.postMessage(new Uint8Array(5000));
    child.worker.terminate();
    expect(child.kill).toHaveBeenCalledTimes(1);
    await child.output.writable.close().catch(() => undefined);
    expect(await child.worker.exited).toEqual(KILLED);
    await soon();
    expect(child.errors).toEqual([]);
  });

  it("can be terminated after its end", async () => {
    const { worker, kill } = fakeChild();
    kill.mockImplementation(() => {
      throw new TypeError("Child process has already terminated");
    });
    expect(() => worker.terminate()).not.toThrow();
  });
});

describe("lines of a log", () => {
  it("arrive whole, wherever the stream is cut, the last one too", async () => {
    const text = "first\r\nsecönd\n\nlast";
    const lines: string[] = [];
    const bytes = new TextEncoder().encode(text);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    await forwardLines(stream, (line) => lines.push(line));
    expect(lines).toEqual(["first", "secönd", "", "last"]);
  });

  it("are cut when they do not end, and survive a stream that breaks", async () => {
    const lines: string[] = [];
    let pulls = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ < 20) controller.enqueue(new TextEncoder().encode("x".repeat(10_000)));
        else controller.error(new Error("killed"));
      },
    });
    await forwardLines(stream, (line) => lines.push(line));
    expect(lines.join("")).toBe("x".repeat(200_000));
    expect(Math.max(...lines.map(({ length }) => length))).toBe(64 * 1024);
  });
});
