import type { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { errorAt, warningAt } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { isGiven, type Written } from '../written.js';
import { givenFields } from './given-fields.js';
import { grpcClient, type GrpcClientConfig } from './grpc-client.js';
import { mcpClient, type McpClientConfig } from './mcp-client.js';
import { type RuleContext, under } from './rule-context.js';
import type { TransportSection } from './transport-section.js';
import { unixSocketClient, type UnixSocketClientConfig } from './unix-socket-client.js';

/** The ways to reach an external plugin; an entry has one of these. */
export interface ExternalTransports {
  readonly mcp: McpClientConfig;
  readonly grpc: GrpcClientConfig;
  readonly unixSocket: UnixSocketClientConfig;
}

type Kind = keyof ExternalTransports;
type Sections = { readonly [K in Kind]: Omit<TransportSection<z.ZodType, ExternalTransports[K]>, 'schema' | 'read'> };

/** The list of transports. */
const sections: Sections = { mcp: mcpClient, grpc: grpcClient, unixSocket: unixSocketClient };

/** Their keys in an entry. */
export const transportFields = {
  mcp: mcpClient.schema.nullish(),
  grpc: grpcClient.schema.nullish(),
  unix_socket: unixSocketClient.schema.nullish(),
};

export function readTransports(
  entry: z.output<z.ZodObject<typeof transportFields>>,
  base: PathBase,
): Partial<ExternalTransports> {
  return givenFields<{ [K in Kind]: ExternalTransports[K] | null | undefined }>({
    mcp: entry.mcp && mcpClient.read(entry.mcp, base),
    grpc: entry.grpc && grpcClient.read(entry.grpc, base),
    unixSocket: entry.unix_socket && unixSocketClient.read(entry.unix_socket, base),
  });
}

/** How one plugin is reached, by the name of its settings: a `switch` over `kind` that forgets one does not compile. */
export type ExternalTransport<K extends Kind = Kind> = {
  readonly [P in K]: { readonly kind: P; readonly server: ExternalTransports[P] };
}[K];

const kinds = Object.keys(sections) as Kind[];
const keys = Object.values(sections).map(({ key }) => key);

/** The keys that say how a plugin is reached, as a choice: `mcp, grpc or unix_socket`. */
export const transportChoice = inWords(keys, 'or');

/** How a plugin is reached; undefined for an entry that does not say. The rules let through one of them at most. */
export function transportOf(entry: Partial<ExternalTransports>): ExternalTransport | undefined {
  return kinds.map((kind) => transportAt(kind, entry)).find((transport) => transport !== undefined);
}

function transportAt<K extends Kind>(kind: K, entry: Partial<ExternalTransports>): ExternalTransport<K> | undefined {
  const server: ExternalTransports[K] | undefined = entry[kind];
  return server === undefined ? undefined : { kind, server };
}

/** What holds of the transports of an entry: that there is one where it is needed, and what each of them asks for. */
export function checkTransports(entry: Written, context: RuleContext): void {
  for (const { key, check } of Object.values(sections)) {
    const written = entry[key];
    if (isRecord(written)) check(written, under(context, key), entry);
  }
}

/** That an external plugin is reached in one way, and others in none. */
export function checkTransportCount(entry: Written, { path, report }: RuleContext): void {
  const given = keys.filter((key) => isGiven(entry[key]));
  if (entry['kind'] !== 'external') {
    for (const key of given) {
      report(warningAt([...path, key], `\`${key}\` has no effect; it is for plugins of \`kind: external\``));
    }
    return;
  }
  if (given.length === 0) {
    const quoted = keys.map((key) => `\`${key}\``);
    report(errorAt(path, `an external plugin needs one of ${inWords(quoted, 'and')}, and there is none`));
  }
  for (const key of given.slice(1)) {
    const message = `an external plugin takes one transport, and there is \`${given[0]}\` already`;
    report(errorAt([...path, key], message, 'key'));
  }
}

function inWords(list: readonly string[], conjunction: 'and' | 'or'): string {
  return `${list.slice(0, -1).join(', ')} ${conjunction} ${list.at(-1)}`;
}

/** What hosts are told of an entry's transports: all their keys, null for those that it does not have. */
export function describeTransports(entry: Partial<ExternalTransports>): Record<string, unknown> {
  return Object.fromEntries(kinds.map((kind) => [sections[kind].key, described(kind, entry[kind])]));
}

function described<K extends Kind>(kind: K, server: ExternalTransports[K] | undefined): unknown {
  return server === undefined ? null : sections[kind].describe(server);
}
