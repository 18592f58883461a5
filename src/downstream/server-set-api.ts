import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { McpPeer, McpRequest, McpResponse } from '../transports/mcp/mcp-messages.js';
import type { CallListener } from '../transports/transport.js';
import type { ServerEntry } from './server-entry.js';
import type { ServersInput } from './servers-file/servers-input.js';

/** Whoever a call is made for. What is left out is the same for all who leave it out. */
export interface DownstreamCaller {
  /** One client of ours, for as long as it is connected; its sessions end with {@link ServerSet.clientGone}. */
  readonly client?: { readonly id: string };
  readonly agent?: string;
  /** Tells the credentials of one caller from those of another. A session that was opened with some is never shared. */
  readonly credentials?: string;
  /** Headers that came with the call; those that the entry forwards are sent on. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the client can be asked, for sessions of its own. */
  readonly capabilities?: ClientCapabilities;
  /** Answers what a server asks outside of every call on a session of this client's own. */
  readonly ask?: CallListener['ask'];
}

/** How one call to a server behind us is made. */
export interface DownstreamOptions {
  readonly caller?: DownstreamCaller;
  readonly signal?: CancelSignal;
  /** Milliseconds from now; default: the entry's. */
  readonly timeoutMs?: number;
  /** Milliseconds for opening a session, if there is none; default: the entry's. */
  readonly connectTimeoutMs?: number;
  readonly on?: CallListener;
}

/** What servers list. */
export type ListKind = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

/** One thing that a server lists, as it gave it. */
export type Listed = Readonly<Record<string, unknown>>;

/** A list of a server, whole. */
export interface ServerList {
  /** In the order in which the server gave them. */
  readonly items: readonly Listed[];
  /** The server is away, or could not be asked: this is what it said last. */
  readonly isStale: boolean;
  /** When it was asked, on the clock of the set. */
  readonly asOf: number;
}

/** What changed of a server. Told after the new list is there. */
export interface ServerChange {
  readonly server: string;
  readonly kind: ListKind | 'state';
  /** A session has ended, and was open for so many milliseconds. */
  readonly sessionMs?: number;
}

/** Where a server is, and why. Never holds a secret. */
export interface ServerStatus {
  readonly name: string;
  readonly description: string | undefined;
  /** `unusable` for a broken entry, `asleep` without a session, else the state of its connection: `ready.stable`. */
  readonly state: string;
  /** Milliseconds since it is in that state. */
  readonly sinceMs: number;
  readonly lastError: string | undefined;
  readonly attempts: number;
  readonly nextTimerInMs: number | undefined;
  /** Undefined until it was asked for its tools once. */
  readonly tools: number | undefined;
  readonly inFlight: number;
  readonly waiting: number;
  readonly sessions: number;
  readonly sessionAgeMs: number | undefined;
  readonly login: string | undefined;
  readonly target: string;
  readonly restarts: number;
}

/** One thing that can happen to a server next. */
export interface NextStep {
  readonly event: string;
  /** Undefined: it asks for nothing. */
  readonly guard: string | undefined;
  /** Whether the event would bring this about now, of all that it could; undefined: it depends on the event. */
  readonly holds: boolean | undefined;
  readonly target: string;
  readonly actions: readonly string[];
  readonly dueInMs: number | undefined;
}

/** Why a server is where it is, and what can happen to it next. */
export interface ServerExplanation {
  readonly status: ServerStatus;
  /** The sentence that describes each state on the way: outermost first. */
  readonly path: readonly { readonly state: string; readonly description: string }[];
  readonly next: readonly NextStep[];
}

/** What a reload did. */
export interface ServersReload {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly broken: readonly string[];
}

/** The MCP servers behind us. */
export interface ServerSet extends AsyncDisposable {
  /** All names in the order of the file, also of those that cannot be used. */
  names(): readonly string[];
  entry(server: string): ServerEntry | undefined;
  /**
   * Sends one request to a server and gives back the `result` of its answer as it came.
   *
   * @throws GatechartError SERVER_NOT_FOUND, SERVER_UNAVAILABLE, LOGIN_NEEDED, CALL_TIMEOUT, CALL_CANCELLED, CALL_REFUSED (`cause`: the
   * LinkError with the server's code and data), CALL_OUTCOME_UNKNOWN, MESSAGE_TOO_LARGE, QUEUE_FULL, SESSION_LOST, CONNECTION_CLOSED
   */
  request(server: string, request: McpRequest, options?: DownstreamOptions): Promise<McpResponse>;
  /** `tools/call`; also decides by the entry whether it is replayed. Else as {@link request}. */
  callTool(
    server: string,
    call: { readonly name: string; readonly arguments?: Listed; readonly _meta?: Listed },
    options?: DownstreamOptions,
  ): Promise<McpResponse>;
  /**
   * A list of a server: kept, refreshed when the server says that it changed, after each new session, and after a reload.
   * While it sleeps or is away the last one is given, marked stale.
   *
   * @throws what {@link request} throws, where there never was a list
   */
  list(server: string, kind: ListKind, options?: DownstreamOptions): Promise<ServerList>;
  /** The last list, at once; undefined where there never was one. */
  known(server: string, kind: ListKind): ServerList | undefined;
  /** Who the server said it is, of its newest session. */
  peer(server: string): McpPeer | undefined;
  /** Hears `notifications/resources/updated` of one resource; settles when the server has confirmed. Subscribes again on new sessions. */
  subscribe(
    server: string,
    uri: string,
    listener: (params: Listed) => void,
    options?: DownstreamOptions,
  ): Promise<Subscription>;
  /** Sets the least severe log messages that any client wants of the servers. */
  setLogLevel(level: string): void;
  /**
   * Hears what servers say that belongs to no call: log messages, and what is not known. Lists and updates are not told. What
   * came on a session of one client's own is told with that client, and is for nobody else; undefined: it is for all.
   */
  onNotification(
    listener: (
      server: string,
      notification: { readonly method: string; readonly params?: Listed },
      client: { readonly id: string } | undefined,
    ) => void,
  ): () => void;
  onChange(listener: (change: ServerChange) => void): () => void;
  /** Tells the sessions of a client's own what the client says unasked: that its roots have changed. */
  clientSaid(client: { readonly id: string }, notification: { readonly method: string }): void;
  /** A client is gone: its sessions end. */
  clientGone(client: { readonly id: string }): void;
  status(): readonly ServerStatus[];
  explain(server: string): ServerExplanation;
  /** Reads the file again, or takes what is given, and puts it in force. Unchanged servers keep sessions and calls. */
  reload(servers?: string | URL | ServersInput): Promise<ServersReload>;
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** What hears of the updates of one resource, until it ends. */
export interface Subscription {
  /** Settles when the server was told, where nobody else listens. Never rejects; may be called more than once. */
  end(): Promise<void>;
}
