/** Channel order that the network was trained on. */
export type ChannelOrder = "rgb" | "bgr";

/** Per-channel normalisation (x/255 − mean) / std, listed in the network's own channel order. */
export interface Normalisation {
  readonly channels: ChannelOrder;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}
