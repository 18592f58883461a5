// Generated from machines/branch.machine.ts by `npm run docs`; changes made here are lost.
import type { BranchContext as Context, BranchEvent as Event } from '../../../machines/index.js';
import { branchMachine as machine } from '../../../machines/branch.machine.js';
import {
  Declared,
  type Effects,
  type MachineProgram,
  type ProgramActor,
  takenOf,
} from '../../actors/machine-program.js';

/** What the machine leaves to others. */
export type BranchEffect = 'runPlugin' | 'tellEnded' | 'abortPlugin';

type Actor = ProgramActor<BranchEffect, Context>;
type Owner = Effects<BranchEffect, Context, Event>;

const declared = new Declared<Context, Event>(machine);
const deadline = declared.delay('deadline');
const recordErrorToErrorCode = declared.field('recordError', 'errorCode');
const taken0 = takenOf('running', 'branch.completed', 0);
const taken1 = takenOf('running', 'branch.denied', 0);
const taken2 = takenOf('running', 'branch.failed', 0);
const taken3 = takenOf('running', 'branch.abort', 0);
const taken4 = takenOf('running', 'xstate.after.deadline.branch.running', 0);

function enterRunning(actor: Actor, context: Context, event: Event, effects: Owner): void {
  const args = { context, event };
  actor.entered();
  if (actor.isInspected) actor.tellEffect('runPlugin');
  effects.runPlugin(context, event);
  actor.arm(deadline(args));
  actor.context = context;
  actor.at = 0;
}

function enterCompleted(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('tellEnded');
  effects.tellEnded(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 1;
  actor.end();
}

function enterDenied(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('tellEnded');
  effects.tellEnded(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 2;
  actor.end();
}

function enterFailed(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('tellEnded');
  effects.tellEnded(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 3;
  actor.end();
}

function enterTimedOut(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('tellEnded');
  effects.tellEnded(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 4;
  actor.end();
}

function enterAborted(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('tellEnded');
  effects.tellEnded(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 5;
  actor.end();
}

function takeInRunning(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'branch.completed': {
      const { context } = actor;
      actor.taken = taken0;
      enterCompleted(actor, context, event, effects);
      return;
    }
    case 'branch.denied': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken1;
      const context1: Context = {
        plugin: context.plugin,
        timeoutMs: context.timeoutMs,
        errorCode: recordErrorToErrorCode(args),
      };
      enterDenied(actor, context1, event, effects);
      return;
    }
    case 'branch.failed': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken2;
      const context1: Context = {
        plugin: context.plugin,
        timeoutMs: context.timeoutMs,
        errorCode: recordErrorToErrorCode(args),
      };
      enterFailed(actor, context1, event, effects);
      return;
    }
    case 'branch.abort': {
      const { context } = actor;
      actor.taken = taken3;
      if (actor.isInspected) actor.tellEffect('abortPlugin');
      effects.abortPlugin(context, event);
      enterAborted(actor, context, event, effects);
      return;
    }
    case 'xstate.after.deadline.branch.running': {
      const { context } = actor;
      actor.taken = taken4;
      if (actor.isInspected) actor.tellEffect('abortPlugin');
      effects.abortPlugin(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    default:
  }
}

export const branchProgram: MachineProgram<BranchEffect, Context, Event> = {
  machine,
  states: ['running', 'completed', 'denied', 'failed', 'timedOut', 'aborted'],
  initial: 0,
  expiries: [{ type: 'xstate.after.deadline.branch.running' }, undefined, undefined, undefined, undefined, undefined],
  contextOf: declared.context(),
  begin(actor, event, effects): void {
    enterRunning(actor, actor.context, event, effects);
  },
  take(actor, event, effects): void {
    switch (actor.at) {
      case 0:
        return takeInRunning(actor, event, effects);
      default:
    }
  },
};
