import type { ServerEntry } from '../../downstream/server-entry.js';
import { readServers, type ReadServersOptions } from '../../downstream/servers-file/read-servers.js';
import { toolFilter } from '../../gateway/filters/tool-filter.js';
import { readRules } from '../../gateway/rules/read-rules.js';
import type { Rules } from '../../gateway/rules/rules.js';
import { harmlessTool } from './server-words.js';
import type { SimulatedCall } from './simulated-call.js';
import type { ServersInput } from '../../downstream/servers-file/servers-input.js';
import type { RulesInput } from '../../gateway/rules/rules-input.js';

type Entries = ReadonlyMap<string, ServerEntry>;

/** Since when a call may have been held against rules and entries. */
export type AdmittedSince = SimulatedCall['since'];

/**
 * All rules and entries that were in force, and which of them a call may have been held against: what is reloaded while it
 * is under way counts for it, or does not.
 */
export class Admissions {
  readonly #rules: (Rules | undefined)[] = [];
  readonly #entries: Entries[] = [];
  /** The oldest entries that may be in force still. */
  #oldest = 0;

  ruled(source: RulesInput | undefined): void {
    this.#rules.push(source === undefined ? undefined : readRules(source).rules);
  }

  /** Other servers are about to be in force. @returns what is called when they are */
  served(source: ServersInput, options: ReadServersOptions): () => void {
    const { entries } = readServers(source, options);
    this.#entries.push(new Map(entries.map((entry) => [entry.name, entry])));
    const index = this.#entries.length - 1;
    return () => {
      this.#oldest = Math.max(this.#oldest, index);
    };
  }

  now(): AdmittedSince {
    return { rules: this.#rules.length - 1, entries: this.#oldest };
  }

  /** Why a call must not reach its server; undefined where it may. */
  refusal({ agent, server, tool, since }: SimulatedCall): string | undefined {
    const rules = this.#rules.slice(since.rules);
    if (!rules.some((one) => one === undefined || one.tool(agent, server, tool).allowed))
      return `the rules do not let ${agent} use it`;
    const entries = this.#of(server, since.entries);
    if (entries.length === 0) return 'there is no such server';
    if (!entries.some(({ tools }) => toolFilter(tools)(tool))) return 'the entry of the server does not let it through';
    return undefined;
  }

  /** How often one request of a call may be executed. */
  executions({ server, tool, since }: SimulatedCall): number {
    const replays = this.#of(server, since.entries).some(
      ({ replay, trustAnnotations }) =>
        (typeof replay === 'string' ? replay === 'once' : replay.includes(tool)) ||
        (trustAnnotations && tool === harmlessTool),
    );
    return replays ? 2 : 1;
  }

  /** Calls that may be in flight to a server; a server that was taken away and is back has a limit of its own beside the old. */
  mostConcurrent(server: string): number {
    const times = this.#entries.reduce((sum, entries) => sum + (entries.has(server) ? 0 : 1), 1);
    return times * Math.max(...this.#of(server, 0).map(({ maxConcurrent }) => maxConcurrent), 0);
  }

  /** The longest time that a call of any server may take. */
  get longestMs(): number {
    const entries = this.#entries.slice(this.#oldest).flatMap((one) => [...one.values()]);
    return Math.max(...entries.map(({ timeoutMs }) => timeoutMs), unknownServerMs);
  }

  /** The longest time that a call of one server may take. */
  timeoutOf(server: string): number {
    return Math.max(...this.#of(server, this.#oldest).map(({ timeoutMs }) => timeoutMs), 0) || unknownServerMs;
  }

  #of(server: string, from: number): ServerEntry[] {
    return this.#entries.slice(from).flatMap((entries) => entries.get(server) ?? []);
  }
}

/** Milliseconds that a call to a server without an entry may take. */
const unknownServerMs = 1_000;
