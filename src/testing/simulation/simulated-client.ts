import type { Notification, Result } from '@modelcontextprotocol/sdk/types.js';
import type { Gateway } from '../../gateway/gateway.js';
import { isRecord } from '../../json/records.js';
import type { McpClient, McpIdentity, McpRequest } from '../../serving/mcp/mcp-service.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { CallLedger } from './call-ledger.js';
import type { Journal } from './journal.js';
import type { SimulatedCall } from './simulated-call.js';

export interface SimulatedClientOptions {
  readonly id: string;
  readonly agent: string;
  readonly gateway: Gateway;
  readonly journal: Journal;
  readonly ledger: CallLedger;
}

/** A client of the gateway, without a transport in between: it asks, and holds what it hears against its calls. */
export class SimulatedClient implements McpClient {
  readonly id: string;
  readonly agent: string;
  readonly capabilities = { elicitation: {} };
  readonly logLevel = 'debug';
  readonly identity: McpIdentity;
  readonly #options: SimulatedClientOptions;

  constructor(options: SimulatedClientOptions) {
    const { id, agent, gateway } = options;
    this.id = id;
    this.agent = agent;
    this.identity = { user: agent, credentials: agent, claims: {}, scopes: [] };
    this.#options = options;
    gateway.service.clients?.opened(this);
  }

  notify(): boolean {
    return true;
  }

  /** It is asked something outside of every call: that has to come of a call of its own all the same. */
  ask(question: McpRequest): Promise<Result> {
    this.#checkQuestion(question);
    return Promise.resolve({ action: 'decline' });
  }

  leave(): void {
    this.#options.gateway.service.clients?.closed(this);
  }

  /** @throws what the client would be told as an error */
  request(method: string, params: Record<string, unknown>, signal: CancelSignal, of?: SimulatedCall): Promise<Result> {
    const { gateway } = this.#options;
    const { capabilities, identity, logLevel } = this;
    const caller = { client: this, info: undefined, capabilities, logLevel, identity, headers: {} } as const;
    try {
      const work = gateway.service.workOf({ method, params });
      if (work === undefined) throw new Error(`${method} is no work`);
      return work({
        signal,
        caller,
        ask: (question) => {
          this.#checkQuestion(question);
          return Promise.resolve({ action: 'decline' });
        },
        notify: (notification) => this.#checkNotification(notification, of),
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #checkQuestion({ params }: McpRequest): void {
    const { journal, ledger } = this.#options;
    const about = String(params?.['message']);
    journal.note(`${this.id} is asked of ${about}`);
    const call = ledger.known(about);
    if (call === undefined) return;
    // What a server asks may be meant for any call of one client: nothing in it says for which.
    if (call.owner !== this.id) journal.violate('own-answer', `${this.id} is asked of call ${about} of ${call.owner}`);
  }

  #checkNotification({ method, params }: Notification, of: SimulatedCall | undefined): void {
    if (method !== 'notifications/progress' || of === undefined) return;
    const { journal } = this.#options;
    const about = isRecord(params) ? params['message'] : undefined;
    const count = isRecord(params) ? params['progress'] : undefined;
    journal.note(`${of.id} hears progress ${String(count)} of ${String(about)}`);
    if (about !== of.id) return journal.violate('own-answer', `call ${of.id} hears of call ${String(about)}`);
    if (of.isSettled) journal.violate('settles-once', `call ${of.id} hears of its progress after it has settled`);
    if (typeof count !== 'number') return undefined;
    // A call that is sent once more is told of its progress from the beginning.
    if (count <= of.heard && count !== 1)
      journal.violate('order', `call ${of.id} hears of progress ${count} after ${of.heard}`);
    of.heard = count;
    return undefined;
  }
}
