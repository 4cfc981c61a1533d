/** @paddleocr/paddleocr-js with the parameters that PP-OCRv6 tiny's inference.yml states. */
import { createAdapter } from "./paddleocr-js-shared.js";

export default createAdapter({
  textDetLimitSideLen: 736,
  textDetLimitType: "min",
  textDetThresh: 0.2,
  textDetBoxThresh: 0.4,
  textDetUnclipRatio: 1.4,
});
