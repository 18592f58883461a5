import { z } from 'zod';
import {
  count,
  filledText,
  flag,
  integer,
  mapOf,
  oneOf,
  positiveMilliseconds,
  text,
} from '../../config/sections/field-schemas.js';

/** How clients name the ways to reach a server. */
const type = oneOf('stdio', 'http', 'streamable-http', 'streamableHttp', 'sse');

const bytes = count(1, Number.MAX_SAFE_INTEGER);
const textMap = z.record(z.string(), text, { error: 'a map of strings' });
const names = z.array(filledText, { error: 'a list of strings' });

/** As in rules: `*`, `?`, `[seq]`, `[!seq]`. An empty list of what is allowed says nothing that could be meant. */
const patterns = z.array(filledText.max(256, { error: 'at most 256 characters' }), { error: 'a list of patterns' });

const callsAtOnce = count(1, 100_000);

/** The keys of an entry that say something here, after variables are filled in. */
export const entrySchema = z
  .object({
    type,
    transport: type,
    transportType: type,
    command: filledText,
    args: z.array(text, { error: 'a list of strings' }),
    env: textMap,
    envFile: filledText,
    cwd: filledText,
    url: filledText,
    headers: textMap,
    oauth: mapOf({
      clientId: filledText.optional(),
      clientSecret: filledText.optional(),
      privateKey: filledText.optional(),
      signingAlgorithm: filledText.optional(),
      clientMetadataUrl: filledText.optional(),
      authServerMetadataUrl: filledText.optional(),
      scopes: z.union([filledText, names], { error: 'a list of scopes, or one string of them' }).optional(),
      callbackPort: integer(1, 65_535).optional(),
      grant: oneOf('authorization_code', 'client_credentials').optional(),
    }),
    description: text,
    alias: z.string({ error: aliasForm() }).regex(/^[A-Za-z\d_-]{1,64}$/, { error: aliasForm() }),
    disabled: flag,
    enabled: flag,
    connectTimeout: positiveMilliseconds,
    connectionTimeout: positiveMilliseconds,
    timeout: positiveMilliseconds,
    requestTimeout: positiveMilliseconds,
    idleTimeout: positiveMilliseconds,
    eager: flag,
    isolation: oneOf('shared', 'per-agent', 'per-client', 'per-call'),
    replay: z.union([oneOf('never', 'once'), names], { error: 'never, once or a list of tools' }),
    trustAnnotations: flag,
    maxResponseBytes: bytes,
    maxConcurrent: callsAtOnce,
    pin: oneOf('off', 'warn', 'block'),
    tools: mapOf({
      allow: patterns.min(1, { error: 'at least one pattern' }).optional(),
      deny: patterns.optional(),
    }),
    disabledTools: names,
    forwardHeaders: names,
    protocol: text,
    roots: z.array(mapOf({ uri: filledText, name: filledText.optional() }), { error: 'a list of roots' }),
  })
  .partial();

/** An entry that has the shape it should. */
export type ParsedEntry = z.output<typeof entrySchema>;

/** The keys that are taken, in the order in which the documentation has them. */
export const takenKeys: readonly string[] = Object.keys(entrySchema.shape);

function aliasForm(): string {
  return '1 to 64 letters, digits, `_` or `-`';
}
