/** Requests as clients send them. */
import type { TaskEvent, TaskView } from "../../src/client/wire.ts";

/** Anything that answers requests for paths. */
export interface Answers {
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export const PAGES: URL = new URL("../fixtures/pages/", import.meta.url);

export async function fixture(name: string): Promise<File> {
  return new File([await Deno.readFile(new URL(name, PAGES))], name);
}

export function form(file: Blob, options?: object): FormData {
  const data = new FormData();
  if (options) data.append("options", JSON.stringify(options));
  data.append("file", file, file instanceof File ? file.name : "file");
  return data;
}

/** @throws Error unless it was accepted */
export async function submit(
  server: Answers,
  file: Blob,
  options?: object,
  headers: Record<string, string> = {},
): Promise<TaskView> {
  const response = await server.fetch("/v1/tasks", {
    method: "POST",
    body: form(file, options),
    headers,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as TaskView;
}

export async function task(server: Answers, id: string): Promise<TaskView> {
  const response = await server.fetch(`/v1/tasks/${id}`);
  return (await response.json()) as TaskView;
}

/** Waits until a task has ended. */
export async function ended(server: Answers, id: string, patience = 60_000): Promise<TaskView> {
  const late = Date.now() + patience;
  for (;;) {
    const view = await task(server, id);
    if (view.endedAt !== undefined) return view;
    if (Date.now() > late) throw new Error(`The task has not ended: ${JSON.stringify(view)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** All events of a task until its end. */
export async function follow(
  server: Answers,
  id: string,
  headers: Record<string, string> = {},
): Promise<TaskEvent[]> {
  const response = await server.fetch(`/v1/tasks/${id}/events`, { headers });
  const text = await response.text();
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)) as TaskEvent);
}
