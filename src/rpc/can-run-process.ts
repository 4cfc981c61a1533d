/** Whether this program may start the child processes of Deno, asked without a prompt. */

/** Why it may not; absent where it may. */
function processRefusal(): string | undefined {
  if (!("Deno" in globalThis)) return "only Deno can start processes";
  const run = Deno.permissions.querySync({ name: "run", command: Deno.execPath() });
  if (run.state !== "granted") return "it takes --allow-run";
  const read = Deno.permissions.querySync({ name: "read" });
  if (read.state !== "granted" || read.partial) return "it takes --allow-read without paths";
  return undefined;
}

export function canRunProcess(): boolean {
  return processRefusal() === undefined;
}

/** Why a child process would do less than a worker; absent where it does as much. */
export function processDrawback(): string | undefined {
  const refusal = processRefusal();
  if (refusal !== undefined) return refusal;
  // Deno does not tell the names, so they cannot be passed on.
  const { partial } = Deno.permissions.querySync({ name: "net" });
  return partial ? "--allow-net names hosts, which a child process would not get" : undefined;
}
