/** A client of the task server, for browsers and Deno. It needs nothing but `fetch`. */
import type { Bytes } from "../types.ts";
import type { PagesOptions } from "../options/pages.ts";
import { readEvents } from "./event-source.ts";
import { ServerError } from "./server-error.ts";
import { aborted, FIRST_PAUSE, LAST_PAUSE, Transport, wait, whole } from "./transport.ts";
import type { ClientOptions } from "./transport.ts";
import type { ResultFormat, TaskEvent, TaskList, TaskState, TaskView } from "./wire.ts";

/** A file, or the address of one on a host that the server's operator has listed. */
export type RemoteInput = Blob | ArrayBuffer | Bytes | URL;

/** Options of a document that can cross a network, and what belongs to this request. */
export interface RemoteOptions extends Omit<
  PagesOptions,
  "onProgress" | "onComplete" | "onUpdate" | "chartReader" | "priority" | "signal"
> {
  readonly signal?: AbortSignal;
  /** Name to show for the file. Default: that of a `File`. */
  readonly name?: string;
}

export interface SubmitOptions extends RemoteOptions {
  /** Sending the same again with the same key is one task. */
  readonly idempotencyKey?: string;
}

/** Which tasks to list. */
export interface TaskListFilter {
  readonly state?: TaskState;
  /** Code of the failure, such as `TASK_POISONED`. */
  readonly error?: string;
  readonly signal?: AbortSignal;
}

/** What a result is in each format. */
export type RemoteResult<Format extends ResultFormat> = Format extends "pdf"
  ? Blob
  : Format extends "json"
    ? RemotePage[]
    : string;

/** A page as the JSON result has it; the whole form is `glyphpool/page.schema.json`. */
export interface RemotePage {
  readonly page: number;
  readonly source: "ocr" | "layer" | "mixed";
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly text: string;
  readonly lines: readonly {
    readonly text: string;
    readonly confidence: number;
    readonly polygon: readonly (readonly [x: number, y: number])[];
  }[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

/**
 * @example
 * ```ts
 * const client = new GlyphpoolClient({ url: "https://ocr.example.org", token });
 * const { id } = await client.submit(file, { language: "en" });
 * await client.wait(id, { onEvent: ({ type }) => console.log(type) });
 * const pages = await client.result(id);
 * ```
 */
export class GlyphpoolClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /**
   * Reads a small input at once. Aborting the signal ends the reading on the server, too.
   *
   * @throws ServerError, GlyphpoolError `ABORTED`
   */
  async read<Format extends ResultFormat = "json">(
    input: RemoteInput,
    options: RemoteOptions & { readonly format?: Format } = {},
  ): Promise<RemoteResult<Format>> {
    const { format = "json" as Format, signal, ...rest } = options;
    const response = await this.#transport.send(`/v1/read?format=${format}`, {
      method: "POST",
      ...bodyOf(input, rest),
      ...given(signal),
    });
    return await whole(signal, async () => await parse(response, format));
  }

  /** Hands a document in. @throws ServerError, GlyphpoolError `ABORTED` */
  async submit(
    input: RemoteInput,
    { idempotencyKey, signal, ...options }: SubmitOptions = {},
  ): Promise<TaskView> {
    const { body, headers } = bodyOf(input, options);
    const key = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
    const init = { method: "POST", body, headers: { ...headers, ...key }, ...given(signal) };
    const response = await this.#transport.send("/v1/tasks", init, idempotencyKey !== undefined);
    return await whole(signal, async () => (await response.json()) as TaskView);
  }

  /** How a task is doing. @throws ServerError */
  async task(id: string, signal?: AbortSignal): Promise<TaskView> {
    const response = await this.#transport.send(taskPath(id), given(signal));
    return await whole(signal, async () => (await response.json()) as TaskView);
  }

  /**
   * What happens to a task, from its beginning or from the event after `after` until its end. A connection that breaks
   * is opened again, and no event is lost or comes twice.
   *
   * @throws ServerError, GlyphpoolError `ABORTED`
   */
  async *events(
    id: string,
    { after = 0, signal }: { readonly after?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TaskEvent, void, undefined> {
    let last = after;
    /** Streams in a row that held nothing of a task that has ended: after its end, or cut off by a shutdown. */
    let empty = 0;
    for (let pause = FIRST_PAUSE; empty < 2; pause = Math.min(2 * pause, LAST_PAUSE)) {
      try {
        empty++;
        const headers = { "Last-Event-ID": String(last), Accept: "text/event-stream" };
        const response = await this.#transport.send(`${taskPath(id)}/events`, {
          headers,
          ...given(signal),
        });
        for await (const event of readEvents(response)) {
          last = event.id;
          empty = 0;
          pause = FIRST_PAUSE;
          yield event;
          if (event.type === "done") return;
        }
        if ((await this.task(id, signal)).endedAt === undefined) empty = 0;
      } catch (error) {
        empty = 0;
        if (signal?.aborted) throw aborted(signal);
        if (error instanceof ServerError && !error.retryable) throw error;
      }
      if (empty < 2) await wait(pause, signal);
    }
  }

  /**
   * Waits until a task has ended.
   *
   * @param onEvent hears what happens to the task meanwhile
   * @returns the task, whether it has succeeded or not
   * @throws ServerError, GlyphpoolError `ABORTED`
   */
  async wait(
    id: string,
    {
      signal,
      onEvent,
    }: { readonly signal?: AbortSignal; readonly onEvent?: (event: TaskEvent) => void } = {},
  ): Promise<TaskView> {
    for (;;) {
      for await (const event of this.events(id, given(signal))) onEvent?.(event);
      const task = await this.task(id, signal);
      if (task.endedAt !== undefined) return task;
    }
  }

  /** The tasks of this token, the newest first; those of all tokens for an operator. @throws ServerError */
  async *tasks(filter: TaskListFilter = {}): AsyncGenerator<TaskView, void, undefined> {
    const { signal, ...wanted } = filter;
    for (let cursor: string | undefined; ;) {
      const query = new URLSearchParams({ ...wanted, ...(cursor === undefined ? {} : { cursor }) });
      const response = await this.#transport.send(`/v1/tasks?${query}`, given(signal));
      const { tasks, next } = await whole(signal, async () => (await response.json()) as TaskList);
      yield* tasks;
      if (next === undefined) return;
      cursor = next;
    }
  }

  /** Queues a task again that has failed or was cancelled. @throws ServerError */
  async retry(id: string, signal?: AbortSignal): Promise<TaskView> {
    const response = await this.#transport.send(`${taskPath(id)}/retry`, {
      method: "POST",
      ...given(signal),
    });
    return await whole(signal, async () => (await response.json()) as TaskView);
  }

  /** The result of a task that has succeeded. @throws ServerError with the code of the failure otherwise */
  async result<Format extends ResultFormat = "json">(
    id: string,
    options: { readonly format?: Format; readonly signal?: AbortSignal } = {},
  ): Promise<RemoteResult<Format>> {
    const { format = "json" as Format, signal } = options;
    const path = `${taskPath(id)}/result?format=${format}`;
    const response = await this.#transport.send(path, given(signal));
    return await whole(signal, async () => await parse(response, format));
  }

  /** Cancels a task; one that has ended is deleted with its file and result. @throws ServerError */
  async cancel(id: string, signal?: AbortSignal): Promise<void> {
    const response = await this.#transport.send(taskPath(id), {
      method: "DELETE",
      ...given(signal),
    });
    await response.body?.cancel();
  }

  /** @param repeatable whether the request may be sent again without knowing what became of the first one */
}

function bodyOf(
  input: RemoteInput,
  { name, ...options }: Omit<RemoteOptions, "signal">,
): { body: BodyInit; headers: Record<string, string> } {
  if (input instanceof URL) {
    const body = JSON.stringify({ url: input.href, options });
    return { body, headers: { "Content-Type": "application/json" } };
  }
  const file = input instanceof Blob ? input : new Blob([input]);
  const body = new FormData();
  body.append("options", JSON.stringify(options));
  body.append("file", file, name ?? (file instanceof File ? file.name : "document"));
  return { body, headers: {} };
}

async function parse<Format extends ResultFormat>(
  response: Response,
  format: Format,
): Promise<RemoteResult<Format>> {
  const wanted: ResultFormat = format;
  switch (wanted) {
    case "json":
      return (await response.json()) as RemoteResult<Format>;
    case "pdf":
      return (await response.blob()) as RemoteResult<Format>;
    case "jsonl":
    case "text":
    case "md":
    case "html":
    case "hocr":
    case "alto":
    case "tsv":
    case "csv":
    default:
      return (await response.text()) as RemoteResult<Format>;
  }
}

function taskPath(id: string): string {
  return `/v1/tasks/${encodeURIComponent(id)}`;
}

function given(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
