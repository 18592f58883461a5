import { createHmac } from 'node:crypto';
import type { DeliveryAttempt } from '../../../machines/index.js';
import { isGatechartError, messageOf } from '../../errors.js';
import { packageVersion } from '../../package-version.js';
import { checkUrl, guardedLookup } from '../../transports/http/address-guard.js';
import type { EndingAgent } from '../../transports/http/ending-agent.js';
import type { Webhook } from './webhook-settings.js';

/** Sockets to one webhook at once. */
const mostSockets = 10;

/**
 * Sends over HTTP. Names are resolved to public addresses and to this machine only, unless that protection is off, and
 * redirects are not followed.
 */
export class WebhookSender {
  readonly #ssrfProtection: boolean;
  readonly #failed: (webhook: Webhook, why: string) => void;
  #agent: EndingAgent | undefined;

  /** @param failed hears of every attempt that failed; `why` has no secrets */
  constructor(ssrfProtection: boolean, failed: (webhook: Webhook, why: string) => void) {
    this.#ssrfProtection = ssrfProtection;
    this.#failed = failed;
  }

  /** @throws GatechartError ADDRESS_REFUSED for a URL that nothing may be sent to */
  async open(webhooks: readonly Webhook[]): Promise<void> {
    const ssrfProtection = this.#ssrfProtection;
    for (const { url } of webhooks) checkUrl(url, { ssrfProtection });
    const { EndingAgent: Agent } = await import('../../transports/http/ending-agent.js');
    this.#agent = new Agent({ connections: mostSockets, lookup: ssrfProtection ? guardedLookup() : undefined });
  }

  async close(): Promise<void> {
    await this.#agent?.end(new Error('the plugin has shut down'));
  }

  /** Never rejects. */
  async send(webhook: Webhook, body: string, signal: AbortSignal): Promise<DeliveryAttempt> {
    const timeout = AbortSignal.timeout(webhook.timeout * 1000);
    try {
      const response = await this.#agent?.request(new URL(webhook.url), {
        method: 'POST',
        headers: headersOf(webhook, body),
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      if (response === undefined) return 'hopeless';
      // What it says is not looked at; it must not stay in the way of the next request.
      await response.body.dump({ limit: 65_536 });
      if (response.statusCode >= 200 && response.statusCode < 300) return 'accepted';
      this.#failed(webhook, `it answered ${response.statusCode}`);
      return 'failed';
    } catch (error) {
      this.#failed(webhook, timeout.aborted ? `it did not answer within ${webhook.timeout} s` : messageOf(error));
      return isGatechartError(error) ? 'hopeless' : 'failed';
    }
  }
}

/** A webhook as logs name it: paths and queries of webhooks are secrets. */
export function shownWebhook({ url }: Webhook): string {
  return new URL(url).origin;
}

function headersOf({ authentication: given }: Webhook, body: string): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': `gatechart/${packageVersion}`,
  };
  if (given.type === 'bearer') headers['authorization'] = `Bearer ${given.token ?? ''}`;
  if (given.type === 'api_key') headers[given.api_key_header] = given.api_key ?? '';
  if (given.type === 'hmac') {
    const signature = createHmac(given.hmac_algorithm, given.hmac_secret ?? '')
      .update(body)
      .digest('hex');
    headers[given.hmac_header] = `${given.hmac_algorithm}=${signature}`;
  }
  return headers;
}
