/** Requests that no proper client would send, byte by byte. */

/** What is sent; after a pause where one is asked for. */
export type RawPiece = string | { readonly wait: number; readonly send: string };

export interface RawAnswer {
  readonly answer: string;
  /** Until the answer was there as a whole. */
  readonly ms: number;
}

/** Sends the pieces until an answer of known length has come as a whole, or the patience is over. */
export async function exchange(
  address: string,
  pieces: readonly RawPiece[],
  patience: number,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(address);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const start = performance.now();
  let answer = "";
  let over = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4_096);
    while (!isWhole(answer)) {
      // A connection that is reset is closed, too.
      const length = await connection.read(buffer).catch(() => null);
      if (length === null) break;
      answer += decoder.decode(buffer.subarray(0, length));
    }
  })();
  const writing = (async () => {
    for (const piece of pieces) {
      const { wait, send } = typeof piece === "string" ? { wait: 0, send: piece } : piece;
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (over) return;
      const bytes = Uint8Array.from(send, (character) => character.charCodeAt(0));
      for (let done = 0; done < bytes.length;) {
        done += await connection.write(bytes.subarray(done));
      }
    }
  })().catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
  await Promise.race([reading, late]);
  clearTimeout(timer);
  over = true;
  const ms = performance.now() - start;
  connection.close();
  await Promise.all([reading, writing]);
  return { answer, ms };
}

function isWhole(answer: string): boolean {
  const [head = "", ...body] = answer.split("\r\n\r\n");
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return length !== undefined && body.join("\r\n\r\n").length >= Number(length);
}
