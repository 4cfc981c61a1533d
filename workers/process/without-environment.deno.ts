/**
 * For Deno, before pdf.js: it loads the native canvas, which asks for variables of the environment. That would take
 * a permission, and it is only to find another library or to keep it from reading the user's fonts.
 */
Object.defineProperty((globalThis as unknown as { process: object }).process, "env", {
  value: { DISABLE_SYSTEM_FONTS_LOAD: "1" },
  configurable: true,
  writable: true,
});
