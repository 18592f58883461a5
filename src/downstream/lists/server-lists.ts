import { messageOf } from '../../errors.js';
import type { Session } from '../sessions/session.js';
import type { ListKind, Listed, ServerList } from '../server-set-api.js';
import type { SetDependencies } from '../set/set-dependencies.js';
import { type Patience, waitPatiently } from './bounded-wait.js';
import { KeptList, type ListReading } from './kept-list.js';
import { listForms, listKinds, listsChangedBy } from './list-kinds.js';
import { readPages } from './list-pages.js';

/** What the lists of a server need of it. */
export interface ListsOwner {
  readonly name: string;
  /** Milliseconds that reading a whole list may take. */
  readonly timeoutMs: () => number;
  /** Whether some session that sends the same along has an open link. */
  isHeard(listKey: string): boolean;
  changed(kind: ListKind): void;
}

/** The lists of one server, by kind and by what was sent along to see them. */
export class ServerLists {
  readonly #owner: ListsOwner;
  readonly #dependencies: SetDependencies;
  readonly #lists = new Map<string, Map<ListKind, KeptList>>();

  constructor(owner: ListsOwner, dependencies: SetDependencies) {
    this.#owner = owner;
    this.#dependencies = dependencies;
  }

  /** The last list, at once; that of callers without credentials, unless another key is given. */
  known(kind: ListKind, listKey = ''): ServerList | undefined {
    return this.#lists.get(listKey)?.get(kind)?.view(!this.#owner.isHeard(listKey));
  }

  /** Whether a list may be wrong, and is not being read. */
  isLeftOutdated(kind: ListKind, listKey: string): boolean {
    const list = this.#lists.get(listKey)?.get(kind);
    return list?.isOutdated === true && list.refreshing === undefined;
  }

  /** Reads a list that somebody waits for; several who ask wait for one. @throws what `ServerSet.list` throws */
  async read(kind: ListKind, session: Session, patience: Patience): Promise<ServerList> {
    const { name } = this.#owner;
    const { listKey } = session.terms;
    const list = this.#list(kind, listKey);
    const work = list.refreshing ?? list.refresh(this.#reading(kind, session));
    await waitPatiently(work, name, `its ${kind} were asked for`, patience, this.#dependencies.deadlines);
    const view = list.view(!this.#owner.isHeard(listKey));
    if (view === undefined) throw new Error(`the ${kind} of ${name} were read and are not there`);
    return view;
  }

  /** Reads what was read before once more; nobody waits for it. */
  refresh(session: Session, kinds: readonly ListKind[] = listKinds): void {
    for (const kind of kinds) {
      const list = this.#lists.get(session.terms.listKey)?.get(kind);
      if (list !== undefined) this.#refreshUnasked(kind, list, session);
    }
  }

  /** A session has a new link. @param isOnly whether no other could have told of changes meanwhile */
  opened(session: Session, isOnly: boolean): void {
    for (const [kind, list] of this.#lists.get(session.terms.listKey) ?? [])
      if (isOnly || list.isOutdated) this.#refreshUnasked(kind, list, session);
  }

  /** The server says something; true if it was about lists. */
  heard(session: Session, method: string): boolean {
    const kinds = listsChangedBy(method);
    this.refresh(session, kinds);
    return kinds.length > 0;
  }

  /** The server is another one, or is reached in another way: what is known of it may be wrong. */
  outdate(): void {
    for (const lists of this.#lists.values()) for (const list of lists.values()) list.outdate();
  }

  /** Nobody has a session any more that sends this along: what was seen with it is forgotten. */
  forget(listKey: string): void {
    if (listKey !== '') this.#lists.delete(listKey);
  }

  #list(kind: ListKind, listKey: string): KeptList {
    const lists = this.#lists.get(listKey) ?? new Map<ListKind, KeptList>();
    this.#lists.set(listKey, lists);
    const known = lists.get(kind);
    if (known !== undefined) return known;
    const { clock } = this.#dependencies;
    const list = new KeptList(
      () => clock.now(),
      () => this.#owner.changed(kind),
    );
    lists.set(kind, list);
    return list;
  }

  #refreshUnasked(kind: ListKind, list: KeptList, session: Session): void {
    const { name } = this.#owner;
    list.refresh(this.#reading(kind, session)).catch((error: unknown) => {
      this.#dependencies.logger.debug(
        { server: name, kind, reason: messageOf(error) },
        `the ${kind} of ${name} could not be read again; what it said last stays`,
      );
    });
  }

  #reading(kind: ListKind, session: Session): ListReading {
    return { via: session, read: (begun) => this.#read(kind, session, begun) };
  }

  async #read(kind: ListKind, session: Session, begun: () => void): Promise<readonly Listed[]> {
    const { clock, logger } = this.#dependencies;
    const { name } = this.#owner;
    const dueAt = clock.now() + this.#owner.timeoutMs();
    // It is not to end between two pages.
    session.hold();
    try {
      await session.connect();
      begun();
      if (session.peer?.capabilities[listForms[kind].capability] === undefined) return [];
      return await readPages(
        name,
        kind,
        (request) => session.request(request, { timeoutMs: Math.max(1, dueAt - clock.now()), replay: 'once' }),
        logger,
      );
    } finally {
      session.letGo();
    }
  }
}
