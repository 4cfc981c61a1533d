/** What the two halves of pdf.js say to each other besides pdf.js's own messages, which it ignores. */

/** Something was left out of the page for its size. */
export const REMOVED = "glyphpool-pdf-removed";
