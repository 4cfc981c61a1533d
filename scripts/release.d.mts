export function nameSection(changelog: string, version: string, date: string): string;
export function problemsOf(
  version: string,
  manifest: { readonly version: string },
  changelog: string,
): string[];
