import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { machineCatalogue } from '../../charts/catalogue.js';
import { chartOf } from '../../charts/chart.js';

let made: Readonly<Record<string, string>> | undefined;

/** By the ids of the machines, a fingerprint of what each declares. */
export function machineFingerprints(): Readonly<Record<string, string>> {
  made ??= Object.fromEntries([...machineCatalogue].map(([id, { machine }]) => [id, fingerprintOf(machine)]));
  return made;
}

/** Of what a machine declares, 12 hexadecimal digits. */
export function fingerprintOf(machine: AnyStateMachine): string {
  const { root, transitions } = chartOf(machine);
  return createHash('sha256')
    .update(JSON.stringify([root, transitions]))
    .digest('hex')
    .slice(0, 12);
}
