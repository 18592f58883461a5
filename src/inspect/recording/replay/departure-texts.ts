import { messageOf } from '../../../errors.js';
import { isPlainObject } from '../../../json/records.js';
import { isAsRecorded } from '../recorded-value.js';
import type { RecordedStep } from '../read/recording.js';
import type { Replayed } from './replayed-machine.js';

// Each is a sentence about an actor, without its name.

/** @returns undefined where it came to the same state */
export function departedState(
  label: string,
  { to }: RecordedStep,
  taken: Replayed,
  before: string | undefined,
): string | undefined {
  if (taken.state === to) return undefined;
  const went = taken.state === before ? `stays in ${taken.state}` : `goes to ${taken.state}`;
  const threw = taken.error === undefined ? '' : ` (${taken.error.message})`;
  const came = to === before ? `stayed in ${to}` : `went to ${to}`;
  return `${came} on "${label}", and this version ${went}${threw}`;
}

/** @returns undefined where they are the same */
export function comparedTimers({ timers = {} }: RecordedStep, taken: Replayed): string | undefined {
  for (const [name, ms] of Object.entries(timers)) {
    const own = taken.timers[name];
    if (own === undefined) return `waited ${shownMs(ms)} for "${name}", and this version has no such timer there`;
    if (!isClose(own, ms)) return `waited ${shownMs(ms)} for "${name}", and this version waits ${shownMs(own)}`;
  }
  return undefined;
}

/** @returns undefined where it remembers the same */
export function comparedContexts(label: string, { changes = {} }: RecordedStep, taken: Replayed): string | undefined {
  const context: Readonly<Record<string, unknown>> = { ...Object(taken.snapshot.context ?? {}) };
  for (const [name, recorded] of Object.entries(changes)) {
    if (!isAsRecorded(recorded, context[name])) {
      const [then, now] = [contextText(recorded), contextText(context[name])];
      return `remembered the ${name} ${then} after "${label}", and this version remembers ${now}`;
    }
  }
  return undefined;
}

function contextText(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `of ${value.length}`;
  if (value === undefined || (isPlainObject(value) && value['$'] === 'undefined')) return 'as none';
  return 'otherwise';
}

export function firedEarly(name: string, waitedMs: number, ms: number, hasFired: boolean): string {
  const waited = `${hasFired ? 'waited' : 'was still waiting after'} ${shownMs(waitedMs)} for "${name}"`;
  return `${waited}, and this version waits ${shownMs(ms)}`;
}

export function unusableStart(error: unknown): string {
  return `began with what this version cannot begin with: ${messageOf(error)}`;
}

export function missingState(error: unknown): string {
  return `was found in a state that this version has not: ${messageOf(error)}`;
}

export function missingMachine(machine: string): string {
  return `is run by the machine ${machine}, which this version has not`;
}

export function shownMs(ms: number): string {
  if (ms < 1000) return `${Number(ms.toFixed(3))} ms`;
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** Backoffs have chance in them, and the last digit of a sum depends on its order. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));
}
