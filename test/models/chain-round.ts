import type { Plain } from './chain-acts.js';
import { Merged } from './chain-merge.js';
import { payloads, type Scenario } from './chain-scenario.js';
import { type Ending, type Sight, type Step, Turn } from './chain-step.js';

/** What outlives one invocation: the global state, each plugin's notes, and who is disabled. */
export interface World {
  readonly state: Plain;
  readonly notes: Map<string, Plain>;
  readonly disabled: Set<string>;
}

/** How a phase ends, and with it the chain, unless it goes on. */
export type Verdict =
  | { readonly kind: 'goes on' }
  /** `isRaised`: the caller gets the block as an exception. `payload`: what the blocker was given. */
  | { readonly kind: 'halted'; readonly isRaised: boolean; readonly payload: unknown }
  | { readonly kind: 'denied'; readonly code: string; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly code: string };

/** What the log says of an error that is not raised: plugin and code. */
export type LoggedError = `${string}: ${string}`;

/** What comes from outside, and when. */
export interface Interruption {
  readonly at: number;
  /** What the caller gets of a chain that is not decided by then. */
  readonly code: 'INVOCATION_CANCELLED' | 'MANAGER_CLOSED';
}

/** One invocation of the hook, at some instant of virtual time. */
export class Round {
  now = 0;
  readonly seen: Sight[] = [];
  readonly logged: LoggedError[] = [];
  readonly merged: Merged;

  constructor(
    readonly scenario: Scenario,
    readonly world: World,
    readonly interruption: Interruption,
    /** Nothing runs after this, whatever it is. */
    readonly endsAt: number,
  ) {
    this.merged = new Merged(scenario, structuredClone(payloads[scenario.hook]));
  }

  /** Starts a plugin. What it notes is kept, whatever becomes of it. */
  start(step: Step, payload: unknown, global: Plain): Turn {
    const notes = structuredClone(this.world.notes.get(step.name) ?? {});
    this.world.notes.set(step.name, notes);
    return this.begin(new Turn(step, payload, global, notes, this.now));
  }

  begin(turn: Turn): Turn {
    this.seen.push(turn.sight);
    return turn;
  }

  /** Lets time pass until a plugin ends, and sees how. */
  end(turn: Turn): Ending {
    this.now = turn.endsAt;
    return turn.end(this.scenario);
  }

  /** An error that nobody is told of but the log: its plugin may have to stay away from now on. */
  swallow({ name, standing }: Step, code: string): void {
    this.logged.push(`${name}: ${code}`);
    if (standing.onError === 'disable') this.world.disabled.add(name);
  }

  /** The end of a chain that is not decided when the interruption comes; undefined if this plugin has ended by then. */
  interruptedBefore({ endsAt }: Turn): Verdict | undefined {
    const { at, code } = this.interruption;
    return at < endsAt ? { kind: 'failed', code } : undefined;
  }

  /** What an ending means for the chain, once what it answered is merged. */
  verdict({ step, payload }: Turn, ending: Ending): Verdict {
    const { standing } = step;
    switch (ending.kind) {
      case 'passes':
        return { kind: 'goes on' };
      case 'blocks':
        return { kind: 'halted', isRaised: this.scenario.violationsAsExceptions && standing.may('raise'), payload };
      case 'denies':
        return { kind: 'denied', code: ending.code, payload };
      case 'fails':
        if (standing.raisesErrors) return { kind: 'failed', code: ending.code };
        this.swallow(step, ending.code);
        return { kind: 'goes on' };
    }
  }

  /** Takes the answer of a plugin into the chain. */
  merge(turn: Turn, ending: Ending, decides = ending.kind === 'blocks'): void {
    if (ending.kind !== 'passes' && ending.kind !== 'blocks') return;
    if (turn.step.standing.may('merge')) turn.mergeInto(this.world.state);
    this.merged.take(turn, ending.answer, decides);
  }
}
