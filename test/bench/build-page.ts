/** Builds one page as an application would be built. */
import { build } from "vite";

export interface PageBuild {
  /** Folder of the sources. */
  readonly root: string;
  /** The page. */
  readonly input: string;
  /** Folder for the result, emptied first. */
  readonly outDir: string;
  /** Path under which it is served. Default `/`. */
  readonly base?: string;
}

export async function buildPage({ root, input, outDir, base = "/" }: PageBuild): Promise<void> {
  await build({
    root,
    base,
    configFile: false,
    logLevel: "error",
    worker: { format: "es" },
    build: {
      target: "esnext",
      outDir,
      emptyOutDir: true,
      modulePreload: false,
      chunkSizeWarningLimit: Infinity,
      rolldownOptions: { input },
    },
  });
}
