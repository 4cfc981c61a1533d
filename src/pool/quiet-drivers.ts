/** On Linux, GPU drivers complain on stderr when the folder for display sockets is not set. Call before the first engine. */
export function quietDrivers(): void {
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) {
    Deno.env.set("XDG_RUNTIME_DIR", "/nonexistent");
  }
}
