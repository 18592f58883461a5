import { type ActorRefFrom, fromCallback } from 'xstate';
import { type ListWatchEvent, listWatchMachine } from '../../../../machines/list-watch.machine.js';
import type { Supervisor } from '../../../actors/supervisor.js';
import type { ListKind } from '../../../downstream/server-set-api.js';
import type { McpClient } from '../../../serving/mcp/mcp-service.js';

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
export interface ShownList {
  readonly fingerprint: string;
  /** Gives the fingerprint of what it would be shown now. */
  readonly again: () => Promise<string>;
}

/** The lists that one client has seen. Runs `machines/list-watch.machine.ts`. */
export class ClientLists {
  readonly #client: McpClient;
  readonly #shown = new Map<ListKind, ShownList>();
  readonly #actor: ActorRefFrom<typeof listWatchMachine>;

  constructor(client: McpClient, system: Supervisor) {
    this.#client = client;
    const machine = listWatchMachine.provide({
      actors: {
        lookAtLists: fromCallback<ListWatchEvent>(({ sendBack }) => {
          const lookedAt = (): void => sendBack({ type: 'lists.lookedAt' });
          this.#look().then(lookedAt, lookedAt);
        }),
      },
    });
    this.#actor = system.createNamed(machine, `lists:${client.id}`, { settleMs });
    this.#actor.start();
  }

  saw(kind: ListKind, shown: ShownList): void {
    this.#shown.set(kind, shown);
  }

  changed(): void {
    this.#send({ type: 'offers.changed' });
  }

  /** The client is told nothing any more, and no list is asked for on its behalf. */
  close(): void {
    this.#send({ type: 'close' });
  }

  get #isOpen(): boolean {
    return this.#actor.getSnapshot().status === 'active';
  }

  #send(event: ListWatchEvent): void {
    if (this.#isOpen) this.#actor.send(event);
  }

  async #look(): Promise<void> {
    const told = new Set<string>();
    for (const [kind, shown] of this.#shown) {
      // Sessions of a client that has left are over, and nobody would end new ones.
      if (!this.#isOpen) return;
      const fingerprint = await shown.again().catch(() => shown.fingerprint);
      // The client may have asked meanwhile.
      if (fingerprint === shown.fingerprint || this.#shown.get(kind) !== shown) continue;
      this.#shown.set(kind, { ...shown, fingerprint });
      told.add(notifications[kind]);
    }
    if (this.#isOpen) for (const method of told) this.#client.notify({ method });
  }
}
