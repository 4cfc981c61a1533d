/** Puts the demo together: reader, choice of models, memory panel, theme, and the site kept on the device. */
import { GlyphpoolReader } from "../src/element/index.ts";
import { filesOf as filesOfTransfer } from "../src/element/file-input.ts";
import { MemoryPanel } from "./memory-panel.ts";
import { offerModels } from "./model-picker.ts";
import { keepSite } from "./offline.ts";
import "./panel.css";
import sample from "./sample.png";
import { offerThemes } from "./theme.ts";

function find<T extends Element>(selector: string, type: new () => T): T {
  const node = document.querySelector(selector);
  if (!(node instanceof type)) throw new Error(`The page has no ${selector}.`);
  return node;
}

const reader = find("glyphpool-reader", GlyphpoolReader);
const backend = find("#backend", HTMLElement);
const offline = find("#offline", HTMLElement);
const panel = new MemoryPanel(Number(reader.getAttribute("idle-timeout")));
find("#panel", HTMLElement).append(panel.element);

/** Tests choose what a person cannot: `?backend=wasm&runtime=asyncify`. */
const query = new URLSearchParams(location.search);
for (const name of ["backend", "runtime", "budget"]) {
  const value = query.get(name);
  if (value) reader.setAttribute(name, value);
}

let connected: Promise<void> | undefined;

/** Runtime and models are large: nothing of them is loaded before somebody wants to read. */
function connectOnce(): void {
  connected ??= connect().then(() => keepSite((text) => (offline.textContent = text)));
}

async function connect(): Promise<void> {
  backend.textContent = "starting";
  try {
    const engine = await reader.engine();
    panel.watch(engine);
    const { info } = engine;
    const threads = info.threads === 1 ? "1 thread" : `${info.threads} threads`;
    backend.textContent = info.backend === "webgpu" ? "WebGPU" : `WebAssembly, ${threads}`;
    backend.title = info.reason;
  } catch (error) {
    backend.textContent = (error as Error).message;
  }
}

offerThemes(find("#theme", HTMLButtonElement));
offerModels(
  {
    models: find("#models", HTMLSelectElement),
    language: find("#language", HTMLSelectElement),
    fetch: find("#fetch-models", HTMLButtonElement),
    progress: find("#fetching", HTMLProgressElement),
    note: find("#models-note", HTMLOutputElement),
  },
  (models, language) => {
    reader.setAttribute("models", models);
    if (language === undefined) reader.removeAttribute("language");
    else reader.setAttribute("language", language);
    // An engine that runs already is replaced; none is started for a choice alone.
    if (connected) void connect();
  },
  async () => {
    const engine = await reader.engine();
    connectOnce();
    return engine;
  },
);

for (const button of document.querySelectorAll("#sample, .sample-again")) {
  button.addEventListener("click", () => {
    void readSample();
  });
}

/** Under a name that people can make something of; the build's own has a hash in it. */
async function readSample(): Promise<void> {
  const response = await fetch(new URL(sample, document.baseURI));
  reader.source = new File([await response.blob()], "invoice.png", { type: "image/png" });
}

for (const event of ["progress", "page"]) reader.addEventListener(event, connectOnce);

// The whole page takes files; what the reader has taken itself is done with.
document.addEventListener("paste", (event) => {
  const files = event.defaultPrevented ? [] : filesOfTransfer(event.clipboardData);
  if (files.length > 0) reader.source = files;
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  const taken = event.defaultPrevented;
  event.preventDefault();
  const files = taken ? [] : filesOfTransfer(event.dataTransfer);
  if (files.length > 0) reader.source = files;
});

find("#script-address", HTMLElement).textContent = new URL(
  "glyphpool-reader.js",
  document.baseURI,
).href;
