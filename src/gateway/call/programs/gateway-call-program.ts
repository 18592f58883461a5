// Generated from machines/gateway-call.machine.ts by `npm run docs`; changes made here are lost.
import type { GatewayCallContext as Context, GatewayCallEvent as Event } from '../../../../machines/index.js';
import { gatewayCallMachine as machine } from '../../../../machines/gateway-call.machine.js';
import {
  Declared,
  type Effects,
  type MachineProgram,
  type ProgramActor,
  takenOf,
} from '../../../actors/machine-program.js';

/** What the machine leaves to others. */
export type GatewayCallEffect =
  | 'decide'
  | 'guardRequest'
  | 'askServer'
  | 'guardAnswer'
  | 'resolveAnswered'
  | 'rejectDenied'
  | 'rejectBlocked'
  | 'rejectFailed'
  | 'rejectTimedOut'
  | 'rejectCancelled'
  | 'abandon';

type Actor = ProgramActor<GatewayCallEffect, Context>;
type Owner = Effects<GatewayCallEffect, Context, Event>;

const declared = new Declared<Context, Event>(machine);
const countLegToLeg = declared.field('countLeg', 'leg');
const retryDelay = declared.delay('retryDelay');
const noteRetryToRetryDelayMs = declared.field('noteRetry', 'retryDelayMs');
const noteRetryToLeftMs = declared.field('noteRetry', 'leftMs');
const mayRetry = declared.guard('mayRetry');
const taken0 = takenOf('deciding', 'rules.allow', 0);
const taken1 = takenOf('deciding', 'rules.deny', 0);
const taken2 = takenOf('deciding', 'failed', 0);
const taken3 = takenOf('deciding', 'deadline.passed', 0);
const taken4 = takenOf('deciding', 'cancel', 0);
const taken5 = takenOf('guardingRequest', 'hooks.pass', 0);
const taken6 = takenOf('guardingRequest', 'hooks.block', 0);
const taken7 = takenOf('guardingRequest', 'rules.deny', 0);
const taken8 = takenOf('guardingRequest', 'failed', 0);
const taken9 = takenOf('guardingRequest', 'deadline.passed', 0);
const taken10 = takenOf('guardingRequest', 'cancel', 0);
const taken11 = takenOf('asking', 'server.answered', 0);
const taken12 = takenOf('asking', 'failed', 0);
const taken13 = takenOf('asking', 'deadline.passed', 0);
const taken14 = takenOf('asking', 'cancel', 0);
const taken15 = takenOf('guardingAnswer', 'hooks.pass', 0);
const taken16 = takenOf('guardingAnswer', 'hooks.retry', 0);
const taken17 = takenOf('guardingAnswer', 'hooks.retry', 1);
const taken18 = takenOf('guardingAnswer', 'hooks.block', 0);
const taken19 = takenOf('guardingAnswer', 'failed', 0);
const taken20 = takenOf('guardingAnswer', 'deadline.passed', 0);
const taken21 = takenOf('guardingAnswer', 'cancel', 0);
const taken22 = takenOf('resting', 'deadline.passed', 0);
const taken23 = takenOf('resting', 'cancel', 0);
const taken24 = takenOf('resting', 'xstate.after.retryDelay.gatewayCall.resting', 0);

function enterDeciding(actor: Actor, context: Context, event: Event, effects: Owner): void {
  const args = { context, event };
  const context1: Context = {
    server: context.server,
    method: context.method,
    subject: context.subject,
    maxLegs: context.maxLegs,
    leg: countLegToLeg(args),
    retryDelayMs: context.retryDelayMs,
    leftMs: context.leftMs,
  };
  if (actor.isInspected) actor.tellEffect('decide');
  effects.decide(context1, event);
  actor.disarm();
  actor.context = context1;
  actor.at = 0;
}

function enterGuardingRequest(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('guardRequest');
  effects.guardRequest(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 1;
}

function enterAsking(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('askServer');
  effects.askServer(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 2;
}

function enterGuardingAnswer(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('guardAnswer');
  effects.guardAnswer(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 3;
}

function enterResting(actor: Actor, context: Context, event: Event, _effects: Owner): void {
  const args = { context, event };
  actor.entered();
  actor.arm(retryDelay(args));
  actor.context = context;
  actor.at = 4;
}

function enterAnswered(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('resolveAnswered');
  effects.resolveAnswered(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 5;
  actor.end();
}

function enterDenied(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectDenied');
  effects.rejectDenied(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 6;
  actor.end();
}

function enterBlocked(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectBlocked');
  effects.rejectBlocked(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 7;
  actor.end();
}

function enterFailed(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectFailed');
  effects.rejectFailed(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 8;
  actor.end();
}

function enterTimedOut(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectTimedOut');
  effects.rejectTimedOut(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 9;
  actor.end();
}

function enterCancelled(actor: Actor, context: Context, event: Event, effects: Owner): void {
  if (actor.isInspected) actor.tellEffect('rejectCancelled');
  effects.rejectCancelled(context, event);
  actor.disarm();
  actor.context = context;
  actor.at = 10;
  actor.end();
}

function takeInDeciding(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'rules.allow': {
      const { context } = actor;
      actor.taken = taken0;
      enterGuardingRequest(actor, context, event, effects);
      return;
    }
    case 'rules.deny': {
      const { context } = actor;
      actor.taken = taken1;
      enterDenied(actor, context, event, effects);
      return;
    }
    case 'failed': {
      const { context } = actor;
      actor.taken = taken2;
      enterFailed(actor, context, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken3;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      actor.taken = taken4;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterCancelled(actor, context, event, effects);
      return;
    }
    default:
  }
}

function takeInGuardingRequest(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'hooks.pass': {
      const { context } = actor;
      actor.taken = taken5;
      enterAsking(actor, context, event, effects);
      return;
    }
    case 'hooks.block': {
      const { context } = actor;
      actor.taken = taken6;
      enterBlocked(actor, context, event, effects);
      return;
    }
    case 'rules.deny': {
      const { context } = actor;
      actor.taken = taken7;
      enterDenied(actor, context, event, effects);
      return;
    }
    case 'failed': {
      const { context } = actor;
      actor.taken = taken8;
      enterFailed(actor, context, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken9;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      actor.taken = taken10;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterCancelled(actor, context, event, effects);
      return;
    }
    default:
  }
}

function takeInAsking(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'server.answered': {
      const { context } = actor;
      actor.taken = taken11;
      enterGuardingAnswer(actor, context, event, effects);
      return;
    }
    case 'failed': {
      const { context } = actor;
      actor.taken = taken12;
      enterFailed(actor, context, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken13;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      actor.taken = taken14;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterCancelled(actor, context, event, effects);
      return;
    }
    default:
  }
}

function takeInGuardingAnswer(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'hooks.pass': {
      const { context } = actor;
      actor.taken = taken15;
      enterAnswered(actor, context, event, effects);
      return;
    }
    case 'hooks.retry': {
      const { context } = actor;
      const args = { context, event };
      if (mayRetry(args)) {
        actor.taken = taken16;
        const context1: Context = {
          server: context.server,
          method: context.method,
          subject: context.subject,
          maxLegs: context.maxLegs,
          leg: context.leg,
          retryDelayMs: noteRetryToRetryDelayMs(args),
          leftMs: noteRetryToLeftMs(args),
        };
        enterResting(actor, context1, event, effects);
        return;
      }
      actor.taken = taken17;
      enterAnswered(actor, context, event, effects);
      return;
    }
    case 'hooks.block': {
      const { context } = actor;
      actor.taken = taken18;
      enterBlocked(actor, context, event, effects);
      return;
    }
    case 'failed': {
      const { context } = actor;
      actor.taken = taken19;
      enterFailed(actor, context, event, effects);
      return;
    }
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken20;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      actor.taken = taken21;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterCancelled(actor, context, event, effects);
      return;
    }
    default:
  }
}

function takeInResting(actor: Actor, event: Event, effects: Owner): void {
  const type: string = event.type;
  switch (type) {
    case 'deadline.passed': {
      const { context } = actor;
      actor.taken = taken22;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterTimedOut(actor, context, event, effects);
      return;
    }
    case 'cancel': {
      const { context } = actor;
      actor.taken = taken23;
      if (actor.isInspected) actor.tellEffect('abandon');
      effects.abandon(context, event);
      enterCancelled(actor, context, event, effects);
      return;
    }
    case 'xstate.after.retryDelay.gatewayCall.resting': {
      const { context } = actor;
      actor.taken = taken24;
      enterDeciding(actor, context, event, effects);
      return;
    }
    default:
  }
}

export const gatewayCallProgram: MachineProgram<GatewayCallEffect, Context, Event> = {
  machine,
  states: [
    'deciding',
    'guardingRequest',
    'asking',
    'guardingAnswer',
    'resting',
    'answered',
    'denied',
    'blocked',
    'failed',
    'timedOut',
    'cancelled',
  ],
  initial: 0,
  expiries: [
    undefined,
    undefined,
    undefined,
    undefined,
    { type: 'xstate.after.retryDelay.gatewayCall.resting' },
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ],
  contextOf: declared.context(),
  begin(actor, event, effects): void {
    enterDeciding(actor, actor.context, event, effects);
  },
  take(actor, event, effects): void {
    switch (actor.at) {
      case 0:
        return takeInDeciding(actor, event, effects);
      case 1:
        return takeInGuardingRequest(actor, event, effects);
      case 2:
        return takeInAsking(actor, event, effects);
      case 3:
        return takeInGuardingAnswer(actor, event, effects);
      case 4:
        return takeInResting(actor, event, effects);
      default:
    }
  },
};
