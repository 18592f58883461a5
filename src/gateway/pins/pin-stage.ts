import { messageOf } from '../../errors.js';
import type { ServerEntry } from '../../downstream/server-entry.js';
import type { Listed } from '../../downstream/server-set-api.js';
import { quoted } from '../offer/quoted-text.js';
import { readPins } from './pin-file.js';
import { isApproved, type Pins } from './pin-states.js';
import { type ToolHash, toolHash } from './tool-hash.js';

/** What is known of the lock file: what was approved, or why that cannot be told. */
export type PinKnowledge =
  | { readonly kind: 'pins'; readonly pins: Pins }
  | { readonly kind: 'unusable'; readonly problem: string };

/** Reads the lock file, whatever is wrong with it. */
export async function pinKnowledge(file: string): Promise<PinKnowledge> {
  try {
    return { kind: 'pins', pins: await readPins(file) };
  } catch (error) {
    return { kind: 'unusable', problem: messageOf(error) };
  }
}

/** Changes of one server; one that has changed more often than that is warned of again. */
const mostRemembered = 1_000;

export interface PinStageOptions {
  readonly known: PinKnowledge;
  /** `pin` of the entry of a server. */
  readonly modeOf: (server: string) => ServerEntry['pin'];
  /** Hears a sentence once for each change. */
  readonly warn: (message: string, fields: { readonly server: string; readonly tool?: string }) => void;
}

/**
 * Holds lists of tools to what was approved: under `block` all else is left out, also where the lock file cannot be used;
 * under `warn` it is offered, and warned of.
 */
export class PinStage {
  readonly #options: PinStageOptions;
  #known: PinKnowledge;
  /** What was warned of, by server: tools with their hashes. */
  readonly #told = new Map<string, Set<string>>();
  /** Lists are asked for more often than they change. */
  readonly #hashes = new WeakMap<Listed, ToolHash | undefined>();

  constructor(options: PinStageOptions) {
    this.#options = options;
    this.#known = options.known;
  }

  /** From now on this was approved. */
  use(known: PinKnowledge): void {
    this.#known = known;
    this.#told.clear();
  }

  isOn(server: string): boolean {
    return this.#options.modeOf(server) !== 'off';
  }

  /** The tools of a server, or some of them, that may be offered; in their order. */
  offer(server: string, tools: readonly Listed[]): readonly Listed[] {
    const mode = this.#options.modeOf(server);
    if (mode === 'off') return tools;
    const known = this.#known;
    if (known.kind === 'unusable') {
      this.#tell(server, mode, undefined, known.problem, known.problem);
      return mode === 'block' ? [] : tools;
    }
    const pins = known.pins.get(server);
    return tools.filter((tool) => {
      const hash = this.#hashOf(tool);
      if (isApproved(pins, tool, hash)) return true;
      const name = String(tool['name']);
      const state = pins?.has(name) === true ? 'changed' : 'new';
      const shown = quoted(name);
      this.#tell(server, mode, name, `${shown} ${hash?.hash}`, `tool ${shown} is ${state}`);
      return mode === 'warn';
    });
  }

  /** What an agent is told that calls what is left out. */
  refusal(tool: string, server: string): string {
    return `Tool '${tool}' on server '${server}' is not approved`;
  }

  #hashOf(tool: Listed): ToolHash | undefined {
    if (!this.#hashes.has(tool)) this.#hashes.set(tool, toolHash(tool));
    return this.#hashes.get(tool);
  }

  #tell(server: string, mode: 'warn' | 'block', tool: string | undefined, key: string, text: string): void {
    const told = this.#told.get(server) ?? new Set();
    this.#told.set(server, told);
    if (told.has(key)) return;
    if (told.size >= mostRemembered) told.clear();
    told.add(key);
    const outcome = mode === 'block' ? 'not offered' : 'offered, though not approved';
    this.#options.warn(
      `server ${quoted(server)}: ${text}; ${outcome} (see \`gatechart pins diff\`)`,
      tool === undefined ? { server } : { server, tool },
    );
  }
}
