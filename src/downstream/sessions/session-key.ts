import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { ServerEntry } from '../server-entry.js';
import type { DownstreamCaller } from '../server-set-api.js';

/** Whose session it is, and what it is opened with. */
export interface SessionTerms {
  /** Callers with equal keys share a session. Holds credentials: never shown. */
  readonly key: string;
  /** It is for one call, and nobody else gets it. */
  readonly isSingle: boolean;
  /** The client whose own it is; undefined where several may have it. */
  readonly client: { readonly id: string } | undefined;
  readonly agent: string | undefined;
  readonly credentials: string | undefined;
  /** Of the caller's request, those that the entry forwards. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the server is told that it can ask. */
  readonly capabilities: ClientCapabilities;
  /** What tells the lists of one session from those of another: what was sent along to see them. */
  readonly listKey: string;
}

/**
 * A session that several clients may have declares all that any of them may be able to answer: a question that its own
 * client cannot answer is refused when it is asked.
 */
const anyClient: ClientCapabilities = { elicitation: { form: {}, url: {} }, sampling: {} };

/** The terms of sessions that are the same for every caller, by the entry that says so. */
const common = new WeakMap<ServerEntry, SessionTerms>();

/** The terms under which a caller gets a session of a server. */
export function sessionTerms(entry: ServerEntry, caller: DownstreamCaller): SessionTerms {
  const isCommon =
    entry.isolation === 'shared' && entry.forwardHeaders.length === 0 && caller.credentials === undefined;
  if (!isCommon) return termsOf(entry, caller);
  const known = common.get(entry);
  if (known !== undefined) return known;
  const terms = termsOf(entry, caller);
  common.set(entry, terms);
  return terms;
}

function termsOf(entry: ServerEntry, caller: DownstreamCaller): SessionTerms {
  const { isolation } = entry;
  const isOwn = isolation === 'per-client' || isolation === 'per-call';
  const headers = forwardedHeaders(entry, caller);
  const credentials = caller.credentials ?? '';
  const capabilities = declared(entry, isOwn ? (caller.capabilities ?? {}) : anyClient);
  const agent = isolation === 'per-agent' ? caller.agent : undefined;
  const client = isOwn ? caller.client : undefined;
  const sent = [credentials, Object.entries(headers)];
  return {
    key: JSON.stringify([isolation, agent ?? null, client?.id ?? null, isOwn ? capabilities : null, sent]),
    isSingle: isolation === 'per-call',
    client,
    agent,
    credentials: caller.credentials,
    headers,
    capabilities,
    listKey: credentials === '' && Object.keys(headers).length === 0 ? '' : JSON.stringify(sent),
  };
}

/** Roots that stand in the entry are those of every session; else only a client of its own can tell them. */
function declared({ roots }: ServerEntry, client: ClientCapabilities): ClientCapabilities {
  const { elicitation, sampling, roots: own } = client;
  return {
    ...(elicitation === undefined ? {} : { elicitation }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(roots !== undefined ? { roots: {} } : own === undefined ? {} : { roots: own }),
  };
}

function forwardedHeaders({ forwardHeaders }: ServerEntry, { headers = {} }: DownstreamCaller): Record<string, string> {
  if (forwardHeaders.length === 0) return {};
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const forwarded: Record<string, string> = {};
  for (const name of [...forwardHeaders].sort()) {
    const value = given.get(name.toLowerCase());
    if (value !== undefined) forwarded[name.toLowerCase()] = value;
  }
  return forwarded;
}
