import type { z } from 'zod';
import { errorAt } from '../problem.js';
import { isFile } from '../source/file-kinds.js';
import { type PathBase, resolveExisting } from '../source/path-base.js';
import type { Written } from '../written.js';
import { optionalText } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import type { RuleContext } from './rule-context.js';

/** The keys that `tls` sections of clients and of servers share. */
export const tlsFileFields = {
  certfile: optionalText,
  keyfile: optionalText,
  ca_bundle: optionalText,
  keyfile_password: optionalText,
};

type WrittenTlsFiles = z.output<z.ZodObject<typeof tlsFileFields>>;

export function checkTlsFiles(tls: Written, { path, base, report }: RuleContext): void {
  for (const key of ['certfile', 'keyfile', 'ca_bundle']) {
    const file = tls[key];
    if (typeof file === 'string' && file !== '' && !isFile(resolveExisting(file, base))) {
      report(errorAt([...path, key], (found) => `expected a PEM file that exists, found ${found}`));
    }
  }
}

export function readTlsFiles(tls: WrittenTlsFiles, base: PathBase) {
  return givenFields({
    certfile: tls.certfile && resolveExisting(tls.certfile, base),
    keyfile: tls.keyfile && resolveExisting(tls.keyfile, base),
    caBundle: tls.ca_bundle && resolveExisting(tls.ca_bundle, base),
    keyfilePassword: tls.keyfile_password,
  });
}
