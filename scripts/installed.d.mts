/** What is wrong with the node_modules of a folder, as a sentence; nothing where it is up to date. */
export function staleInstall(root: string): string | undefined;
