import { apply, modified, type Plain, writtenKey } from './chain-acts.js';
import type { Standing } from './chain-rights.js';
import { type Act, type Answer, type Scenario, timeoutMs, type Write } from './chain-scenario.js';

/** What a plugin saw when it was started, and whether its signal has aborted. */
export interface Sight {
  readonly plugin: string;
  /** Milliseconds after the hook was invoked. */
  readonly at: number;
  readonly payload: unknown;
  readonly global: Plain;
  readonly local: Plain;
  aborted: boolean;
}

/** One plugin of a chain, with what it does in this round. */
export interface Step {
  readonly name: string;
  readonly standing: Standing;
  readonly act: Act;
}

/** How a plugin's turn ended, in the light of what it may do. */
export type Ending =
  | { readonly kind: 'passes' | 'blocks'; readonly answer: Answer }
  /** It threw its violation, or its answer cannot be read and may have been a stop. */
  | { readonly kind: 'denies'; readonly code: string }
  | { readonly kind: 'fails'; readonly code: string };

/** A plugin at work: its own draft of the global state and of its notes, and the instant it ends. */
export class Turn {
  readonly endsAt: number;
  /** It answers before anybody else can be heard. */
  readonly isAtOnce: boolean;
  readonly sight: Sight;
  readonly #global: Plain;
  readonly #written = new Set<string>();
  readonly #isLate: boolean;

  /** @param notes are written to as the plugin goes on */
  constructor(
    readonly step: Step,
    readonly payload: unknown,
    global: Plain,
    readonly notes: Plain,
    readonly startsAt: number,
  ) {
    const { takes } = step.act;
    this.isAtOnce = takes === 'sync';
    const needs = takes === 'sync' ? 0 : (takes ?? Infinity);
    this.#isLate = needs > timeoutMs;
    this.endsAt = startsAt + Math.min(needs, timeoutMs);
    this.#global = structuredClone(global);
    this.sight = {
      plugin: step.name,
      at: startsAt,
      payload,
      global: structuredClone(global),
      local: structuredClone(notes),
      aborted: false,
    };
    this.#write(step.act.writes);
  }

  abort(): void {
    this.sight.aborted = true;
  }

  /** Lets it come to its end. */
  end({ hook, policy }: Scenario): Ending {
    const { act, standing } = this.step;
    if (this.#isLate) {
      this.abort();
      return { kind: 'fails', code: 'PLUGIN_TIMEOUT' };
    }
    this.#write(act.lastWrites);
    switch (act.end.kind) {
      case 'throws':
        return { kind: 'fails', code: 'PLUGIN_FAILED' };
      case 'denies':
        return { kind: 'denies', code: 'PLUGIN_VIOLATION' };
      case 'malformed':
        return { kind: standing.may('block') ? 'denies' : 'fails', code: 'PLUGIN_RESULT_INVALID' };
      case 'answers': {
        const { answer } = act.end;
        if (answer.stops && standing.may('block')) return { kind: 'blocks', answer };
        const wanted = modified(answer.modification, this.payload);
        // A payload with a field that nobody knows is an error of the plugin, where all else fits and it would be taken.
        const isStrange = hook === 'tool_pre_invoke' && isRecord(wanted) && hasName(wanted) && 'other' in wanted;
        if (isStrange && standing.may('modify') && policy !== 'deny')
          return { kind: 'fails', code: 'PLUGIN_RESULT_INVALID' };
        return { kind: 'passes', answer };
      }
    }
  }

  /** Puts into the global state what this plugin wrote there, and nothing that it only saw. */
  mergeInto(state: Plain): void {
    for (const key of this.#written) {
      if (key in this.#global) state[key] = this.#global[key];
      // To delete what was not there is no change.
      else if (key in this.sight.global) delete state[key];
    }
  }

  #write(writes: readonly Write[]): void {
    for (const write of writes) {
      const key = writtenKey(write);
      if (key !== undefined) this.#written.add(key);
      apply(write, this.#global, this.notes);
    }
  }
}

export function isRecord(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object is a payload of `tool_pre_invoke`, as far as these scenarios go. */
export function hasName(payload: Plain): boolean {
  return typeof payload['name'] === 'string';
}
