/** Fills `assets/embedded` unless what is there fits this checkout. */
export function ensureEmbedded(): Promise<void>;
