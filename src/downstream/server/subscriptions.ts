import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { McpLink } from '../../transports/mcp/mcp-messages.js';
import type { CallOptions } from '../../connection/connection-api.js';
import type { DownstreamCaller, Listed } from '../server-set-api.js';
import type { Session } from '../sessions/session.js';

type UpdateListener = (params: Listed) => void;

/** One resource on one session, and who wants to hear of it. */
interface SubscribedResource {
  readonly uri: string;
  readonly sessionKey: string;
  /** Whose session it is, for when that is opened anew. */
  readonly caller: DownstreamCaller;
  readonly listeners: Set<{ readonly tell: UpdateListener }>;
  /** Settles when the server has confirmed it for the first time. */
  confirmed: Promise<unknown>;
  isConfirmed: boolean;
}

/** The sessions that one caller has with the server. */
export interface SessionsOfCaller {
  /** The one that takes its calls, which is made where there is none. @throws GatechartError QUEUE_FULL */
  obtain(): Session;
  /** The same where there is one: whoever only leaves needs no other. */
  find(): Session | undefined;
}

/** The resources of one server that somebody wants to hear of. Each is subscribed to once a session, however many listen. */
export class Subscriptions {
  readonly #name: string;
  readonly #logger: Logger;
  readonly #resources = new Map<string, SubscribedResource>();

  constructor(name: string, logger: Logger) {
    this.#name = name;
    this.#logger = logger;
  }

  /** Who has a subscription. */
  get callers(): readonly DownstreamCaller[] {
    return [...this.#resources.values()].map(({ caller }) => caller);
  }

  has(session: Session): boolean {
    return this.#of(session).length > 0;
  }

  /**
   * @param sessions those of the caller, as they are now
   * @returns what takes the listener off again; settles when the server was told, where it was the last
   * @throws what the request throws
   */
  async add(
    uri: string,
    caller: DownstreamCaller,
    tell: UpdateListener,
    sessions: SessionsOfCaller,
    options: CallOptions,
  ): Promise<() => Promise<void>> {
    const session = sessions.obtain();
    const key = keyOf(session, uri);
    const listener = { tell };
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      const confirmed = session.request({ method: 'resources/subscribe', params: { uri } }, options);
      resource = { uri, sessionKey: session.terms.key, caller, listeners: new Set(), confirmed, isConfirmed: false };
      this.#resources.set(key, resource);
    }
    resource.listeners.add(listener);
    try {
      await resource.confirmed;
      resource.isConfirmed = true;
    } catch (error) {
      this.#remove(key, resource, listener);
      throw error;
    }
    const subscribed = resource;
    return async () => {
      if (!this.#remove(key, subscribed, listener)) return;
      await this.#unsubscribe(sessions.find(), uri, options.timeoutMs);
    };
  }

  /** Subscribes on a new link to what its session had. What the server refuses is logged. */
  async renew(session: Session, link: McpLink, signal: AbortSignal): Promise<void> {
    const resources = this.#of(session).filter(({ isConfirmed }) => isConfirmed);
    await Promise.all(
      resources.map(async ({ uri }) => {
        try {
          await link.request({ method: 'resources/subscribe', params: { uri } }, { signal });
        } catch (error) {
          if (signal.aborted) return;
          this.#warn(uri, `${this.#name} does not take a subscription on its new session`, error);
        }
      }),
    );
  }

  /** A resource was updated. */
  tell(session: Session, params: Listed): void {
    const uri = params['uri'];
    if (typeof uri !== 'string') return;
    for (const { tell } of this.#resources.get(keyOf(session, uri))?.listeners ?? []) tell(params);
  }

  /** Nobody hears anything any more. */
  clear(): void {
    this.#resources.clear();
  }

  /** A client is gone, and with it what it listened to on sessions of its own. */
  forget(sessionKey: string): void {
    for (const [key, resource] of this.#resources) if (resource.sessionKey === sessionKey) this.#resources.delete(key);
  }

  #of(session: Session): readonly SubscribedResource[] {
    if (this.#resources.size === 0) return [];
    return [...this.#resources.values()].filter(({ sessionKey }) => sessionKey === session.terms.key);
  }

  /** True where nobody listens any more. */
  #remove(key: string, resource: SubscribedResource, listener: { readonly tell: UpdateListener }): boolean {
    if (!resource.listeners.delete(listener) || resource.listeners.size > 0) return false;
    if (this.#resources.get(key) === resource) this.#resources.delete(key);
    return true;
  }

  async #unsubscribe(session: Session | undefined, uri: string, timeoutMs: number): Promise<void> {
    // Where there is no link, nothing is subscribed to either.
    if (session?.link === undefined) return;
    try {
      await session.request({ method: 'resources/unsubscribe', params: { uri } }, { timeoutMs });
    } catch (error) {
      this.#warn(uri, `${this.#name} could not be told that nobody listens any more`, error);
    }
  }

  #warn(uri: string, message: string, error: unknown): void {
    this.#logger.warn({ server: this.#name, uri, reason: messageOf(error) }, message);
  }
}

function keyOf({ terms }: Session, uri: string): string {
  return `${terms.key}\n${uri}`;
}
