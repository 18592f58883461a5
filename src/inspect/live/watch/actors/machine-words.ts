import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { TakenTransition } from '../../../../actors/actor-observer.js';
import { eventLabel, nameOf } from '../../../charts/chart.js';

/** What a declared alternative asks, does and leads to, in the words of the charts. */
interface DeclaredAlternative {
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  readonly to: string | undefined;
}

/** What a step came to, in words. */
export interface StepWords {
  readonly guard?: Readonly<Record<string, boolean>>;
  readonly did?: readonly string[];
}

/** What a machine says, in the words of its chart. Made once for each machine, and asked only for what is told. */
export class MachineWords {
  readonly id: string;
  readonly machine: AnyStateMachine;
  readonly #nodes = new Map<string, AnyStateNode>();
  readonly #labels = new Map<string, string>();

  constructor(machine: AnyStateMachine) {
    this.id = machine.id;
    this.machine = machine;
    const open: AnyStateNode[] = [machine.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      this.#nodes.set(node.path.join('.'), node);
      open.push(...Object.values(node.states));
    }
  }

  /** The state and those it lies in, innermost first; the machine itself comes last. */
  activeNodes(at: string): readonly AnyStateNode[] {
    const nodes: AnyStateNode[] = [];
    for (let node = this.#nodes.get(at); node !== undefined; node = node.parent) nodes.push(node);
    return nodes;
  }

  /** An event in words, as the state has it that it came to. */
  event(type: string, at: string): string {
    const known = this.#labels.get(`${at}|${type}`);
    if (known !== undefined) return known;
    const label = this.#labelOf(type, at);
    this.#labels.set(`${at}|${type}`, label);
    return label;
  }

  /** Which guards were asked for a step, and what they said, and which actions were carried out. */
  step(from: string, to: string, taken: readonly TakenTransition[]): StepWords {
    const guard: Record<string, boolean> = {};
    const did: string[] = [];
    for (const { source, eventType, place } of taken) {
      for (const node of this.activeNodes(from)) {
        const path = node.path.join('.');
        const isSource = path === source;
        this.#alternatives(node, eventType)
          .slice(0, isSource ? place + 1 : undefined)
          .forEach((alternative, index) => {
            if (alternative.guard !== undefined) guard[alternative.guard] = isSource && index === place;
          });
        if (isSource) break;
      }
      const node = this.#nodes.get(source);
      const alternative = node && this.#alternatives(node, eventType)[place];
      if (alternative === undefined) continue;
      if (alternative.to === undefined) did.push(...alternative.actions);
      else did.push(...this.#passed(from, to, 'exit'), ...alternative.actions, ...this.#passed(to, from, 'entry'));
    }
    return { ...(Object.keys(guard).length > 0 && { guard }), ...(did.length > 0 && { did: [...new Set(did)] }) };
  }

  /** What is done on leaving, or on coming to, the states of one place that are not those of the other. */
  #passed(of: string, other: string, kind: 'entry' | 'exit'): string[] {
    const shared = new Set(of === other ? this.activeNodes(of).slice(1) : this.activeNodes(other));
    const passed = this.activeNodes(of).filter((node) => !shared.has(node));
    const inOrder = kind === 'entry' ? passed.toReversed() : passed;
    // Not `node.entry`: XState adds its own actions for delayed transitions there.
    return inOrder.flatMap((node) => namesIn(Reflect.get(node.config, kind)));
  }

  #alternatives(node: AnyStateNode, eventType: string): DeclaredAlternative[] {
    const declared = eventType === '' ? (node.always ?? []) : (node.transitions.get(eventType) ?? []);
    return declared.map(({ guard, actions, target }) => ({
      guard: guard === undefined ? undefined : nameOf(guard),
      actions: actions.map(nameOf),
      to: target?.[0]?.path.join('.'),
    }));
  }

  #labelOf(type: string, at: string): string {
    if (type === 'xstate.init') return 'start';
    if (type === 'xstate.stop') return 'stop';
    for (const node of this.activeNodes(at)) {
      const label = eventLabel(node, type);
      if (label !== type) return label;
    }
    return type;
  }
}

/** The words of machines, made once for each. */
export function wordsOfMachines(): (machine: AnyStateMachine) => MachineWords {
  const byMachine = new WeakMap<object, MachineWords>();
  return (machine) => {
    // Each actor has a machine of its own, provided with what it does; they share what they declare.
    let words = byMachine.get(machine.config);
    if (words === undefined) byMachine.set(machine.config, (words = new MachineWords(machine)));
    return words;
  };
}

function namesIn(actions: unknown): string[] {
  if (actions === undefined) return [];
  return Array.isArray(actions) ? actions.map(nameOf) : [nameOf(actions)];
}
