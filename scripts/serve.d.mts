/** The Deno that starts the server, and its arguments, with the permissions that these settings need. */
export declare function serveCommand(
  env: Readonly<Record<string, string | undefined>>,
  options?: { readonly supervise?: boolean; readonly args?: readonly string[] },
): { readonly command: string; readonly args: string[] };

/** The environment for it: without what Deno does not hand to child processes, and with the names of what was set. */
export declare function serveEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string>;
