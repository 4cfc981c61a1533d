/** The input of a request on our disk, wherever it comes from. */
import type { ServerContext } from "../http/context.ts";
import { displayName, receive, store } from "./upload.ts";
import type { Upload, Wishes } from "./upload.ts";

export interface TakenInput extends AsyncDisposable, Wishes {
  readonly upload: Upload;
}

/** @throws HttpProblem what {@link receive} and `UrlInput.fetch` throw; 429 with too many at the same time */
export async function takeInput(
  server: ServerContext,
  request: Request,
  maxBytes: number,
  owner: string,
): Promise<TakenInput> {
  return await server.uploads.use(owner, () => take(server, request, maxBytes));
}

async function take(
  { settings, incoming, urls }: ServerContext,
  request: Request,
  maxBytes: number,
): Promise<TakenInput> {
  const { uploadIdle: idle, uploadDeadline: deadline } = settings;
  const limits = { maxBytes, idle, deadline };
  const submission = await receive(request, incoming, limits);
  const { options, priority, webhook } = submission;
  let upload: Upload;
  if ("url" in submission) {
    const { url } = submission;
    const name = displayName(URL.parse(url)?.pathname);
    upload = await store(urls.fetch(url, limits), incoming, name, maxBytes);
  } else {
    ({ upload } = submission);
  }
  return {
    upload,
    options,
    priority,
    webhook,
    [Symbol.asyncDispose]: () => upload[Symbol.asyncDispose](),
  };
}
