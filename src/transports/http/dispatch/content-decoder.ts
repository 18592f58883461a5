import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** More codings on top of each other serve nothing but to make a little unpack to a lot. */
const mostCodings = 3;
/** A compressed body whose last bytes are missing is as good as what it unpacks to. */
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
const lenientBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH };
/** The compression method in the first byte of the zlib format; servers send `deflate` with and without it. */
const zlibMethod = 8;

const decoders: Readonly<Record<string, (first: number) => Transform>> = {
  gzip: () => createGunzip(lenient),
  deflate: (first) => ((first & 0x0f) === zlibMethod ? createInflate(lenient) : createInflateRaw(lenient)),
  br: () => createBrotliDecompress(lenientBrotli),
};
const synonyms: Readonly<Record<string, string>> = { 'x-gzip': 'gzip' };

/** A body that is coded as we cannot read it. */
export class ContentCodingError extends Error {
  override readonly name = 'ContentCodingError';
}

/** What a decoder does with the body, and what it asks of who sends it. */
export interface ContentSink {
  data(chunk: Buffer): void;
  /** Everything has been decoded. */
  end(): void;
  failed(error: ContentCodingError): void;
  pause(): void;
  resume(): void;
}

/**
 * The codings of a body, outermost last; none for a body that is plain. We ask for none, but servers and proxies code
 * all the same.
 *
 * @throws ContentCodingError for one that is not known
 */
export function contentCodings(header: string | string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  const named = String(header)
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const unknown = named.find((coding) => !Object.hasOwn(decoders, synonyms[coding] ?? coding));
  if (unknown !== undefined)
    throw new ContentCodingError(
      `the answer has the content coding ${unknown.slice(0, 40)}; expected none, gzip, deflate or br`,
    );
  if (named.length > mostCodings)
    throw new ContentCodingError(
      `the answer has ${named.length} content codings; expected no more than ${mostCodings}`,
    );
  return named.map((coding) => synonyms[coding] ?? coding);
}

/**
 * Decodes a body as it comes: what a chunk unpacks to is passed on at once, so that streams stay streams. What it unpacks
 * to is held nowhere, and its receiver stops it when it is too much. Not undici's `decompress`: it is experimental, and
 * bounds what a stream may say in all its life instead of what one message may hold.
 */
export class ContentDecoder {
  readonly #codings: readonly string[];
  readonly #sink: ContentSink;
  #streams: Transform[] = [];
  #isOver = false;

  constructor(codings: readonly string[], sink: ContentSink) {
    this.#codings = codings;
    this.#sink = sink;
  }

  write(chunk: Buffer): void {
    if (this.#isOver || chunk.length === 0) return;
    if (this.#streams.length === 0) this.#begin(chunk[0] ?? 0);
    if (this.#streams[0]?.write(chunk) === false) this.#sink.pause();
  }

  /** No more comes. */
  end(): void {
    if (this.#isOver) return;
    const [first] = this.#streams;
    if (first === undefined) this.#finish();
    else first.end();
  }

  /** Nothing more is to be passed on. */
  destroy(): void {
    this.#isOver = true;
    for (const stream of this.#streams) stream.destroy();
  }

  #begin(firstByte: number): void {
    for (const [position, coding] of this.#codings.toReversed().entries()) {
      // Of inner codings the first byte is not known; who codes twice follows the standard.
      const stream = decoders[coding]?.(position === 0 ? firstByte : zlibMethod);
      if (stream === undefined) continue;
      stream.on('error', (error) => this.#fail(coding, error));
      this.#streams.at(-1)?.pipe(stream);
      this.#streams.push(stream);
    }
    this.#streams[0]?.on('drain', () => this.#sink.resume());
    const last = this.#streams.at(-1);
    last?.on('data', (chunk: Buffer) => {
      if (!this.#isOver) this.#sink.data(chunk);
    });
    last?.once('end', () => this.#finish());
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.end();
  }

  #fail(coding: string, error: Error): void {
    if (this.#isOver) return;
    this.destroy();
    this.#sink.failed(new ContentCodingError(`the answer cannot be decoded as ${coding} (${error.message})`));
  }
}
