import type { Belonging } from './server-messages.js';
import type { OpenRequest, UnansweredRequests } from './unanswered-requests.js';

/** Requests given up that are told apart; of those before them it is only known whose they were. */
const mostGivenUp = 1000;

/** Requests of our own that are about the link alone: nothing that a server says is about them. */
const aboutTheLink: ReadonlySet<string> = new Set(['ping', 'logging/setLevel']);

/** Whose some requests are; without a listener nobody can be asked, so that one of them makes it unclear. */
type Owners =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'one'; readonly owner: object }
  | { readonly kind: 'unclear' };

const nobody: Owners = { kind: 'nobody' };
const unclear: Owners = { kind: 'unclear' };

function joined(owners: Owners, owner: object | undefined): Owners {
  if (owner === undefined) return unclear;
  if (owners.kind === 'nobody') return { kind: 'one', owner };
  return owners.kind === 'one' && owners.owner === owner ? owners : unclear;
}

/**
 * Whose a message is on a link with one channel, where it names no request: it belongs to requests of one owner if every
 * request it could belong to is of that owner. A server need not heed that a request was given up, so that its questions may
 * be about that one too, until its late answer shows that it has ended.
 */
export class ChannelOwners {
  readonly #pending: UnansweredRequests;
  readonly #givenUp = new Map<number, object | undefined>();
  /** Of the requests that are not in the table any more. */
  #forgotten: Owners = nobody;

  constructor(pending: UnansweredRequests) {
    this.#pending = pending;
  }

  /** A request that the server has heard of will have no answer that is heard. */
  gaveUp({ id, message, on }: OpenRequest): void {
    if (aboutTheLink.has(message.method)) return;
    this.#givenUp.set(id, on?.owner);
    if (this.#givenUp.size <= mostGivenUp) return;
    for (const [oldest, owner] of this.#givenUp) {
      this.#givenUp.delete(oldest);
      this.#forgotten = joined(this.#forgotten, owner);
      return;
    }
  }

  /** The answer to a request came after all. */
  answeredLate(id: number | undefined): void {
    if (id !== undefined) this.#givenUp.delete(id);
  }

  belonging(): Belonging {
    let owners = this.#forgotten;
    for (const owner of this.#givenUp.values()) owners = joined(owners, owner);
    if (owners.kind === 'unclear') return { kind: 'none' };
    const open = this.#pending.open().filter(({ message }) => !aboutTheLink.has(message.method));
    for (const { on } of open) owners = joined(owners, on?.owner);
    const listener = open.at(-1)?.on;
    if (owners.kind !== 'one' || listener === undefined) return { kind: 'none' };
    return { kind: 'requests', listener, ids: open.map(({ id }) => id) };
  }
}
