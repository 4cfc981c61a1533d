// Node 20 cannot run TypeScript: vite runs print.ts for it.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const { module } = await runnerImport(`${root}print.ts`, {
  root,
  configFile: false,
  logLevel: "warn",
});
process.exitCode = await module.main(process.argv.slice(2));
