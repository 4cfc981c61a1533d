/** Spans of tasks for OpenTelemetry, by what Deno has built in. Without `OTEL_DENO=true` they cost nothing. */

/** The part of a span of OpenTelemetry's interface that is used here; Deno leaves its type open. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): void;
  addEvent(name: string, attributes?: Readonly<Record<string, string | number>>): void;
}

interface OwnSpan extends Span {
  setStatus(status: { readonly code: number; readonly message?: string }): void;
  end(): void;
}

interface Tracer {
  startActiveSpan<T>(
    name: string,
    options: { readonly attributes: Readonly<Record<string, string | number>> },
    work: (span: OwnSpan) => Promise<T>,
  ): Promise<T>;
}

/** `SpanStatusCode.ERROR` of OpenTelemetry. */
const ERROR = 2;

const NO_SPAN: Span = { setAttribute: () => undefined, addEvent: () => undefined };

/** Runs something within a span, or without one where Deno was started without telemetry. What it throws marks the span as failed. */
export async function traced<T>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { tracerProvider } = Deno.telemetry as {
    readonly tracerProvider: { getTracer(name: string): Tracer };
  };
  let started = false;
  const within = async (span: OwnSpan): Promise<T> => {
    started = true;
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  };
  try {
    return await tracerProvider
      .getTracer("glyphpool")
      .startActiveSpan(name, { attributes }, within);
  } catch (error) {
    // Without OTEL_DENO there is a provider whose tracers cannot start a span.
    if (started) throw error;
  }
  return await work(NO_SPAN);
}
