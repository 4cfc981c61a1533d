/** What a real server does with connections that no proper client would make, and while it writes large results. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionGuard } from "../../src/server/http/connection-guard.ts";
import { ended, fixture, submit } from "../server/requests.ts";
import { RunningServer } from "../server/running-server.ts";

const IDLE = 1_200;

describe.skipIf(Deno.build.os === "windows")("connections", () => {
  let folder: string;
  let server: RunningServer;
  let id: string;

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "glyphpool-" });
    const env = {
      GLYPHPOOL_WORKERS: "1",
      GLYPHPOOL_ISOLATION: "worker",
      GLYPHPOOL_CONNECTION_IDLE: String(IDLE),
    };
    server = await RunningServer.start({ data: `${folder}/data`, env });
    ({ id } = await submit(server, await fixture("small.png")));
    await ended(server, id);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  const connect = async (): Promise<Deno.TcpConn> => {
    const { hostname, port } = new URL(server.address);
    return await Deno.connect({ hostname, port: Number(port) });
  };
  const get = (path: string): Uint8Array =>
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

  it("answers who has ended what it sends", async () => {
    using connection = await connect();
    await connection.write(get(`/v1/tasks/${id}`));
    await connection.closeWrite();
    const answer = await new Response(connection.readable).text();
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer).toContain(id);
  });

  it("ends the answer of who does not read it", async () => {
    let cancelled = false;
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, () => {
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => void (cancelled = true),
      });
      return new Response(body);
    });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const guard = new ConnectionGuard(listener, () => http.addr.port, {
      maxConnections: 9,
      idle: 400,
    });
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    await connection.write(get("/"));
    await connection.read(new Uint8Array(10));
    await expect.poll(() => cancelled, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => guard.connections).toBe(0);
    connection.close();
    guard.close();
    await http.shutdown();
  });

  it("goes on when it was out of descriptors", async () => {
    await using tight = await RunningServer.start({
      data: `${folder}/tight`,
      env: {
        GLYPHPOOL_WORKERS: "1",
        GLYPHPOOL_ISOLATION: "worker",
        GLYPHPOOL_CONNECTION_IDLE: "2000",
      },
      descriptors: 128,
    });
    const { hostname, port } = new URL(tight.address);
    const many: Deno.TcpConn[] = [];
    for (let i = 0; i < 200; i++) many.push(await Deno.connect({ hostname, port: Number(port) }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const connection of many) connection.close();
    await expect
      .poll(async () => (await tight.fetch("/healthz").catch(() => undefined))?.status, {
        timeout: 15_000,
        interval: 200,
      })
      .toBe(200);
  });
});
