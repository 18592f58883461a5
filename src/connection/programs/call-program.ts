// Generated from machines/call.machine.ts by `npm run docs`; changes made here are lost.
import type { CallContext as Context, CallEvent as Event } from '../../../machines/index.js';
import { callMachine as machine } from '../../../machines/call.machine.js';
import {
  Declared,
  type Effects,
  type MachineProgram,
  type ProgramActor,
  takenOf,
} from '../../actors/machine-program.js';

/** What the machine leaves to others. */
export type CallEffect =
  | 'askForLink'
  | 'send'
  | 'resolveAnswered'
  | 'rejectRefused'
  | 'rejectTimedOut'
  | 'rejectCancelled'
  | 'rejectUnknown'
  | 'stopAsking'
  | 'abandon';

type Actor = ProgramActor<CallEffect, Context>;
type Owner = Effects<CallEffect, Context, Event>;

const declared = new Declared<Context, Event>(machine);
const recordErrorToError = declared.field('recordError', 'error');
const recordReasonToError = declared.field('recordReason', 'error');
const countLostSessionToSessionsLost = declared.field('countLostSession', 'sessionsLost');
const firstSessionLost = declared.guard('firstSessionLost');
const replaysOnce = declared.guard('replaysOnce');
const taken0 = takenOf('waiting', 'link.ready', 0);
const taken1 = takenOf('waiting', 'connection.refused', 0);
const taken2 = takenOf('waiting', 'deadline.passed', 0);
const taken3 = takenOf('waiting', 'cancel', 0);
const taken4 = takenOf('inFlight', 'link.answered', 0);
const taken5 = takenOf('inFlight', 'link.refused', 0);
const taken6 = takenOf('inFlight', 'link.notSent', 0);
const taken7 = takenOf('inFlight', 'link.sessionLost', 0);
const taken8 = takenOf('inFlight', 'link.sessionLost', 1);
const taken9 = takenOf('inFlight', 'link.cutOff', 0);
const taken10 = takenOf('inFlight', 'link.cutOff', 1);
const taken11 = takenOf('inFlight', 'deadline.passed', 0);
const taken12 = takenOf('inFlight', 'cancel', 0);
const taken13 = takenOf('waitingToReplay', 'link.ready', 0);
const taken14 = takenOf('waitingToReplay', 'connection.refused', 0);
const taken15 = takenOf('waitingToReplay', 'deadline.passed', 0);
const taken16 = takenOf('waitingToReplay', 'cancel', 0);
const taken17 = takenOf('replaying', 'link.answered', 0);
const taken18 = takenOf('replaying', 'link.refused', 0);
const taken19 = takenOf('replaying', 'link.notSent', 0);
const taken20 = takenOf('replaying', 'link.sessionLost', 0);
const taken21 = takenOf('replaying', 'link.sessionLost', 1);
const taken22 = takenOf('replaying', 'link.cutOff', 0);
const taken23 = takenOf('replaying', 'deadline.passed', 0);
const taken24 = takenOf('replaying', 'cancel', 0);

function enterWaiting(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('askForLink');
  effects.askForLink(context, event);
  actor.context = context;
  actor.at = 0;
}

function enterInFlight(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('send');
  effects.send(context, event);
  actor.context = context;
  actor.at = 1;
}

function enterWaitingToReplay(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('askForLink');
  effects.askForLink(context, event);
  actor.context = context;
  actor.at = 2;
}

function enterReplaying(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('send');
  effects.send(context, event);
  actor.context = context;
  actor.at = 3;
}

function enterAnswered(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('resolveAnswered');
  effects.resolveAnswered(context, event);
  actor.context = context;
  actor.at = 4;
  actor.end();
}

function enterRefused(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectRefused');
  effects.rejectRefused(context, event);
  actor.context = context;
  actor.at = 5;
  actor.end();
}

function enterTimedOut(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectTimedOut');
  effects.rejectTimedOut(context, event);
  actor.context = context;
  actor.at = 6;
  actor.end();
}

function enterCancelled(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectCancelled');
  effects.rejectCancelled(context, event);
  actor.context = context;
  actor.at = 7;
  actor.end();
}

function enterOutcomeUnknown(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectUnknown');
  effects.rejectUnknown(context, event);
  actor.context = context;
  actor.at = 8;
  actor.end();
}

function takeInWaiting(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'link.ready': {
      const { context } = actor;
      actor.taken = taken0;
      enterInFlight(actor, context, event, effects);
      return;
    }
    case 'connection.refused': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken1;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterRefused(actor, context1, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken2;
      if (actor.isInspected) actor.tellEffect('stopAsking');
      effects.stopAsking(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken3;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordReasonToError(args),
      };
      if (actor.isInspected) actor.tellEffect('stopAsking');
      effects.stopAsking(context1, event);
      enterCancelled(actor, context1, event, effects);
      return;
    }
    default:
  }
}

function takeInInFlight(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'link.answered': {
      const { context } = actor;
      actor.taken = taken4;
      enterAnswered(actor, context, event, effects);
      return;
    }
    case 'link.refused': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken5;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterRefused(actor, context1, event, effects);
      return;
    }
    case 'link.notSent': {
      const { context } = actor;
      actor.taken = taken6;
      enterWaiting(actor, context, event, effects);
      return;
    }
    case 'link.sessionLost': {
      const { context } = actor;
      const args = { context, event };
      if (firstSessionLost(args)) {
        actor.taken = taken7;
        const context1: Context = {
          replay: context.replay,
          sessionsLost: countLostSessionToSessionsLost(args),
          error: context.error,
        };
        enterWaiting(actor, context1, event, effects);
        return;
      }
      actor.taken = taken8;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterRefused(actor, context1, event, effects);
      return;
    }
    case 'link.cutOff': {
      const { context } = actor;
      const args = { context, event };
      if (replaysOnce(args)) {
        actor.taken = taken9;
        const context1: Context = {
          replay: context.replay,
          sessionsLost: context.sessionsLost,
          error: recordErrorToError(args),
        };
        enterWaitingToReplay(actor, context1, event, effects);
        return;
      }
      actor.taken = taken10;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterOutcomeUnknown(actor, context1, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken11;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken12;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordReasonToError(args),
      };
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context1, event);
      enterCancelled(actor, context1, event, effects);
      return;
    }
    default:
  }
}

function takeInWaitingToReplay(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'link.ready': {
      const { context } = actor;
      actor.taken = taken13;
      enterReplaying(actor, context, event, effects);
      return;
    }
    case 'connection.refused': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken14;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterOutcomeUnknown(actor, context1, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken15;
      if (actor.isInspected) actor.tellEffect('stopAsking');
      effects.stopAsking(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken16;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordReasonToError(args),
      };
      if (actor.isInspected) actor.tellEffect('stopAsking');
      effects.stopAsking(context1, event);
      enterCancelled(actor, context1, event, effects);
      return;
    }
    default:
  }
}

function takeInReplaying(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'link.answered': {
      const { context } = actor;
      actor.taken = taken17;
      enterAnswered(actor, context, event, effects);
      return;
    }
    case 'link.refused': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken18;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterRefused(actor, context1, event, effects);
      return;
    }
    case 'link.notSent': {
      const { context } = actor;
      actor.taken = taken19;
      enterWaitingToReplay(actor, context, event, effects);
      return;
    }
    case 'link.sessionLost': {
      const { context } = actor;
      const args = { context, event };
      if (firstSessionLost(args)) {
        actor.taken = taken20;
        const context1: Context = {
          replay: context.replay,
          sessionsLost: countLostSessionToSessionsLost(args),
          error: context.error,
        };
        enterWaitingToReplay(actor, context1, event, effects);
        return;
      }
      actor.taken = taken21;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterOutcomeUnknown(actor, context1, event, effects);
      return;
    }
    case 'link.cutOff': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken22;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordErrorToError(args),
      };
      enterOutcomeUnknown(actor, context1, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken23;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      const args = { context, event };
      actor.taken = taken24;
      const context1: Context = {
        replay: context.replay,
        sessionsLost: context.sessionsLost,
        error: recordReasonToError(args),
      };
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context1, event);
      enterCancelled(actor, context1, event, effects);
      return;
    }
    default:
  }
}

export const callProgram: MachineProgram<CallEffect, Context, Event> = {
  machine,
  states: [
    'waiting',
    'inFlight',
    'waitingToReplay',
    'replaying',
    'answered',
    'refused',
    'timedOut',
    'cancelled',
    'outcomeUnknown',
  ],
  initial: 0,
  expiries: [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined],
  contextOf: declared.context(),
  begin(actor, event, effects): void {
    enterWaiting(actor, actor.context, event, effects);
  },
  take(actor, event, effects): void {
    switch (actor.at) {
      case 0:
        return takeInWaiting(actor, event, effects);
      case 1:
        return takeInInFlight(actor, event, effects);
      case 2:
        return takeInWaitingToReplay(actor, event, effects);
      case 3:
        return takeInReplaying(actor, event, effects);
      default:
    }
  },
};
