/** How Glyphpool names itself in what it writes. A test holds the version against package.json. */

export const SOFTWARE = "glyphpool";
export const SOFTWARE_VERSION = "0.1.0";
