/** A real HTTP server with the faults that model hosts and networks have. */
import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ServedRequest {
  readonly path: string;
  readonly range: string | undefined;
}

/** What the server does with requests; tests change it while it runs. */
export interface Behaviour {
  body: Uint8Array;
  etag?: string | undefined;
  ranges?: boolean;
  /** Destroy the connection after this many bytes, once per entry. */
  cuts?: number[];
  /** Answer with these statuses first. */
  statuses?: number[];
  /** Without it the length is announced. */
  chunked?: boolean;
  /** Stop sending, but keep the connection open, after this many bytes. */
  stallAt?: number | undefined;
  /** Milliseconds before the answer. */
  delay?: number;
  /** Called with the number of the request before it is answered. */
  onRequest?: (count: number) => void;
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: ServedRequest[];
  readonly behaviour: Behaviour;
}

export async function serveModel(behaviour: Behaviour): Promise<ModelServer> {
  const requests: ServedRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push({ path: request.url ?? "", range: request.headers.range });
    behaviour.onRequest?.(requests.length);
    const status = behaviour.statuses?.shift();
    if (status !== undefined) {
      response.writeHead(status).end("no");
      return;
    }
    const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const start = behaviour.ranges !== false && match ? Number(match[1]) : 0;
    const { body } = behaviour;
    const headers: Record<string, string> = {};
    if (behaviour.etag) headers["etag"] = behaviour.etag;
    if (start > 0 && start >= body.length) {
      response.writeHead(416, { ...headers, "content-range": `bytes */${body.length}` }).end();
      return;
    }
    if (!behaviour.chunked) headers["content-length"] = String(body.length - start);
    if (start > 0) headers["content-range"] = `bytes ${start}-${body.length - 1}/${body.length}`;
    response.writeHead(start > 0 ? 206 : 200, headers);
    const cut = behaviour.cuts?.shift();
    if (cut !== undefined) {
      response.write(body.subarray(start, start + cut), () =>
        // Give the bytes time to arrive before the connection dies.
        setTimeout(() => response.destroy(), 50),
      );
    } else if (behaviour.stallAt !== undefined) {
      response.write(body.subarray(start, start + behaviour.stallAt));
    } else {
      response.end(body.subarray(start));
    }
  };
  const server = createServer((request, response) => {
    setTimeout(() => answer(request, response), behaviour.delay ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/model.onnx`,
    requests,
    behaviour,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bytes that look the same in every run. */
export function sampleBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return new Uint8Array(length).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
