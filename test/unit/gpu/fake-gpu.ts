/** A GPUDevice whose failures the test decides. */
import { deferred } from "../../../src/core/deferred.ts";

/** The classes exist in browsers only; what counts is their name. */
class GPUOutOfMemoryError {
  readonly message: string = "no room";
}
class GPUValidationError {
  readonly message: string = "bad buffer";
}

/** A buffer or a texture. */
export interface FakeResource {
  readonly descriptor: GPUBufferDescriptor | GPUTextureDescriptor;
  destroys: number;
  destroy(): void;
}

function resource(descriptor: GPUBufferDescriptor | GPUTextureDescriptor): FakeResource {
  return {
    descriptor,
    destroys: 0,
    destroy() {
      this.destroys++;
    },
  };
}

export class FakeDevice extends EventTarget {
  readonly #lost = deferred<{ message: string; reason: string }>();
  readonly lost: Promise<{ message: string; reason: string }> = this.#lost.promise;
  readonly scopes: string[] = [];
  destroyed = false;
  submits = 0;
  /** Which scope reports an error next. */
  failing: "out-of-memory" | "validation" | undefined;
  readonly queue: { submit(): void } = { submit: () => void this.submits++ };

  createBuffer(descriptor: GPUBufferDescriptor): FakeResource {
    return resource(descriptor);
  }

  createTexture(descriptor: GPUTextureDescriptor): FakeResource {
    return resource(descriptor);
  }

  /** Sources that the driver got to see. */
  readonly shaders: string[] = [];

  createShaderModule({ code }: { readonly code: string }): object {
    this.shaders.push(code);
    return {};
  }

  createComputePipeline(): object {
    return {};
  }

  async createComputePipelineAsync(): Promise<object> {
    return {};
  }

  pushErrorScope(filter: string): void {
    this.scopes.push(filter);
  }

  async popErrorScope(): Promise<object | null> {
    const filter = this.scopes.pop();
    if (filter !== this.failing) return null;
    this.failing = undefined;
    return filter === "validation" ? new GPUValidationError() : new GPUOutOfMemoryError();
  }

  /** An error that no scope caught. */
  raiseOutOfMemory(): void {
    this.dispatchEvent(
      Object.assign(new Event("uncapturederror"), { error: new GPUOutOfMemoryError() }),
    );
  }

  lose(message: string): void {
    this.#lost.resolve({ message, reason: "unknown" });
  }

  destroy(): void {
    this.destroyed = true;
    this.#lost.resolve({ message: "", reason: "destroyed" });
  }
}

export interface FakeAdapterOptions {
  readonly info?: Partial<Record<"vendor" | "architecture" | "description", string>>;
  readonly isFallbackAdapter?: boolean;
  readonly features?: readonly string[];
  readonly device?: FakeDevice;
}

/** Remembers in `requests` what was asked of it. */
export function fakeAdapter({
  info = {},
  isFallbackAdapter = false,
  features = [],
  device = new FakeDevice(),
}: FakeAdapterOptions = {}): GPUAdapter & { readonly requests: GPUDeviceDescriptor[] } {
  const requests: GPUDeviceDescriptor[] = [];
  const adapter = {
    requests,
    info: { vendor: "v", architecture: "a", description: "d", isFallbackAdapter, ...info },
    features: new Set(features),
    limits: { maxBufferSize: 7, maxStorageBufferBindingSize: 5 },
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      requests.push(descriptor);
      return device;
    },
  };
  return adapter as unknown as GPUAdapter & { readonly requests: GPUDeviceDescriptor[] };
}
