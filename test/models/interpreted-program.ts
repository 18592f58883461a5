import type { AnyStateMachine, EventObject } from 'xstate';
import { machineTable, type TableAction, type TableTransition } from '../../docs/generate/programs/machine-table.js';
import {
  Declared,
  type Effects,
  type MachineProgram,
  type ProgramActor,
  takenOf,
} from '../../src/actors/machine-program.js';

type Context = Readonly<Record<string, unknown>>;
type Actor = ProgramActor<string, Context>;
type Owner = Effects<string, Context, EventObject>;

/** A program of a machine that none was generated of: goes through the same rows, one by one. */
export function interpretedProgram(machine: AnyStateMachine): MachineProgram<string, Context, EventObject> {
  const { states, initial } = machineTable(machine);
  const declared = new Declared<Context, EventObject>(machine);

  function run(
    actor: Actor,
    actions: readonly TableAction[],
    before: Context,
    event: EventObject,
    effects: Owner,
  ): Context {
    let context = before;
    for (const action of actions) {
      if (action.kind === 'assign') {
        const args = { context, event };
        const changes = action.fields.map((field) => [field, declared.field(action.name, field)(args)]);
        context = { ...context, ...Object.fromEntries(changes) };
        continue;
      }
      if (actor.isInspected) actor.tellEffect(action.name);
      effects[action.name]?.(context, event);
    }
    return context;
  }

  function enter(actor: Actor, number: number, before: Context, event: EventObject, effects: Owner): void {
    const state = states[number];
    if (state === undefined) throw new Error(`there is no state ${number}`);
    if (state.after !== undefined) actor.entered();
    const context = run(actor, state.entry, before, event, effects);
    if (state.after === undefined) actor.disarm();
    else actor.arm(declared.delay(state.after.delay)({ context, event }));
    actor.context = context;
    actor.at = number;
    if (state.final) actor.end();
  }

  function take(actor: Actor, transitions: readonly TableTransition[], event: EventObject, effects: Owner): void {
    const { context } = actor;
    const source = states[actor.at];
    for (const { guard, target, actions, eventType, place } of transitions) {
      if (guard !== undefined && !declared.guard(guard)({ context, event })) continue;
      actor.taken = takenOf(source?.value ?? '', eventType, place);
      if (target === undefined) actor.context = run(actor, actions, context, event, effects);
      else {
        const left = run(actor, [...(source?.exit ?? []), ...actions], context, event, effects);
        enter(actor, target.number, left, event, effects);
      }
      return;
    }
  }

  return {
    machine,
    states: states.map(({ value }) => value),
    initial: initial.number,
    expiries: states.map(({ after }) => after && { type: after.eventType }),
    contextOf: declared.context(),
    begin(actor, event, effects) {
      if (initial.always.length > 0) take(actor, initial.always, event, effects);
      else enter(actor, initial.number, actor.context, event, effects);
    },
    take: (actor, event, effects) => take(actor, states[actor.at]?.on.get(event.type) ?? [], event, effects),
  };
}
