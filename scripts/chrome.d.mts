export declare const CHROME_FLAGS: string[];
export declare function findInstalledChrome(
  env?: Record<string, string | undefined>,
  platform?: string,
): string | undefined;
export declare function findPlaywrightChromium(): Promise<string | undefined>;
