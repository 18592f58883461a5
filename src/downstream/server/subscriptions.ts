import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { McpLink } from '../../transports/mcp/mcp-messages.js';
import type { CallOptions } from '../../connection/connection-api.js';
import type { DownstreamCaller, Listed } from '../server-set-api.js';
import type { Session } from '../sessions/session.js';

type UpdateListener = (params: Listed) => void;

/** One who wants to hear of one resource. */
interface ResourceListener {
  readonly tell: UpdateListener;
  /** Whose session it is to be heard on. */
  readonly caller: DownstreamCaller;
  /** What it listens to: another one once the caller has another session. */
  resource: SubscribedResource;
}

/** One resource on one session, and who wants to hear of it. */
interface SubscribedResource {
  readonly uri: string;
  readonly sessionKey: string;
  readonly listeners: Set<ResourceListener>;
  /** Settles when the server has confirmed it for the first time. */
  readonly confirmed: Promise<unknown>;
  /** Whether new links of its session are told of it; not while the request for it may still wait for one. */
  isRenewed: boolean;
}

/** The sessions that one caller has with the server. */
interface SessionsOfCaller {
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
    return [...this.#resources.values()].flatMap(({ listeners }) => [...listeners].map(({ caller }) => caller));
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
    const sessionKey = session.terms.key;
    let resource = this.#resources.get(keyOf(sessionKey, uri));
    if (resource === undefined) {
      const confirmed = session.request({ method: 'resources/subscribe', params: { uri } }, options);
      resource = { uri, sessionKey, listeners: new Set(), confirmed, isRenewed: false };
      this.#resources.set(keyOf(sessionKey, uri), resource);
    }
    const listener: ResourceListener = { tell, caller, resource };
    resource.listeners.add(listener);
    try {
      await resource.confirmed;
      listener.resource.isRenewed = true;
    } catch (error) {
      this.#remove(listener);
      throw error;
    }
    return async () => {
      if (this.#remove(listener)) await this.#unsubscribe(sessions.find(), uri, options.timeoutMs);
    };
  }

  /** The entry is another one, by which callers may share sessions otherwise: each goes on hearing on that which is its own. */
  move(keyFor: (caller: DownstreamCaller) => string): void {
    const all = [...this.#resources.values()];
    this.#resources.clear();
    for (const { uri, confirmed, listeners } of all) {
      for (const listener of listeners) {
        const sessionKey = keyFor(listener.caller);
        const key = keyOf(sessionKey, uri);
        const known = this.#resources.get(key);
        listener.resource = known ?? { uri, sessionKey, listeners: new Set(), confirmed, isRenewed: true };
        listener.resource.listeners.add(listener);
        this.#resources.set(key, listener.resource);
      }
    }
  }

  /** Subscribes on a new link to what its session had. What the server refuses is logged. */
  async renew(session: Session, link: McpLink, signal: AbortSignal): Promise<void> {
    const resources = this.#of(session).filter(({ isRenewed }) => isRenewed);
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
    for (const { tell } of this.#resources.get(keyOf(session.terms.key, uri))?.listeners ?? []) tell(params);
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
  #remove(listener: ResourceListener): boolean {
    const { resource } = listener;
    if (!resource.listeners.delete(listener) || resource.listeners.size > 0) return false;
    const key = keyOf(resource.sessionKey, resource.uri);
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

function keyOf(sessionKey: string, uri: string): string {
  return `${sessionKey}\n${uri}`;
}
