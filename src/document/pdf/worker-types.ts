/** The host's one way to the types of the PDF worker's wire. */
import type { Invoke, Link } from "../../rpc/link.ts";
import type { OpenedPdf, PageRequest, PdfWorkerApi } from "../../../workers/pdf/worker-api.ts";

export type {
  OpenedPdf,
  PageBox,
  PdfPageInfo,
  PdfWorkerApi,
  PdfWorkerConfig,
  RenderedPage,
  TextLayer,
  TextLayerOptions,
  TextRun,
} from "../../../workers/pdf/worker-api.ts";

export type PdfLink = Link<PdfWorkerApi>;

/** A call that concerns one page. */
export type PageInvoke<T> = (
  api: Parameters<Invoke<PdfWorkerApi, T>>[0],
  request: PageRequest,
) => ReturnType<Invoke<PdfWorkerApi, T>>;

/** Where a document is open just now. */
export interface PdfPlace extends Pick<OpenedPdf, "id"> {
  readonly link: PdfLink;
}
