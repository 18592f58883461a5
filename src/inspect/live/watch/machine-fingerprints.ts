import { machineCatalogue } from '../../charts/catalogue.js';
import { fingerprintOf } from '../../charts/fingerprint.js';

let made: Readonly<Record<string, string>> | undefined;

/** By the ids of the machines, a fingerprint of what each declares. */
export function machineFingerprints(): Readonly<Record<string, string>> {
  made ??= Object.fromEntries([...machineCatalogue].map(([id, { machine }]) => [id, fingerprintOf(machine)]));
  return made;
}
