/** Starts the worker in a process that may only read. */
const worker = new Worker(new URL("./decode-in-worker.ts", import.meta.url), { type: "module" });
worker.addEventListener("message", ({ data }) => {
  console.log(JSON.stringify(data));
  worker.terminate();
});
