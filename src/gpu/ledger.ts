/**
 * Counts the memory of one GPUDevice, buffer by buffer. It replaces methods of that one device, its
 * queue and its buffers; no prototype is touched, so other devices of the page stay what they are.
 */
import { textureBytes } from "./ledger-texture.ts";
import type { GpuUsage, OwnerUsage } from "../memory/snapshot.ts";

/** Owner of what is made while a graph runs, and of the uniform buffers that all sessions share. */
export const ACTIVATIONS = "activations";
/** Owner of buffers that the CPU maps, to upload or to read back, whoever makes them. */
export const STAGING = "staging";
/** Owner of what is made outside of any `attribute`. */
const OTHER = "other";

/** GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE; the names are missing where there is no WebGPU. */
const MAPPABLE = 0x0001 | 0x0002;
/** GPUBufferUsage.UNIFORM */
const UNIFORM = 0x0040;

export interface GpuLedgerOptions {
  /** Bytes of `allocated` beyond which buffers are refused; absent: the GPU alone refuses. */
  readonly budget?: number | undefined;
}

/** Everything of a GPUDevice that the ledger touches. */
type Instrumented = Pick<
  GPUDevice,
  | "createBuffer"
  | "createTexture"
  | "createComputePipeline"
  | "createComputePipelineAsync"
  | "destroy"
  | "lost"
  | "pushErrorScope"
  | "popErrorScope"
  | "queue"
>;

/** A live buffer or texture. */
interface Holding {
  readonly bytes: number;
  readonly owner: Account;
}

interface Account {
  used: number;
  peak: number;
}

export class GpuLedger {
  /** Bytes of `allocated` that may be held; undefined: as much as the GPU gives. */
  budget: number | undefined;
  readonly #accounts = new Map<string, Account>();
  /** Names that belong to a session that lives. */
  readonly #claimed = new Set<string>([ACTIVATIONS, STAGING, OTHER]);
  readonly #holdings = new Set<Holding>();
  /** A buffer may be collected without having been destroyed, and its memory goes then too. */
  readonly #collected = new FinalizationRegistry<Holding>((holding) => this.#drop(holding));
  #owner = OTHER;
  #used = 0;
  /** Destroyed since the last submit. */
  #pending = 0;
  #peak = 0;
  #pipelines = 0;
  #open = true;
  #refusal: string | undefined;

  constructor(device: Instrumented, { budget }: GpuLedgerOptions = {}) {
    this.budget = budget;
    this.#instrument(device);
    void device.lost.then(() => this.#close());
  }

  get usage(): GpuUsage {
    return {
      used: this.#used,
      allocated: this.#used + this.#pending,
      peak: this.#peak,
      buffers: this.#holdings.size,
      pipelines: this.#pipelines,
      owners: Object.fromEntries(
        [...this.#accounts].map(([name, { used, peak }]) => [name, { used, peak }]),
      ),
    };
  }

  /** What one owner holds; zeros for an owner that never held anything. */
  of(owner: string): OwnerUsage {
    const { used = 0, peak = 0 } = this.#accounts.get(owner) ?? {};
    return { used, peak };
  }

  /** Reserves an owner's name: this one, or with a number behind it while another session has it. */
  claim(name: string): string {
    let owner = name;
    for (let copy = 2; this.#claimed.has(owner); copy++) owner = `${name} (${copy})`;
    this.#claimed.add(owner);
    const account = this.#accounts.get(owner);
    if (account) account.peak = account.used;
    return owner;
  }

  /** Gives a claimed name back; its figures stay until it is claimed again. */
  unclaim(owner: string): void {
    this.#claimed.delete(owner);
  }

  /** Everything that is created until `work` settles belongs to `owner`. Calls must not overlap. */
  async attribute<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const outer = this.#owner;
    this.#owner = owner;
    try {
      return await work();
    } finally {
      this.#owner = outer;
    }
  }

  /** Why a buffer was refused since the last call, or nothing. */
  takeRefusal(): string | undefined {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    return refusal;
  }

  #instrument(device: Instrumented): void {
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      if (this.#refuses(descriptor)) return invalidBuffer(device, createBuffer, descriptor);
      const owner = this.#ownerOf(descriptor.usage);
      return this.#track(createBuffer(descriptor), descriptor.size, owner);
    };
    const createTexture = device.createTexture.bind(device);
    device.createTexture = (descriptor) =>
      this.#track(createTexture(descriptor), textureBytes(descriptor));

    const createPipeline = device.createComputePipeline.bind(device);
    device.createComputePipeline = (descriptor) => this.#countPipeline(createPipeline(descriptor));
    const createPipelineAsync = device.createComputePipelineAsync.bind(device);
    device.createComputePipelineAsync = async (descriptor) =>
      this.#countPipeline(await createPipelineAsync(descriptor));

    const { queue } = device;
    const submit = queue.submit.bind(queue);
    queue.submit = (commands) => {
      submit(commands);
      this.#pending = 0;
    };
    const destroy = device.destroy.bind(device);
    device.destroy = () => {
      destroy();
      this.#close();
    };
  }

  #ownerOf(usage: number): string {
    if ((usage & MAPPABLE) !== 0) return STAGING;
    // The runtime keeps them for the next dispatch of whatever session, also those made by a load.
    return (usage & UNIFORM) !== 0 ? ACTIVATIONS : this.#owner;
  }

  #track<T extends GPUBuffer | GPUTexture>(resource: T, bytes: number, as = this.#owner): T {
    if (!this.#open) return resource;
    const owner = this.#account(as);
    const holding: Holding = { bytes, owner };
    this.#holdings.add(holding);
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used + this.#pending);
    owner.used += bytes;
    owner.peak = Math.max(owner.peak, owner.used);
    this.#collected.register(resource, holding);
    const destroy = resource.destroy.bind(resource);
    // Typed as `undefined` because WebIDL's void is.
    resource.destroy = (): undefined => {
      destroy();
      this.#drop(holding);
    };
    return resource;
  }

  #drop(holding: Holding): void {
    if (!this.#holdings.delete(holding)) return;
    this.#used -= holding.bytes;
    this.#pending += holding.bytes;
    holding.owner.used -= holding.bytes;
  }

  #account(owner: string): Account {
    let account = this.#accounts.get(owner);
    if (!account) this.#accounts.set(owner, (account = { used: 0, peak: 0 }));
    return account;
  }

  #countPipeline<T>(pipeline: T): T {
    if (this.#open) this.#pipelines++;
    return pipeline;
  }

  /**
   * Mapped buffers pass: they live for one transfer, and what a runtime does with one that cannot be
   * mapped is no longer the failure of a GPU that is full.
   */
  #refuses({ size, usage }: GPUBufferDescriptor): boolean {
    const allocated = this.#used + this.#pending;
    if (this.budget === undefined || (usage & MAPPABLE) !== 0) return false;
    if (allocated + size <= this.budget) return false;
    this.#refusal ??=
      `a buffer of ${size} bytes for ${this.#owner} does not fit into the budget of ` +
      `${this.budget} bytes, of which ${allocated} are taken`;
    return true;
  }

  /** The memory of a device that is gone is gone with it. */
  #close(): void {
    this.#open = false;
    for (const holding of this.#holdings) this.#drop(holding);
    this.#pending = 0;
    this.#pipelines = 0;
  }
}

/**
 * What a GPU without room returns: a buffer without memory, every use of which is a validation error.
 * A usage of 0 makes it invalid; the error of that stays in a scope of its own.
 */
function invalidBuffer(
  device: Instrumented,
  createBuffer: GPUDevice["createBuffer"],
  { size, label }: GPUBufferDescriptor,
): GPUBuffer {
  device.pushErrorScope("validation");
  const buffer = createBuffer({ size, usage: 0, ...(label === undefined ? {} : { label }) });
  // A lost device rejects; that is reported by its `lost`.
  device.popErrorScope().catch(() => undefined);
  return buffer;
}
