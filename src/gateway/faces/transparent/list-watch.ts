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
  #timer: TimerHandle | undefined;
  #looking: Promise<void> | undefined;

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
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look();
    }, settleMs);
  }

  /** Settles when nobody is told anything any more. */
  async close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    this.#shown.clear();
    await this.#looking;
  }

  async #look(): Promise<void> {
    for (const [client, kinds] of this.#shown) {
      const told = new Set<string>();
      for (const [kind, shown] of kinds) {
        const fingerprint = await shown.again().catch(() => shown.fingerprint);
        // It may have asked meanwhile, or left.
        if (fingerprint === shown.fingerprint || this.#shown.get(client)?.get(kind) !== shown) continue;
        kinds.set(kind, { ...shown, fingerprint });
        told.add(notifications[kind]);
      }
      for (const method of told) client.notify({ method });
    }
  }
}
