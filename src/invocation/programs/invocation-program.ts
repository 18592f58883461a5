// Generated from machines/invocation.machine.ts by `npm run docs`; changes made here are lost.
import type { InvocationContext as Context, InvocationEvent as Event } from '../../../machines/index.js';
import { invocationMachine as machine } from '../../../machines/invocation.machine.js';
import {
  Declared,
  type Effects,
  type MachineProgram,
  type ProgramActor,
  takenOf,
} from '../../actors/machine-program.js';

/** What the machine leaves to others. */
export type InvocationEffect =
  | 'runStep'
  | 'startBranches'
  | 'startBackground'
  | 'resolveCompleted'
  | 'resolveHalted'
  | 'rejectDenied'
  | 'rejectFailed'
  | 'rejectTimedOut'
  | 'rejectCancelled'
  | 'reportFailure'
  | 'abortStep'
  | 'abortBranches'
  | 'mergeBranches'
  | 'startNextBranch';

type Actor = ProgramActor<InvocationEffect, Context>;
type Owner = Effects<InvocationEffect, Context, Event>;

const declared = new Declared<Context, Event>(machine);
const deadline = declared.delay('deadline');
const isLate = declared.guard('isLate');
const halts = declared.guard('halts');
const isLast = declared.guard('isLast');
const advanceToIndex = declared.field('advance', 'index');
const isLastInTurn = declared.guard('isLastInTurn');
const recordErrorToErrorCode = declared.field('recordError', 'errorCode');
const raisesErrors = declared.guard('raisesErrors');
const isOfTurn = declared.guard('isOfTurn');
const recordDecisionToIndex = declared.field('recordDecision', 'index');
const recordDecisionToErrorCode = declared.field('recordDecision', 'errorCode');
const hasTurns = declared.guard('hasTurns');
const hasBranches = declared.guard('hasBranches');
const taken0 = takenOf('running', 'step.completed', 0);
const taken1 = takenOf('running', 'step.completed', 1);
const taken2 = takenOf('running', 'step.completed', 2);
const taken3 = takenOf('running', 'step.completed', 3);
const taken4 = takenOf('running', 'step.completed', 4);
const taken5 = takenOf('running', 'step.denied', 0);
const taken6 = takenOf('running', 'step.denied', 1);
const taken7 = takenOf('running', 'step.failed', 0);
const taken8 = takenOf('running', 'step.failed', 1);
const taken9 = takenOf('running', 'step.failed', 2);
const taken10 = takenOf('running', 'step.failed', 3);
const taken11 = takenOf('running', 'step.failed', 4);
const taken12 = takenOf('running', 'cancel', 0);
const taken13 = takenOf('running', 'xstate.after.deadline.invocation.running', 0);
const taken14 = takenOf('running', 'xstate.after.deadline.invocation.running', 1);
const taken15 = takenOf('running', 'xstate.after.deadline.invocation.running', 2);
const taken16 = takenOf('running', 'xstate.after.deadline.invocation.running', 3);
const taken17 = takenOf('concurrent', 'step.completed', 0);
const taken18 = takenOf('concurrent', 'step.completed', 1);
const taken19 = takenOf('concurrent', 'step.completed', 2);
const taken20 = takenOf('concurrent', 'step.completed', 3);
const taken21 = takenOf('concurrent', 'step.denied', 0);
const taken22 = takenOf('concurrent', 'step.denied', 1);
const taken23 = takenOf('concurrent', 'step.failed', 0);
const taken24 = takenOf('concurrent', 'step.failed', 1);
const taken25 = takenOf('concurrent', 'step.failed', 2);
const taken26 = takenOf('concurrent', 'step.failed', 3);
const taken27 = takenOf('concurrent', 'step.timedOut', 0);
const taken28 = takenOf('concurrent', 'step.timedOut', 1);
const taken29 = takenOf('concurrent', 'step.timedOut', 2);
const taken30 = takenOf('concurrent', 'cancel', 0);
const taken31 = takenOf('choosing', '', 0);
const taken32 = takenOf('choosing', '', 1);
const taken33 = takenOf('choosing', '', 2);

function enterRunning(actor: Actor, context: Context, event: Event, effects: Owner): void {
  const args = { context, event };
  actor.entered();
  if (actor.isInspected) actor.tellEffect('runStep');
  effects.runStep(context, event);
  actor.arm(deadline(args));
  actor.context = context;
  actor.at = 1;
}

function enterConcurrent(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('startBranches');
  effects.startBranches(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 2;
}

function enterCompleted(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('startBackground');
  effects.startBackground(context, event);
  if (actor.isInspected) actor.tellEffect('resolveCompleted');
  effects.resolveCompleted(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 3;
  actor.end();
}

function enterHalted(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('startBackground');
  effects.startBackground(context, event);
  if (actor.isInspected) actor.tellEffect('resolveHalted');
  effects.resolveHalted(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 4;
  actor.end();
}

function enterDenied(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('startBackground');
  effects.startBackground(context, event);
  if (actor.isInspected) actor.tellEffect('rejectDenied');
  effects.rejectDenied(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 5;
  actor.end();
}

function enterFailed(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectFailed');
  effects.rejectFailed(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 6;
  actor.end();
}

function enterTimedOut(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectTimedOut');
  effects.rejectTimedOut(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 7;
  actor.end();
}

function enterCancelled(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectCancelled');
  effects.rejectCancelled(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 8;
  actor.end();
}

function takeInRunning(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'step.completed': {
      const { context } = actor;
      const args = { context, event };
      if (isLate(args)) {
        actor.taken = taken0;
        return;
      }
      if (halts(args)) {
        actor.taken = taken1;
        enterHalted(actor, context, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken2;
        enterCompleted(actor, context, event, effects);
        return;
      }
      if (isLastInTurn(args)) {
        actor.taken = taken3;
        const context1: Context = {
          steps: context.steps,
          index: advanceToIndex(args),
          errorCode: context.errorCode,
        };
        enterConcurrent(actor, context1, event, effects);
        return;
      }
      actor.taken = taken4;
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      enterRunning(actor, context1, event, effects);
      return;
    }
    case 'step.denied': {
      const { context } = actor;
      const args = { context, event };
      if (isLate(args)) {
        actor.taken = taken5;
        return;
      }
      actor.taken = taken6;
      const context1: Context = {
        steps: context.steps,
        index: context.index,
        errorCode: recordErrorToErrorCode(args),
      };
      enterDenied(actor, context1, event, effects);
      return;
    }
    case 'step.failed': {
      const { context } = actor;
      const args = { context, event };
      if (isLate(args)) {
        actor.taken = taken7;
        return;
      }
      if (raisesErrors(args)) {
        actor.taken = taken8;
        const context1: Context = {
          steps: context.steps,
          index: context.index,
          errorCode: recordErrorToErrorCode(args),
        };
        enterFailed(actor, context1, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken9;
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        enterCompleted(actor, context, event, effects);
        return;
      }
      if (isLastInTurn(args)) {
        actor.taken = taken10;
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        const context1: Context = {
          steps: context.steps,
          index: advanceToIndex(args),
          errorCode: context.errorCode,
        };
        enterConcurrent(actor, context1, event, effects);
        return;
      }
      actor.taken = taken11;
      if (actor.isInspected) actor.tellEffect('reportFailure');
      effects.reportFailure(context, event);
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      enterRunning(actor, context1, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken12;
      const context1: Context = {
        steps: context.steps,
        index: context.index,
        errorCode: recordErrorToErrorCode(args),
      };
      if (actor.isInspected) actor.tellEffect('abortStep');
      effects.abortStep(context1, event);
      enterCancelled(actor, context1, event, effects);
      return;
    }
    case 'xstate.after.deadline.invocation.running': {
      const { context } = actor;
      const args = { context, event };
      if (raisesErrors(args)) {
        actor.taken = taken13;
        if (actor.isInspected) actor.tellEffect('abortStep');
        effects.abortStep(context, event);
        enterTimedOut(actor, context, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken14;
        if (actor.isInspected) actor.tellEffect('abortStep');
        effects.abortStep(context, event);
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        enterCompleted(actor, context, event, effects);
        return;
      }
      if (isLastInTurn(args)) {
        actor.taken = taken15;
        if (actor.isInspected) actor.tellEffect('abortStep');
        effects.abortStep(context, event);
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        const context1: Context = {
          steps: context.steps,
          index: advanceToIndex(args),
          errorCode: context.errorCode,
        };
        enterConcurrent(actor, context1, event, effects);
        return;
      }
      actor.taken = taken16;
      if (actor.isInspected) actor.tellEffect('abortStep');
      effects.abortStep(context, event);
      if (actor.isInspected) actor.tellEffect('reportFailure');
      effects.reportFailure(context, event);
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      enterRunning(actor, context1, event, effects);
      return;
    }
    default:
  }
}

function takeInConcurrent(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'step.completed': {
      const { context } = actor;
      const args = { context, event };
      if (isOfTurn(args)) {
        actor.taken = taken17;
        return;
      }
      if (halts(args)) {
        actor.taken = taken18;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        const context1: Context = {
          steps: context.steps,
          index: recordDecisionToIndex(args),
          errorCode: recordDecisionToErrorCode(args),
        };
        if (actor.isInspected) actor.tellEffect('mergeBranches');
        effects.mergeBranches(context1, event);
        enterHalted(actor, context1, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken19;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        if (actor.isInspected) actor.tellEffect('mergeBranches');
        effects.mergeBranches(context, event);
        enterCompleted(actor, context, event, effects);
        return;
      }
      actor.taken = taken20;
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      if (actor.isInspected) actor.tellEffect('startNextBranch');
      effects.startNextBranch(context1, event);
      actor.context = context1;
      return;
    }
    case 'step.denied': {
      const { context } = actor;
      const args = { context, event };
      if (isOfTurn(args)) {
        actor.taken = taken21;
        return;
      }
      actor.taken = taken22;
      if (actor.isInspected) actor.tellEffect('abortBranches');
      effects.abortBranches(context, event);
      const context1: Context = {
        steps: context.steps,
        index: recordDecisionToIndex(args),
        errorCode: recordDecisionToErrorCode(args),
      };
      enterDenied(actor, context1, event, effects);
      return;
    }
    case 'step.failed': {
      const { context } = actor;
      const args = { context, event };
      if (isOfTurn(args)) {
        actor.taken = taken23;
        return;
      }
      if (raisesErrors(args)) {
        actor.taken = taken24;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        const context1: Context = {
          steps: context.steps,
          index: recordDecisionToIndex(args),
          errorCode: recordDecisionToErrorCode(args),
        };
        enterFailed(actor, context1, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken25;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        if (actor.isInspected) actor.tellEffect('mergeBranches');
        effects.mergeBranches(context, event);
        enterCompleted(actor, context, event, effects);
        return;
      }
      actor.taken = taken26;
      if (actor.isInspected) actor.tellEffect('reportFailure');
      effects.reportFailure(context, event);
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      if (actor.isInspected) actor.tellEffect('startNextBranch');
      effects.startNextBranch(context1, event);
      actor.context = context1;
      return;
    }
    case 'step.timedOut': {
      const { context } = actor;
      const args = { context, event };
      if (raisesErrors(args)) {
        actor.taken = taken27;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        const context1: Context = {
          steps: context.steps,
          index: recordDecisionToIndex(args),
          errorCode: recordDecisionToErrorCode(args),
        };
        enterTimedOut(actor, context1, event, effects);
        return;
      }
      if (isLast(args)) {
        actor.taken = taken28;
        if (actor.isInspected) actor.tellEffect('abortBranches');
        effects.abortBranches(context, event);
        if (actor.isInspected) actor.tellEffect('reportFailure');
        effects.reportFailure(context, event);
        if (actor.isInspected) actor.tellEffect('mergeBranches');
        effects.mergeBranches(context, event);
        enterCompleted(actor, context, event, effects);
        return;
      }
      actor.taken = taken29;
      if (actor.isInspected) actor.tellEffect('reportFailure');
      effects.reportFailure(context, event);
      const context1: Context = {
        steps: context.steps,
        index: advanceToIndex(args),
        errorCode: context.errorCode,
      };
      if (actor.isInspected) actor.tellEffect('startNextBranch');
      effects.startNextBranch(context1, event);
      actor.context = context1;
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken30;
      if (actor.isInspected) actor.tellEffect('abortBranches');
      effects.abortBranches(context, event);
      const context1: Context = {
        steps: context.steps,
        index: context.index,
        errorCode: recordErrorToErrorCode(args),
      };
      enterCancelled(actor, context1, event, effects);
      return;
    }
    default:
  }
}

export const invocationProgram: MachineProgram<InvocationEffect, Context, Event> = {
  machine,
  states: ['choosing', 'running', 'concurrent', 'completed', 'halted', 'denied', 'failed', 'timedOut', 'cancelled'],
  initial: 0,
  expiries: [
    undefined,
    { type: 'xstate.after.deadline.invocation.running' },
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ],
  contextOf: declared.context(),
  begin(actor, event, effects): void {
    const { context } = actor;
    const args = { context, event };
    if (hasTurns(args)) {
      actor.taken = taken31;
      enterRunning(actor, context, event, effects);
      return;
    }
    if (hasBranches(args)) {
      actor.taken = taken32;
      enterConcurrent(actor, context, event, effects);
      return;
    }
    actor.taken = taken33;
    enterCompleted(actor, context, event, effects);
  },
  take(actor, event, effects): void {
    switch (actor.at) {
      case 1:
        return takeInRunning(actor, event, effects);
      case 2:
        return takeInConcurrent(actor, event, effects);
      default:
    }
  },
};
