import { newCompleteStrategy } from '@prometheus-io/codemirror-promql';
import type { CompleteStrategy } from '@prometheus-io/codemirror-promql';

const TTL_MS = 5 * 60_000;
const RETRY_MS = 15_000;
const LOOKBACK_MS = 24 * 3_600_000;
const MAX_NAMES = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Answers that the next question would get as well: not signed in, not allowed, too many at once.
 */
const NOT_OF_THE_QUESTION: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * What the sources know of names, for completion: each asked through the proxy, at most once in five minutes.
 */
export class PromqlSources {
  /**
   * @param options - where the proxy is, and how long to wait.
   */
  constructor(options: PromqlSources.IOptions) {
    this._origin = options.origin;
    this._timeout = options.timeout ?? 3000;
    this._now = options.now ?? Date.now;
  }

  /**
   * Get what completes queries of a source.
   */
  strategy(source: string): CompleteStrategy {
    const known = this._known.get(source);
    if (known && this._now() - known.since < TTL_MS) {
      return known.strategy;
    }
    known?.strategy.destroy?.();
    // The library keeps label names for ever, so the whole of it is forgotten now and then.
    const strategy = newCompleteStrategy({
      remote: {
        url: this._origin,
        apiPrefix: `/api/prom/${encodeURIComponent(source)}/api/v1`,
        httpMethod: 'GET',
        lookbackInterval: LOOKBACK_MS,
        fetchFn: (request, init) => this._fetch(source, new Request(request, init))
      },
      maxMetricsMetadata: MAX_NAMES
    });
    this._known.set(source, { strategy, since: this._now() });
    return strategy;
  }

  /**
   * Ask the proxy; whatever fails rejects, which the library takes for an empty answer.
   */
  private async _fetch(source: string, request: Request): Promise<Response> {
    const failed = this._failed.get(source);
    if (failed !== undefined && this._now() - failed < RETRY_MS) {
      throw new Error(`${source} did not answer a moment ago`);
    }
    try {
      const url = new URL(request.url);
      // Older servers do not know the limit; the bytes are bounded as well.
      url.searchParams.set('limit', String(MAX_NAMES));
      const response = await fetch(url, {
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(this._timeout)])
      });
      const { status, headers } = response;
      if (NOT_OF_THE_QUESTION.has(status) || status >= 500) {
        this._failed.set(source, this._now());
      }
      return new Response(await boundedBody(response), { status, headers });
    } catch (error) {
      this._failed.set(source, this._now());
      throw error;
    }
  }

  private readonly _origin: string;
  private readonly _timeout: number;
  private readonly _now: () => number;
  private readonly _known = new Map<
    string,
    { readonly strategy: CompleteStrategy; readonly since: number }
  >();
  private readonly _failed = new Map<string, number>();
}

/**
 * A namespace for `PromqlSources` statics.
 */
export namespace PromqlSources {
  /**
   * How to make `PromqlSources`.
   */
  export interface IOptions {
    /**
     * Scheme, host and port of the proxy: the origin of the page.
     */
    origin: string;

    /**
     * How long to wait for an answer, in milliseconds; 3 s unless told.
     */
    timeout?: number;

    /**
     * The clock, in milliseconds.
     */
    now?: () => number;
  }
}

async function boundedBody(response: Response): Promise<Blob> {
  const chunks: BlobPart[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) {
      return new Blob(chunks);
    }
    bytes += next.value.byteLength;
    if (bytes > MAX_BYTES) {
      await reader?.cancel();
      throw new Error('the answer is too large to complete from');
    }
    chunks.push(next.value);
  }
}
