/** JPEG strips of a TIFF as whole files for the platform's JPEG decoder. */
import { corrupt } from "./failure.ts";
import { readJpegFrame } from "./header-jpeg.ts";
import { TIFF_TAG, tiffValue, type TiffDirectory } from "./header-tiff.ts";
import type { PlatformDecoder } from "./platform-decoder.ts";
import { PHOTOMETRIC } from "./tiff-samples.ts";

/** An Adobe segment that says "no colour transform": without it decoders assume YCbCr. */
const RGB_MARKER: readonly number[] = [
  0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0,
];

function assemble(strip: Uint8Array, { tags }: TiffDirectory): Uint8Array {
  const tables = Uint8Array.from(tags.get(TIFF_TAG.jpegTables) ?? []);
  const rgb = tiffValue(tags, TIFF_TAG.photometric, 6) === PHOTOMETRIC.rgb;
  // The shared tables come as a JPEG of their own; drop its end and the strip's start marker.
  const shared = tables.length >= 4 ? tables.subarray(2, -2) : tables.subarray(0, 0);
  const marker = rgb ? RGB_MARKER : [];
  const file = new Uint8Array(strip.length + marker.length + shared.length);
  file.set(strip.subarray(0, 2));
  file.set(marker, 2);
  file.set(shared, 2 + marker.length);
  file.set(strip.subarray(2), 2 + marker.length + shared.length);
  return file;
}

/** RGBA of one strip or tile, exactly `width × height`. */
export async function decodeTiffJpeg(
  strip: Uint8Array,
  directory: TiffDirectory,
  width: number,
  height: number,
  decoder: PlatformDecoder,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | Uint8ClampedArray> {
  const bytes = assemble(strip, directory);
  const frame = readJpegFrame(bytes);
  // Checked before decoding: the strip's own header could promise anything.
  if (frame.width !== width || frame.height < height || frame.height > height + 16) {
    throw corrupt(`a TIFF strip is ${frame.width} × ${frame.height}, not ${width} × ${height}`);
  }
  const header = { format: "jpeg", width, height: frame.height, orientation: 1 } as const;
  const { data } = await decoder.decode(bytes, header, signal);
  return data.subarray(0, width * height * 4);
}
