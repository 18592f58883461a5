import { messageOf } from '../../errors.js';
import { shownUrl } from '../../transports/http/address-guard.js';

/** What an authorization server publishes could not be had: nobody can be let in, and nobody is to blame. */
export class SourceError extends Error {}

/** Reads JSON documents over HTTP. */
export interface JsonSource {
  /**
   * Undefined where there is no such document: status 4xx.
   *
   * @throws SourceError
   */
  read(url: string): Promise<unknown>;
  /** Ends connections and reads that run. */
  close(): Promise<void>;
}

/** Milliseconds for each step: connecting, the head of the answer, and between two parts of its body. */
const stepMs = 5_000;
/** Metadata and key sets have a few kilobytes. */
const maxBytes = 512 * 1024;

/** Follows no redirects: what is trusted is the URL that was configured. */
export async function openJsonSource(): Promise<JsonSource> {
  const { EndingAgent } = await import('../../transports/http/ending-agent.js');
  const agent = new EndingAgent({
    connectTimeoutMs: stepMs,
    headersTimeout: stepMs,
    bodyTimeout: stepMs,
    maxResponseSize: maxBytes,
  });
  const read = async (url: string): Promise<unknown> => {
    const { statusCode, body } = await agent.request(new URL(url), { headers: { accept: 'application/json' } });
    if (statusCode === 200) return await body.json();
    await body.dump();
    if (statusCode >= 400 && statusCode < 500) return undefined;
    throw new SourceError(`it answered with status ${statusCode}`);
  };
  return {
    read: (url) =>
      read(url).catch((error: unknown) => {
        const message = `${shownUrl(new URL(url))} cannot be read: ${messageOf(error)}`;
        throw new SourceError(message, { cause: error });
      }),
    close: () => agent.end(new Error('the gateway is closed')),
  };
}
