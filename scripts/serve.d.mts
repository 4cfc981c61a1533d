/** The Deno that starts the server, and its arguments, with the permissions that these settings need. */
export declare function serveCommand(
  env: Readonly<Record<string, string | undefined>>,
  options?: { readonly supervise?: boolean; readonly args?: readonly string[] },
): { readonly command: string; readonly args: string[] };
