import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { errorAt, warningAt } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { isGiven, type Written } from '../written.js';
import { flag, mapOf, orElse } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import type { RuleContext } from './rule-context.js';
import { checkTlsFiles, readTlsFiles, tlsFileFields } from './tls-files.js';

/** The `tls` section of a connection to a server. */
export interface ClientTlsConfig {
  readonly certfile?: string;
  readonly keyfile?: string;
  readonly caBundle?: string;
  readonly keyfilePassword?: string;
  /** Verify the server's certificate. Default true. */
  readonly verify: boolean;
  /** Check that the certificate is for the host that was asked for. Default true. */
  readonly checkHostname: boolean;
}

/** For gRPC too, whose `tls` section has no `check_hostname` in ContextForge: it has one meaning everywhere. */
const schema = mapOf({ ...tlsFileFields, verify: orElse(flag, true), check_hostname: orElse(flag, true) });

function check(tls: Written, context: RuleContext): void {
  if (isGiven(tls['keyfile']) && !isGiven(tls['certfile'])) {
    context.report(errorAt([...context.path, 'keyfile'], '`keyfile` needs a `certfile`, and there is none', 'key'));
  }
  checkTlsFiles(tls, context);
  checkEffects(tls, context);
}

/** What is written and changes nothing. Hosts of the Python framework take it, so that it is warned of. */
function checkEffects(tls: Written, { path, report }: RuleContext): void {
  // A certificate file may hold its key too.
  if (isGiven(tls['keyfile_password']) && !isGiven(tls['keyfile']) && !isGiven(tls['certfile'])) {
    report(warningAt([...path, 'keyfile_password'], 'has no effect; there is no key, since no `certfile` is given'));
  }
  if (isGiven(tls['verify']) && flag.safeParse(tls['verify']).data === false) {
    const why = 'has no effect with `verify: false`, which takes any certificate';
    if (isGiven(tls['ca_bundle'])) report(warningAt([...path, 'ca_bundle'], why));
    if (flag.safeParse(tls['check_hostname']).data === true) report(warningAt([...path, 'check_hostname'], why));
  }
}

function read(tls: z.output<typeof schema>, base: PathBase): ClientTlsConfig {
  return { ...readTlsFiles(tls, base), verify: tls.verify, checkHostname: tls.check_hostname };
}

/** As ContextForge describes that of gRPC, without `check_hostname`; passwords are not told. */
function describe(tls: ClientTlsConfig): Record<string, unknown> {
  return {
    certfile: tls.certfile ?? null,
    keyfile: tls.keyfile ?? null,
    ca_bundle: tls.caBundle ?? null,
    keyfile_password: null,
    verify: tls.verify,
  };
}

export const clientTls = { schema, check, read, describe };

/** The variables that set the same where a section gives no `tls`. */
export function clientTlsVariables(prefix: string) {
  return {
    certfile: variable.file(`${prefix}_CERTFILE`),
    keyfile: variable.file(`${prefix}_KEYFILE`),
    caBundle: variable.file(`${prefix}_CA_BUNDLE`),
    keyfilePassword: variable.text(`${prefix}_KEYFILE_PASSWORD`),
    verify: variable.flag(`${prefix}_VERIFY`),
    checkHostname: variable.flag(`${prefix}_CHECK_HOSTNAME`),
  };
}

/** Undefined if none of them is set. */
export function readClientTls(
  variables: ReturnType<typeof clientTlsVariables>,
  reader: EnvironmentReader,
): ClientTlsConfig | undefined {
  if (Object.values(variables).every(({ name }) => reader.text(name) === undefined)) return undefined;
  const files = {
    certfile: variables.certfile.read(reader),
    keyfile: variables.keyfile.read(reader),
    caBundle: variables.caBundle.read(reader),
    keyfilePassword: variables.keyfilePassword.read(reader),
  };
  if (files.keyfile !== undefined && files.certfile === undefined) {
    reader.refuse(variables.keyfile.name, `needs PLUGINS_${variables.certfile.name}, which is not set`);
  }
  return {
    ...givenFields(files),
    verify: variables.verify.read(reader) ?? true,
    checkHostname: variables.checkHostname.read(reader) ?? true,
  };
}
