import { expect } from 'vitest';
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

/** A difference that is meant; `docs/reference/compatibility.md` lists them in the same order. */
interface Difference {
  readonly name: string;
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

const isMcp = ({ transport }: Place): boolean => ['stdio', 'http', 'https', 'http-uds'].includes(transport);
const isHttp = (place: Place): boolean => isMcp(place) && place.transport !== 'stdio';
const isAllTheirs = ({ host, server }: Place): boolean => host === 'theirs' && server === 'theirs';

const everywhere: readonly Everywhere[] = [
  {
    name: 'fields of cpex',
    reason: 'The contract of 1.0.0 does not have executions, modified_extensions and denial_metadata.',
    remove: withResult(({ executions: _, modified_extensions: _2, denial_metadata: _3, ...result }) => result),
  },
  {
    name: 'what goes with a block',
    reason:
      'Theirs drops metadata and modification of a plugin that blocks; the host whose mode lets it pass needs them.',
    remove: withResult((result) => {
      if (result['continue_processing'] !== false) return result;
      return { ...result, metadata: null, modified_payload: null };
    }),
  },
  {
    name: 'the words of exceptions',
    reason: "Python's repr of an exception and JavaScript's message.",
    remove: ({ error, ...rest }) => {
      if (error === undefined) return rest;
      const message = String(error['message']).replace(/^\w+\('(.*)'\)$/, '$1');
      return { ...rest, error: { ...error, message } };
    },
  },
];

const inCases: readonly InCases[] = [
  {
    name: 'integers beyond 2^53 in protobuf',
    reason: 'They are refused where a number type cannot tell whether they have lost digits.',
    examples: ['a large number comes back', 'an integer beyond 2^53 comes back'],
    at: (place) => !isMcp(place) && !isAllTheirs(place),
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('beyond 2^53') }) }],
  },
  {
    name: 'values too deep for protobuf',
    reason: 'Both refuse them; ours says how deep a value may be, and where it was.',
    examples: ['deeply nested values come back'],
    at: (place) => !isMcp(place) && place.host === 'ours',
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('nested too deeply') }) }],
  },
  {
    name: 'a result that is null over MCP',
    reason: 'Their host leaves null out of what it sends, so that the payload has no result for either server.',
    examples: ['the result null is wrapped'],
    at: (place) => isMcp(place) && place.host === 'theirs',
    outcomes: [{ error: expect.objectContaining({ message: expect.stringContaining('result') }) }],
  },
  {
    name: 'nulls inside prompts over MCP',
    reason: 'Their host leaves them out too.',
    examples: ['a null inside a prompt comes back'],
    at: (place) => isMcp(place) && place.host === 'theirs',
    outcomes: [{ result: expect.objectContaining({ modified_payload: { prompt_id: 'p', result: { messages: [] } } }) }],
  },
  {
    name: 'answers of more than 1 MiB over HTTP',
    reason: 'Their host refuses such an event and cannot reconnect from there; ours takes 16 MiB.',
    examples: ['a text of half a megabyte comes back'],
    at: (place) => isHttp(place) && place.host === 'theirs',
    outcomes: [{ error: expect.anything() }, {}],
  },
  {
    name: 'details of an error over a Unix socket',
    reason: 'Their server leaves them out, over a Unix socket only.',
    examples: ['the plugin raises an error with code and details'],
    at: ({ transport, server }) => transport === 'unix' && server === 'theirs',
    outcomes: [{ error: expect.objectContaining({ code: 'BOOM', mcp_error_code: -32050, details: {} }) }],
  },
];

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

function withResult(change: (result: Json) => Json): (outcome: Outcome) => Outcome {
  return ({ result, ...rest }) => ({ ...rest, ...(result && { result: change(result) }) });
}
