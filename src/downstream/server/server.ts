import type { McpNotification, McpLink, McpPeer, McpRequest, McpResponse } from '../../transports/mcp/mcp-messages.js';
import type { Patience } from '../lists/bounded-wait.js';
import { ServerLists } from '../lists/server-lists.js';
import type { ServerEntry } from '../server-entry.js';
import type {
  DownstreamCaller,
  DownstreamOptions,
  Listed,
  ListKind,
  ServerChange,
  ServerList,
  Subscription,
} from '../server-set-api.js';
import { nothingToListenTo } from '../sessions/server-errors.js';
import type { Session } from '../sessions/session.js';
import { sessionTerms } from '../sessions/session-key.js';
import { SessionTable } from '../sessions/session-table.js';
import type { SetDependencies } from '../set/set-dependencies.js';
import { replayOfRequest, replayOfTool } from './call-replay.js';
import type { LogLevel } from './log-level.js';
import { callOptions } from './call-options.js';
import { ServerCalls } from './server-calls.js';
import { taken } from './preparation.js';
import type { ServerListeners } from './server-listeners.js';
import { answerQuestion } from './server-questions.js';
import { Subscriptions } from './subscriptions.js';

const nobody: DownstreamCaller = {};

/** One server behind us, for as long as there is an entry of its name: its sessions, its lists, who listens to it. */
export class Server {
  readonly name: string;
  readonly sessions: SessionTable;
  readonly #dependencies: SetDependencies;
  readonly #listeners: ServerListeners;
  readonly #lists: ServerLists;
  readonly #calls: ServerCalls;
  readonly #subscriptions: Subscriptions;
  readonly #logLevel: LogLevel;
  #entry: ServerEntry;
  #peer: McpPeer | undefined;
  readonly #since: number;
  /** Callers whose sessions were open when the entry was replaced. */
  readonly #wanted: DownstreamCaller[] = [];

  constructor(entry: ServerEntry, dependencies: SetDependencies, listeners: ServerListeners, logLevel: LogLevel) {
    const { name } = entry;
    this.name = name;
    this.#entry = entry;
    this.#since = dependencies.clock.now();
    this.#dependencies = dependencies;
    this.#listeners = listeners;
    this.#logLevel = logLevel;
    this.#subscriptions = new Subscriptions(name, dependencies.logger);
    this.#lists = new ServerLists(
      {
        name,
        timeoutMs: () => this.#entry.timeoutMs,
        isHeard: (listKey) => this.#isHeard(listKey),
        changed: (kind) => this.#tell(kind),
      },
      dependencies,
    );
    this.sessions = new SessionTable(
      {
        prepare: (session, link, signal) => this.#prepare(session, link, signal),
        ask: (session, question, signal) => answerQuestion(this.#entry, session, question, signal),
        heard: (session, notification) => this.#heard(session, notification),
        opened: (session, link) => this.#opened(session, link),
        linkEnded: (_session, sessionMs) => listeners.changes.tell({ server: name, kind: 'state', sessionMs }),
        stateChanged: () => this.#tell('state'),
        isListenedTo: (session) => this.#subscriptions.has(session),
        retired: ({ terms }) => this.#forgetUnseen(terms.listKey),
      },
      dependencies,
    );
    const retire = (session: Session): void => this.sessions.retire(session, 0);
    this.#calls = new ServerCalls({ entry: () => this.#entry, sessions: this.sessions, retire }, dependencies);
  }

  get entry(): ServerEntry {
    return this.#entry;
  }

  get peer(): McpPeer | undefined {
    return this.#peer;
  }

  /** Milliseconds since there is an entry of its name. */
  get ageMs(): number {
    return this.#dependencies.clock.now() - this.#since;
  }

  /** Calls that are under way, and calls that wait for others to end. */
  get calls(): { readonly inside: number; readonly waiting: number } {
    return this.#calls.counts;
  }

  request(request: McpRequest, options: DownstreamOptions): Promise<McpResponse> {
    return this.#calls.send(request, options, replayOfRequest(this.#entry));
  }

  callTool(
    call: { readonly name: string; readonly arguments?: Listed; readonly _meta?: Listed },
    options: DownstreamOptions,
  ): Promise<McpResponse> {
    const replay = replayOfTool(this.#entry, call.name, () => this.#lists.known('tools'));
    return this.#calls.send({ method: 'tools/call', params: { ...call } }, options, replay);
  }

  known(kind: ListKind): ServerList | undefined {
    return this.#lists.known(kind);
  }

  async list(kind: ListKind, { caller = nobody, signal, timeoutMs }: DownstreamOptions): Promise<ServerList> {
    const known = this.#lists.known(kind, sessionTerms(this.#entry, caller).listKey);
    if (known !== undefined) {
      if (known.isStale) this.#tryAgain(kind, caller);
      return known;
    }
    return this.#read(kind, caller, { signal, timeoutMs: timeoutMs ?? this.#entry.timeoutMs });
  }

  async subscribe(uri: string, listener: (params: Listed) => void, options: DownstreamOptions): Promise<Subscription> {
    const { caller = nobody } = options;
    if (this.#entry.isolation === 'per-call') throw nothingToListenTo(this.name);
    const sessions = {
      obtain: () => this.sessions.obtain(this.#entry, caller),
      find: () => this.sessions.find(this.#entry, caller),
    };
    const given = callOptions(this.#entry, options, 'never');
    const end = await this.#subscriptions.add(uri, caller, listener, sessions, given);
    return { end };
  }

  /** Opens the session of callers that say nothing of themselves, and reads its tools ahead. Nobody waits for it. */
  wake(): void {
    this.#read('tools', nobody).catch(ignore);
  }

  clientSaid(client: { readonly id: string }, notification: McpNotification): void {
    for (const { terms, link } of this.sessions.serving) if (terms.client?.id === client.id) link?.notify(notification);
  }

  clientGone(client: { readonly id: string }): void {
    for (const session of this.sessions.serving) {
      if (session.terms.client?.id !== client.id) continue;
      this.#subscriptions.forget(session.terms.key);
      this.sessions.retire(session, this.#dependencies.drainMs);
    }
  }

  /** Goes on with the same sessions under an entry that differs in nothing that they are made of. */
  adopt(entry: ServerEntry): void {
    this.#entry = entry;
    this.#calls.limit(entry.maxConcurrent);
  }

  /** From now on calls go to sessions under another entry; those under way end on the old ones. */
  replace(entry: ServerEntry): void {
    const open = this.sessions.serving.filter(({ link }) => link !== undefined);
    this.#wanted.push(...open.map(({ caller }) => caller), ...this.#subscriptions.callers);
    this.adopt(entry);
    this.#subscriptions.move((caller) => sessionTerms(entry, caller).key);
    this.#lists.outdate();
    this.sessions.retireAll(this.#dependencies.drainMs);
  }

  /** Opens sessions in the place of those that were open when the entry was replaced. */
  reopen(): void {
    const wanted = this.#wanted.splice(0);
    if (this.#entry.isolation === 'per-call') return;
    for (const caller of wanted) this.#open(caller).catch(ignore);
  }

  /** There is no entry any more, or nobody wants servers any more. */
  retire(drainMs: number): void {
    this.#subscriptions.clear();
    this.sessions.close(drainMs);
  }

  /** A server that is away is found again by whoever wants something of it, and a list that is known is something. */
  #tryAgain(kind: ListKind, caller: DownstreamCaller): void {
    const { listKey } = sessionTerms(this.#entry, caller);
    const session = this.sessions.find(this.#entry, caller);
    if (session?.status().state === 'failed.rested') this.#lists.refresh(session);
    // Where there is no session, nobody would ever read again what another entry may have made wrong.
    if (session === undefined && this.#lists.isLeftOutdated(kind, listKey)) this.#read(kind, caller).catch(ignore);
  }

  async #read(kind: ListKind, caller: DownstreamCaller, patience?: Patience): Promise<ServerList> {
    const session = this.sessions.obtain(this.#entry, caller);
    try {
      return await this.#lists.read(kind, session, patience ?? { timeoutMs: this.#entry.timeoutMs });
    } finally {
      if (session.terms.isSingle) this.sessions.retire(session, this.#dependencies.drainMs);
    }
  }

  async #open(caller: DownstreamCaller): Promise<void> {
    await this.sessions.obtain(this.#entry, caller).connect();
  }

  async #prepare(session: Session, link: McpLink, signal: AbortSignal): Promise<void> {
    link.onNotification((notification) => this.#heard(session, notification));
    link.answerWith((question, cancelled) => answerQuestion(this.#entry, session, question, cancelled));
    const leveled = this.#logLevel.tell(link.peer, (request) => link.request(request, { signal }));
    const renewed = this.#subscriptions.renew(session, link, signal);
    await taken(Promise.all([leveled, renewed]), this.#entry, this.#dependencies);
  }

  #opened(session: Session, link: McpLink): void {
    this.#peer = link.peer;
    const { listKey } = session.terms;
    const others = this.sessions.serving.filter((one) => one !== session && one.terms.listKey === listKey);
    if (!session.terms.isSingle)
      this.#lists.opened(
        session,
        others.every((one) => one.link === undefined),
      );
    this.#tell('state');
  }

  #heard(session: Session, notification: { readonly method: string; readonly params?: Listed }): void {
    const { method, params = {} } = notification;
    if (this.#lists.heard(session, method)) return;
    if (method === 'notifications/resources/updated') this.#subscriptions.tell(session, params);
    else this.#listeners.sayings.tell({ server: this.name, notification, client: session.terms.client });
  }

  #isHeard(listKey: string): boolean {
    for (const { terms, link } of this.sessions.serving)
      if (terms.listKey === listKey && link !== undefined) return true;
    return false;
  }

  #forgetUnseen(listKey: string): void {
    for (const one of this.sessions.serving) if (one.terms.listKey === listKey) return;
    this.#lists.forget(listKey);
  }

  #tell(kind: ServerChange['kind']): void {
    this.#listeners.changes.tell({ server: this.name, kind });
  }
}

/** Nobody waits for it: what the server says of itself is in the log, and in its status. */
function ignore(): void {}
