/** Faults of GPU drivers that we can work around because the device is ours. */

/** The expression that sets the number of tiles in onnxruntime's matrix products and convolutions. */
const TILES = "let num_tiles = (uniforms.dim_inner - 1) / tileInner + 1;";
const TILES_HIDDEN = TILES.replace(";", " + (num_workgroups[0] >> 31u);");

/**
 * Mesa's lavapipe (seen in 22.3, gone in 25.0) compiles a large shader anew at every dispatch when a
 * loop's end comes from a uniform alone, and never gives the code back: 0.7 MB for each convolution. A
 * term that is always 0 but comes from elsewhere keeps it from doing so.
 *
 * @param description the adapter's
 */
export function avoidRecompilation(device: GPUDevice, description: string): void {
  if (!description.startsWith("llvmpipe")) return;
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) =>
    create({ ...descriptor, code: hideTileCount(descriptor.code) });
}

/** The same shader, whose number of tiles no driver takes for a uniform's value. */
export function hideTileCount(code: string): string {
  return code.includes("num_workgroups") ? code.replace(TILES, TILES_HIDDEN) : code;
}
