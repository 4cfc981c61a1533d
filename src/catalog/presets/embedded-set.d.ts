/** Written by `scripts/embed-models.mjs`, so a checkout that has not run it yet has no such file. */
declare module "*/assets/embedded/set.js" {
  export const embedded: {
    /** `PP-OCRv6`, or `PP-OCRv4` for the fallback. */
    readonly set: string;
    /** Where the build found the files: `folder`, `cache`, `web`, `pip` or `npm`. */
    readonly source: string;
  };
}
