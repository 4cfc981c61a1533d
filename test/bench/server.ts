/** A loopback server for the built pages, the models and the images, cross-origin isolated. */
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import type { BenchModels } from "./adapters/adapter.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const MODELS = {
  detection: "PP-OCRv6_tiny_det.onnx",
  recognition: "PP-OCRv6_tiny_rec.onnx",
  orientation: "PP-LCNet_x0_25_textline_ori.onnx",
  dictionary: "ppocrv6_tiny_dict.txt",
};

export interface BenchServer {
  origin: string;
  models: BenchModels;
  imageUrl(path: string): string;
  close(): Promise<void>;
}

/** @param shared holds models/ and data/; @param site the built pages; @param runtime the peers' wasm. */
export async function startServer(options: {
  shared: string;
  site: string;
  runtime: string;
}): Promise<BenchServer> {
  const weights = join(options.shared, "models/ppocrv6_tiny");
  const folders: [prefix: string, folder: string][] = [
    ["/models/", weights],
    ["/data/", join(options.shared, "data")],
    ["/runtime/", options.runtime],
    ["/", options.site],
  ];
  const made = new Map<string, Buffer>([
    ["/favicon.ico", Buffer.alloc(0)],
    ["/blank.html", Buffer.from("<!doctype html><title>blank</title>")],
    ["/models/det.tar", packModel(join(weights, MODELS.detection), detectionYml())],
    [
      "/models/rec.tar",
      packModel(
        join(weights, MODELS.recognition),
        recognitionYml(join(weights, MODELS.dictionary)),
      ),
    ],
  ]);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const bytes = made.get(path);
    if (bytes) {
      response.writeHead(200, { ...HEADERS, ...describe(path, bytes.length) }).end(bytes);
      return;
    }
    const [prefix, folder] = folders.find(([start]) => path.startsWith(start))!;
    sendFile(response, folder, path.slice(prefix.length));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const data = join(options.shared, "data") + sep;
  return {
    origin,
    models: {
      detection: `${origin}/models/${MODELS.detection}`,
      recognition: `${origin}/models/${MODELS.recognition}`,
      orientation: `${origin}/models/${MODELS.orientation}`,
      dictionary: `${origin}/models/${MODELS.dictionary}`,
      detectionTar: `${origin}/models/det.tar`,
      recognitionTar: `${origin}/models/rec.tar`,
      runtime: `${origin}/runtime/`,
    },
    imageUrl: (path) =>
      `${origin}/data/${path.slice(data.length).split(sep).map(encodeURIComponent).join("/")}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendFile(response: ServerResponse, folder: string, path: string): void {
  const file = normalize(join(folder, path));
  const size = file.startsWith(folder) ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (!size?.isFile()) {
    response.writeHead(404, HEADERS).end("not found");
    return;
  }
  response.writeHead(200, { ...HEADERS, ...describe(file, size.size) });
  createReadStream(file).pipe(response);
}

function describe(path: string, length: number): Record<string, string> {
  return {
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-length": String(length),
  };
}

/** PP-OCRv6 tiny's detection parameters as its inference.yml states them. */
function detectionYml(): string {
  return `Global:
  model_name: PP-OCRv6_tiny_det
PreProcess:
  transform_ops:
    - DetResizeForTest: { limit_side_len: 736, limit_type: min, max_side_limit: 4000 }
    - NormalizeImage: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 1./255., order: hwc }
PostProcess:
  name: DBPostProcess
  thresh: 0.2
  box_thresh: 0.4
  max_candidates: 3000
  unclip_ratio: 1.4
`;
}

function recognitionYml(dictionary: string): string {
  const characters = readFileSync(dictionary, "utf8").replace(/\n$/, "").split("\n");
  return JSON.stringify({
    Global: { model_name: "PP-OCRv6_tiny_rec" },
    PreProcess: { transform_ops: [{ RecResizeImg: { image_shape: [3, 48, 320] } }] },
    PostProcess: { name: "CTCLabelDecode", character_dict: characters },
  });
}

function packModel(model: string, yml: string): Buffer {
  return tar([
    ["inference.onnx", readFileSync(model)],
    ["inference.yml", Buffer.from(yml)],
  ]);
}

/** An uncompressed ustar archive. */
function tar(files: [name: string, bytes: Buffer][]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, bytes] of files) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(bytes.length.toString(8).padStart(11, "0") + "\0", 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write("0", 156);
    header.write("ustar\u000000", 257);
    const checksum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(checksum.toString(8).padStart(6, "0") + "\0 ", 148);
    parts.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
