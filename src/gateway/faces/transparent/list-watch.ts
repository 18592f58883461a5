import type { ListKind } from '../../../downstream/server-set-api.js';
import type { McpClient } from '../../../serving/mcp/mcp-service.js';
import type { Clock, TimerHandle } from '../../../time/clock.js';

/** Milliseconds in which several changes count as one. */
const settleMs = 50;

const notifications: Readonly<Record<ListKind, string>> = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
  // A client learns of both from the same.
  resourceTemplates: 'notifications/resources/list_changed',
};

/** What a client was shown last. */
interface Shown {
  readonly fingerprint: string;
  /** Gives the fingerprint of what it would be shown now. */
  readonly again: () => Promise<string>;
}

/** Tells clients that a list has changed that they have seen: once a change, and only if it is another list for them. */
export class ListWatch {
  readonly #clock: Clock;
  readonly #shown = new Map<McpClient, Map<ListKind, Shown>>();
  #isClosed = false;
  #timer: TimerHandle | undefined;
  /** A server may take its time: what changes until it has answered is looked at then. */
  #isLooking = false;
  #isOutdated = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  saw(client: McpClient, kind: ListKind, shown: Shown): void {
    const kinds = this.#shown.get(client) ?? new Map<ListKind, Shown>();
    this.#shown.set(client, kinds);
    kinds.set(kind, shown);
  }

  clientGone(client: McpClient): void {
    this.#shown.delete(client);
  }

  /** Something has changed. */
  changed(): void {
    if (this.#isClosed) return;
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#isLooking) this.#isOutdated = true;
      else void this.#look();
    }, settleMs);
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#isClosed = true;
    this.#shown.clear();
  }

  /** Clients are looked after side by side: none waits for the servers of another. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#isOutdated = false;
    await Promise.all([...this.#shown].map(([client, kinds]) => this.#tell(client, kinds)));
    this.#isLooking = false;
    if (this.#isOutdated) this.changed();
  }

  async #tell(client: McpClient, kinds: Map<ListKind, Shown>): Promise<void> {
    const told = new Set<string>();
    for (const [kind, shown] of kinds) {
      // Nothing is asked for who has left: sessions of its own are over, and nobody would end new ones.
      if (this.#shown.get(client) !== kinds) return;
      const fingerprint = await shown.again().catch(() => shown.fingerprint);
      // It may have asked meanwhile, or left.
      if (fingerprint === shown.fingerprint || this.#shown.get(client)?.get(kind) !== shown) continue;
      kinds.set(kind, { ...shown, fingerprint });
      told.add(notifications[kind]);
    }
    if (this.#shown.get(client) === kinds) for (const method of told) client.notify({ method });
  }
}
