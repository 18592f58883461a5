import { createHash } from 'node:crypto';
import { machineCatalogue } from '../../charts/catalogue.js';
import { chartOf } from '../../charts/chart.js';

let made: Readonly<Record<string, string>> | undefined;

/** By the ids of the machines, a fingerprint of what each declares. */
export function machineFingerprints(): Readonly<Record<string, string>> {
  made ??= Object.fromEntries(
    [...machineCatalogue].map(([id, { machine }]) => {
      const { root, transitions } = chartOf(machine);
      const digest = createHash('sha256')
        .update(JSON.stringify([root, transitions]))
        .digest('hex');
      return [id, digest.slice(0, 12)];
    }),
  );
  return made;
}
