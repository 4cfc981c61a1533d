/** Server-sent events of a response; the platform's `EventSource` cannot send a token. */
import type { TaskEvent } from "./wire.ts";

/** The events as they come. Ends with the stream; a stream that breaks throws what `fetch` throws. */
export async function* readEvents(response: Response): AsyncGenerator<TaskEvent, void, undefined> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      pending += decoder.decode(value, { stream: true });
      const blocks = pending.split("\n\n");
      pending = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    // Whoever stops early closes the connection.
    await reader.cancel().catch(() => undefined);
  }
}

/** Nothing for comments, which only keep the connection alive. */
function parse(block: string): TaskEvent | undefined {
  const data = block
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trimStart())
    .join("\n");
  return data === "" ? undefined : (JSON.parse(data) as TaskEvent);
}
