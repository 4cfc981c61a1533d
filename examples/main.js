import { createEngine } from "glyphpool";

/** Reads the picture beside the page and shows its text. */
async function main() {
  const engine = await createEngine({ backend: "wasm" });
  const { text } = await engine.read("line.png");
  await engine.close();
  return text;
}

const output = document.querySelector("output");
main().then(
  (text) => (output.textContent = text),
  (error) => (output.textContent = `${error.code}: ${error.message}`),
);
