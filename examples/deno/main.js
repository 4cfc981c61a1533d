import { createEngine } from "glyphpool";

const engine = await createEngine({ backend: "wasm" });
const { text } = await engine.read(Deno.args[0]);
console.log(text);
await engine.close();
