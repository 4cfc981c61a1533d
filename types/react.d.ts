/** `import "glyphpool/react"` defines `<glyphpool-reader>` and tells JSX of its attributes. Written for React 18 and 19. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { GlyphpoolReader, ReaderAttributes } from "../dist/src/element/index.js";

export * from "../dist/src/element/index.js";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "glyphpool-reader": DetailedHTMLProps<HTMLAttributes<GlyphpoolReader>, GlyphpoolReader> &
        ReaderAttributes;
    }
  }
}
