/** Something that a copy of a PDF does not keep. */
export interface SourceNote {
  readonly code: "SIGNATURE_BROKEN" | "PDFA_UNCHECKED";
  /** A sentence for people. */
  readonly message: string;
}
