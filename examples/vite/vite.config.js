import { defineConfig } from "vite";

// Vite needs no settings to build. In development it must not bundle the package, or the workers are not found.
export default defineConfig({ optimizeDeps: { exclude: ["glyphpool"] } });
