/** The ways in which a person hands a file over: picked, photographed, dropped, pasted. */
import { button, make } from "./dom.ts";

const ACCEPTED = "image/*,application/pdf,.tif,.tiff,.pdf";

/** Buttons for picking a file and, on devices with a camera at hand, for taking a photo. */
export function fileButtons(onFiles: (files: File[]) => void): HTMLElement {
  const picked = input(onFiles, { accept: ACCEPTED, multiple: true });
  const photo = input(onFiles, { accept: "image/*", capture: "environment" });
  return make("div", { class: "choose" }, [
    button("Choose a file", () => picked.click(), { class: "primary", part: "primary choose" }),
    button("Take a photo", () => photo.click(), { class: "photo", part: "button photo" }),
    picked,
    photo,
  ]);
}

function input(
  onFiles: (files: File[]) => void,
  attributes: { accept: string; multiple?: boolean; capture?: string },
): HTMLInputElement {
  // Behind its button, which is what assistive technology gets to know.
  const field = make("input", { type: "file", hidden: true, ...attributes });
  field.addEventListener("change", () => {
    const files = [...(field.files ?? [])];
    // The same file may be chosen again.
    field.value = "";
    if (files.length > 0) onFiles(files);
  });
  return field;
}

/** Files of a drop or of the clipboard; what is neither a picture nor a PDF stays to others. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(
    ({ type, name }) => /^image\/|^application\/pdf$/.test(type) || /\.(pdf|tiff?)$/i.test(name),
  );
}

/** Takes drops and pastes on a node. The class `over` is set while files hang over it. */
export function takeFiles(node: HTMLElement, onFiles: (files: File[]) => void): void {
  let depth = 0;
  const over = (change: number): void => {
    depth = Math.max(0, depth + change);
    node.classList.toggle("over", depth > 0);
  };
  const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
    dataTransfer?.types.includes("Files") ?? false;
  node.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(1);
  });
  node.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  node.addEventListener("dragleave", () => over(-1));
  node.addEventListener("drop", (event) => {
    over(-Infinity);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const files = filesOf(event.dataTransfer);
    if (files.length > 0) onFiles(files);
  });
  node.addEventListener("paste", (event) => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  });
}
