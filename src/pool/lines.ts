/** Cuts a stream of text into lines. */

/** A line that never ends is cut here. Characters. */
const LONGEST = 64 * 1024;

/** Hands on every line, the last one also without its end. Never rejects: a broken stream has ended. */
export async function forwardLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      for (; rest.length >= LONGEST; rest = rest.slice(LONGEST)) onLine(rest.slice(0, LONGEST));
    }
  } catch {
    // The process was killed in the middle of a line.
  }
  if (rest) onLine(rest);
}
