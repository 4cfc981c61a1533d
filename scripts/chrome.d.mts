export declare const CHROME_FLAGS: string[];
export declare function findInstalledChromes(
  env?: Record<string, string | undefined>,
  platform?: string,
): string[];
export declare function findPlaywrightChromium(): Promise<string | undefined>;
