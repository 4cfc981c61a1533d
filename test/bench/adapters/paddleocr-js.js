/**
 * @paddleocr/paddleocr-js with its own defaults. It takes a detection side of at least 64 (short side),
 * thresholds 0.3 and 0.6, unclip 1.5 and recognition batches from its built-in pipeline, also for
 * PP-OCRv6, whose inference.yml says otherwise.
 */
import { createAdapter } from "./paddleocr-js-shared.js";

export default createAdapter({});
