export const VENDORED: readonly string[];
export function copyVendor(dist: string): Promise<void>;
export function useVendor(source: string, file: string, dist: string): string;
