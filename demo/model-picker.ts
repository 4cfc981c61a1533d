/** The choice of models and language, with what they cost to download. */
import { supportedLanguages } from "../src/catalog/presets/languages.ts";
import { filesOf } from "../src/catalog/manifest/manifest.ts";
import type { ModelSet } from "../src/catalog/manifest/manifest.ts";
import { PRESETS } from "../src/catalog/presets/presets.ts";
import { ModelStore } from "../src/catalog/store/store.ts";
import { make } from "../src/element/dom.ts";
import type { Engine, Progress } from "../src/index.ts";

export interface PickerNodes {
  readonly models: HTMLSelectElement;
  readonly language: HTMLSelectElement;
  readonly fetch: HTMLButtonElement;
  readonly progress: HTMLProgressElement;
  readonly note: HTMLOutputElement;
}

/**
 * Fills the fields.
 *
 * @param onChange gets the names that were chosen; no language means the models' own
 * @param engine of the present choice
 */
export function offerModels(
  nodes: PickerNodes,
  onChange: (models: string, language: string | undefined) => void,
  engine: () => Promise<Engine>,
): void {
  const { models, language, fetch, note } = nodes;
  for (const [name, set] of PRESETS) {
    models.append(make("option", { value: name }, [`${name} – ${sizeOf(set)}`]));
  }
  language.append(make("option", { value: "" }, ["as the models"]));
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  for (const tag of supportedLanguages()) {
    language.append(make("option", { value: tag }, [names.of(tag) ?? tag]));
  }
  const changed = (): void => {
    onChange(models.value, language.value || undefined);
    void describe(models.value, note);
  };
  models.addEventListener("change", changed);
  language.addEventListener("change", changed);
  fetch.addEventListener("click", () => void load(nodes, engine));
  void describe(models.value, note);
}

async function load(
  { fetch, progress, note }: PickerNodes,
  engine: () => Promise<Engine>,
): Promise<void> {
  fetch.disabled = true;
  progress.hidden = false;
  progress.removeAttribute("value");
  const onProgress = ({ stage, done, total, name }: Progress): void => {
    if (stage === "download" && total) {
      progress.value = done / total;
      note.value = `${name}: ${megabytes(done)} of ${megabytes(total)}`;
    } else if (stage === "load") note.value = `loading ${name}`;
  };
  try {
    await (await engine()).preload({ onProgress });
    note.value = "loaded";
  } catch (error) {
    note.value = (error as Error).message;
  }
  progress.hidden = true;
  fetch.disabled = false;
}

/** What the models are, and whether they are here already. */
async function describe(name: string, note: HTMLOutputElement): Promise<void> {
  const set = PRESETS.get(name);
  if (!set) return;
  const missing = filesOf(set).filter(({ bundled }) => !bundled);
  let kept = "in this page";
  if (missing.length > 0) {
    const store = await ModelStore.open();
    const there = new Set((await store.list()).map((entry) => entry.name));
    const here = missing.filter((file) => there.has(file.name));
    kept = here.length === missing.length ? "downloaded" : "downloaded with the first page";
  }
  note.value = `${set.description ?? name}; ${kept}`;
}

function sizeOf(set: ModelSet): string {
  const sizes = filesOf(set).map(({ bytes }) => bytes);
  const known = sizes.filter((bytes) => bytes !== undefined);
  const sum = known.reduce((total, bytes) => total + bytes, 0);
  if (known.length === 0) return "size not told";
  return `${known.length < sizes.length ? "over " : ""}${megabytes(sum)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
