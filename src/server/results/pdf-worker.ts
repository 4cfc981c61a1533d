/** The thread that writes searchable PDFs: seconds of work, during which the server has to answer others. */
import { HEAD_BYTES, isPdf } from "../../document/file-kind.ts";
import { toWireError } from "../../errors.ts";
import { searchablePdf } from "../../output/pdf/open-searchable-pdf.ts";
import { pictureBackgrounds, sourceBackground } from "../../output/pdf/picture-background.ts";
import { fromStoredPage } from "../tasks/stored-page.ts";
import type { FromWriter, Picture, ToWriter } from "./pdf-writer.ts";

type Pdf = Awaited<ReturnType<typeof searchablePdf>>;
type Backgrounds = ReturnType<typeof pictureBackgrounds>;

let pdf: Pdf | undefined;
let backgroundOf: Backgrounds | undefined;
let picture: PromiseWithResolvers<Picture> | undefined;
let queue: Promise<void> = Promise.resolve();

const send = (message: FromWriter, transfer: Transferable[] = []): void =>
  globalThis.postMessage(message, { transfer });

async function open({
  path,
  name,
  language,
  password,
}: Extract<ToWriter, { kind: "open" }>): Promise<void> {
  const bytes = await Deno.readFile(path);
  const source = isPdf(bytes.subarray(0, HEAD_BYTES));
  pdf = await searchablePdf({
    ...(language === undefined ? {} : { language }),
    ...(name === undefined ? {} : { title: name }),
    ...(source ? { source: bytes } : {}),
    ...(source && password !== undefined ? { password } : {}),
  });
  backgroundOf = source ? sourceBackground : pictureBackgrounds(bytes, askForPicture);
}

async function askForPicture(page: number): Promise<Picture> {
  picture = Promise.withResolvers<Picture>();
  send({ kind: "picture", page });
  return await picture.promise;
}

async function add(json: string): Promise<void> {
  const page = fromStoredPage(json);
  const background = await backgroundOf?.(page);
  if (background) await pdf?.add(page, background);
  send({ kind: "next" });
}

async function save(): Promise<void> {
  const bytes = (await pdf?.save()) as Uint8Array<ArrayBuffer>;
  send({ kind: "saved", bytes }, [bytes.buffer]);
}

async function take(message: Exclude<ToWriter, { kind: "picture" }>): Promise<void> {
  try {
    if (message.kind === "open") await open(message);
    else if (message.kind === "page") await add(message.json);
    else await save();
  } catch (error) {
    send({ kind: "failed", error: toWireError(error) });
  }
}

globalThis.addEventListener("message", ({ data }: MessageEvent<ToWriter>) => {
  // A picture is what the page that is being added waits for.
  if (data.kind === "picture") picture?.resolve(data.picture);
  else queue = queue.then(() => take(data));
});
