import { expect } from 'vitest';
import { isPlainObject } from '../../src/json/records.js';
import type { Json, Outcome } from './host.js';
import type { Side, TransportName } from './transports.js';

/** Where an outcome was observed. */
export interface Place {
  readonly transport: TransportName;
  readonly host: Side;
  readonly server: Side;
  /** Name of the case. */
  readonly example: string;
}

/** A difference that is meant. */
interface Difference {
  /** As on the page. */
  readonly name: string;
  /** How the page begins on it. */
  readonly reason: string;
}

/** A difference in many cases: taken out of all outcomes before they are compared. */
interface Everywhere extends Difference {
  readonly remove: (outcome: Outcome) => Outcome;
}

/** A difference in single cases: the outcomes there are what this says, not what they are elsewhere. */
interface InCases extends Difference {
  readonly examples: readonly string[];
  readonly at: (place: Place) => boolean;
  /** What the outcomes have at least, call by call. */
  readonly outcomes: readonly Json[];
}

/** A difference that no case of this suite meets; something else in it does. */
interface Elsewhere extends Difference {
  /** A file of the suite, and what stands in it. */
  readonly shownBy: { readonly file: string; readonly text: string };
}

const isMcp = ({ transport }: Place): boolean => ['stdio', 'http', 'https', 'http-uds'].includes(transport);
const isHttp = (place: Place): boolean => isMcp(place) && place.transport !== 'stdio';
const isAllTheirs = ({ host, server }: Place): boolean => host === 'theirs' && server === 'theirs';

const everywhere: readonly Everywhere[] = [
  {
    name: 'what goes with a block',
    reason: 'when a plugin blocks, our server answers its metadata and its modification too; theirs drops them.',
    remove: withResult((result) => {
      if (result['continue_processing'] !== false) return result;
      return { ...result, metadata: null, modified_payload: null };
    }),
  },
  {
    name: 'the words of exceptions',
    reason: "an exception crosses the wire as its message, `boom`; theirs as Python writes it, `ValueError('boom')`.",
    remove: ({ error, ...rest }) => {
      if (error === undefined) return rest;
      const message = String(error['message']).replace(/^\w+\('(.*)'\)$/, '$1');
      return { ...rest, error: { ...error, message } };
    },
  },
  {
    name: 'null in answers',
    reason:
      '`metadata` and `details`, and `args`, `metadata` and `parameters` of payloads, are answered as `{}` where they are null, and `denial_metadata` is left out; theirs answers null.',
    remove: withResult(({ metadata, denial_metadata: numbers, violation, modified_payload: payload, ...result }) => ({
      ...result,
      modified_payload: withEmpty(payload),
      metadata: metadata ?? {},
      denial_metadata: numbers ?? null,
      violation: violation && { ...Object(violation), details: Object(violation).details ?? {} },
    })),
  },
  {
    name: 'delays below zero',
    reason: 'they count as none; theirs answers them as they are where a plugin is called by name.',
    remove: withResult((result) => ({ ...result, retry_delay_ms: Math.max(0, Number(result['retry_delay_ms'])) })),
  },
];

const inCases: readonly InCases[] = [
  {
    name: 'details of an error over a Unix socket',
    reason: 'their server leaves them out there, and nowhere else. Ours sends them.',
    examples: ['the plugin raises an error with code and details'],
    at: ({ transport, server }) => transport === 'unix' && server === 'theirs',
    outcomes: [{ error: expect.objectContaining({ code: 'BOOM', mcp_error_code: -32050, details: {} }) }],
  },
  {
    name: 'violations that are thrown',
    reason:
      "they reach the caller in the name of their plugin and in the words of a block; theirs in the words of the exception, in nobody's name and without a denial outcome.",
    examples: ['the plugin throws a violation', 'the plugin throws a violation that says nothing'],
    at: (place) => !isAllTheirs(place),
    outcomes: [
      { error: expect.objectContaining({ message: expect.stringContaining('blocked by plugin Guard') }) },
      { result: expect.objectContaining({ continue_processing: true }) },
    ],
  },
  {
    name: 'integers beyond 2^53 in protobuf',
    reason: 'our host and our server refuse them, with the place where they are; theirs rounds them silently.',
    examples: ['a large number comes back', 'an integer beyond 2^53 comes back'],
    at: (place) => !isMcp(place) && !isAllTheirs(place),
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('beyond 2^53') }) }],
  },
  {
    name: 'values too deep for protobuf',
    reason: 'both refuse them (33 objects or 50 lists in one another); ours says where.',
    examples: ['deeply nested values come back'],
    at: (place) => !isMcp(place) && place.host === 'ours',
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('nested too deeply') }) }],
  },
  {
    name: 'a result that is null over MCP',
    reason:
      'their host leaves null out of the fields of what it sends, and both servers refuse the payload then. Our host sends it.',
    examples: ['the result null is wrapped'],
    at: (place) => isMcp(place) && place.host === 'theirs',
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('result') }) }],
  },
  {
    name: 'nulls inside prompts over MCP',
    reason: 'their host leaves them out too. Our host sends them.',
    examples: ['a null inside a prompt comes back'],
    at: (place) => isMcp(place) && place.host === 'theirs',
    outcomes: [{ result: expect.objectContaining({ modified_payload: { prompt_id: 'p', result: { messages: [] } } }) }],
  },
  {
    name: 'answers of more than 1 MiB over HTTP',
    reason:
      'their host refuses one as an event, and cannot reconnect after it. Ours takes 16 MiB, and fails only the call whose answer is larger.',
    examples: ['a text of half a megabyte comes back'],
    at: (place) => isHttp(place) && place.host === 'theirs',
    outcomes: [{ error: expect.anything() }, {}],
  },
];

const elsewhere: readonly Elsewhere[] = [
  {
    name: 'the payload of a chain that is blocked',
    reason:
      "where the mode is `enforce`, or none is written, ours answers with the blocker's input as modified payload, as 1.0.0 does; `cpex` answers none.",
    shownBy: {
      file: 'modes.test.ts',
      text: 'a block in mode enforce answers what the blocker was given at our host only',
    },
  },
  {
    name: 'errors in mode audit',
    reason:
      '`cpex` raises those of plugins, unless `on_error` says otherwise. Ours logs them, unless `on_error: fail` is written, here or by the server; a server of `cpex` always says it.',
    shownBy: { file: 'modes.test.ts', text: 'A server of theirs always says that errors are raised' },
  },
  {
    name: 'what a host takes from its server',
    reason:
      'ours takes mode, `on_error`, `capabilities`, `max_content_size`, priority, tags, hooks and conditions on every transport, where it does not set them itself. Theirs does on MCP and gRPC; over a Unix socket it takes nothing, so name the `hooks` there.',
    shownBy: { file: 'modes.test.ts', text: 'our host takes what it does not say itself over %s' },
  },
  {
    name: 'the modes of 1.0.0',
    reason:
      '`cpex` reads our `enforce` as `sequential`, `permissive` as `transform`, and `enforce_ignore_error` as `sequential` with `on_error: ignore`. Ours serves a mode as it was written.',
    shownBy: { file: 'modes.test.ts', text: 'their host reads mode %s of our server as %o' },
  },
  {
    name: 'their server over HTTPS',
    reason:
      'it does not start with the uvicorn it installs: `ssl_cert_reqs` is handed on as text. The suite corrects that one value and nothing else.',
    shownBy: { file: 'python/https_server.py', text: 'int(config["ssl_cert_reqs"])' },
  },
  {
    name: 'URLs of loopback addresses',
    reason: 'their host refuses them unless `PLUGINS_SSRF_PROTECTION_ENABLED=false`.',
    shownBy: { file: 'python-host.ts', text: "PLUGINS_SSRF_PROTECTION_ENABLED: 'false'" },
  },
];

/** All of them, in the order in which `docs/reference/compatibility.md` lists them. */
export const differences: readonly (Difference & Partial<Elsewhere>)[] = [...everywhere, ...inCases, ...elsewhere];

/** What the outcomes of a case are at a place, where that is not what they are elsewhere. */
export function meantFor(place: Place): readonly Json[] | undefined {
  return inCases.find(({ examples, at }) => examples.includes(place.example) && at(place))?.outcomes;
}

/** Matches an outcome that has at least this. */
export function matching(outcome: Json): unknown {
  return expect.objectContaining(outcome);
}

/** An outcome without the differences that are everywhere. */
export function normalised(outcome: Outcome): Outcome {
  return everywhere.reduce((left, { remove }) => remove(left), outcome);
}

function withEmpty(payload: unknown): unknown {
  if (!isPlainObject(payload)) return payload;
  const empty = ['args', 'metadata', 'parameters'].filter((name) => payload[name] === null);
  return { ...payload, ...Object.fromEntries(empty.map((name) => [name, {}])) };
}

function withResult(change: (result: Json) => Json): (outcome: Outcome) => Outcome {
  return ({ result, ...rest }) => ({ ...rest, ...(result && { result: change(result) }) });
}
