/** How many bytes a texture takes: its texels, without what a driver adds for alignment. */

/** Bytes of one texel of the formats whose names do not say it: `[channels][bits]` names do. */
const ODD_FORMATS: Readonly<Record<string, number>> = {
  rgb9e5ufloat: 4,
  rgb10a2uint: 4,
  rgb10a2unorm: 4,
  rg11b10ufloat: 4,
  stencil8: 1,
  depth16unorm: 2,
  depth24plus: 4,
  "depth24plus-stencil8": 4,
  depth32float: 4,
  "depth32float-stencil8": 8,
};

interface Block {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** Bytes of all levels, layers and samples of a texture of this descriptor. */
export function textureBytes(descriptor: GPUTextureDescriptor): number {
  const { format, dimension = "2d", mipLevelCount = 1, sampleCount = 1 } = descriptor;
  const [width, height, layers] = extent(descriptor.size);
  const block = blockOf(format);
  let texels = 0;
  for (let level = 0; level < mipLevelCount; level++) {
    const across = Math.ceil(Math.max(1, width >> level) / block.width);
    const down = Math.ceil(Math.max(1, height >> level) / block.height);
    // Only the depth of a 3D texture shrinks with the level; layers do not.
    texels += across * down * (dimension === "3d" ? Math.max(1, layers >> level) : layers);
  }
  return texels * block.bytes * sampleCount;
}

function extent(size: GPUExtent3D): [width: number, height: number, layers: number] {
  if (Symbol.iterator in size) {
    const [width = 1, height = 1, layers = 1] = size;
    return [width, height, layers];
  }
  return [size.width, size.height ?? 1, size.depthOrArrayLayers ?? 1];
}

function blockOf(format: GPUTextureFormat): Block {
  const odd = ODD_FORMATS[format];
  if (odd !== undefined) return { width: 1, height: 1, bytes: odd };
  const plain = /^(rgba|bgra|rg|r)(8|16|32)/.exec(format);
  if (plain) {
    const [, channels = "", bits = ""] = plain;
    return { width: 1, height: 1, bytes: (channels.length * Number(bits)) / 8 };
  }
  const astc = /^astc-(\d+)x(\d+)/.exec(format);
  if (astc) return { width: Number(astc[1]), height: Number(astc[2]), bytes: 16 };
  // BC1, BC4 and the ETC2 and EAC formats of one channel or without alpha have half blocks.
  const half = /^(bc1|bc4|etc2-rgb8(unorm|a1)|eac-r11)/.test(format);
  return { width: 4, height: 4, bytes: half ? 8 : 16 };
}
