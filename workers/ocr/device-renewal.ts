/**
 * Replaces a GPU device that has had many weights and has none any more.
 *
 * What is destroyed comes back to the driver's allocator, and not all of it from there to the system:
 * in Chromium with SwiftShader half of the bytes of every load stay with the device until it ends, and so do the
 * pipelines, which the runtime drops with the last session and compiles again for the next: together 28 MB for
 * each load of 16 MB. While models are used that does not matter; a page that loads and unloads for days would
 * only ever grow.
 */
export interface DeviceRenewalOptions {
  /** Bytes of weights that a device gets before it is replaced. */
  readonly limit: number;
  /** Whether no model is loaded, loads or unloads. */
  readonly isEmpty: () => boolean;
  /** Replaces the device; false where a model came in between. */
  readonly renew: () => Promise<boolean>;
}

export class DeviceRenewal {
  readonly #options: DeviceRenewalOptions;
  #uploaded = 0;
  #renewing = false;

  constructor(options: DeviceRenewalOptions) {
    this.#options = options;
  }

  /** The device got weights. */
  loaded(bytes: number): void {
    this.#uploaded += bytes;
  }

  /** Looks whether the time has come; to be called when models come and go. */
  check(): void {
    const { limit, isEmpty } = this.#options;
    if (this.#renewing || this.#uploaded < limit || !isEmpty()) return;
    this.#renewing = true;
    void this.#renew();
  }

  async #renew(): Promise<void> {
    try {
      if (await this.#options.renew()) this.#uploaded = 0;
    } catch {
      // There is no other device: the next load fails, and the host replaces the worker.
    } finally {
      this.#renewing = false;
    }
  }
}
