import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { errorAt, type Problem } from '../../config/problem.js';
import { count, filledText, integer, mapOf, positiveMilliseconds } from '../../config/sections/field-schemas.js';
import { reportSchemaIssues } from '../../config/sections/schema-problems.js';
import { invalidConfig } from '../../config/source/config-file.js';
import { type JsonSource, readJsonFile } from '../../config/source/json-source.js';
import { expandHome } from '../../config/source/path-base.js';
import { filledTexts } from '../../downstream/servers-file/filled-texts.js';
import { SmallFiles } from '../../downstream/servers-file/small-files.js';
import { Variables } from '../../downstream/servers-file/variables.js';
import { isGatechartError } from '../../errors.js';
import { valueAt } from '../../json/paths.js';
import { isRecord } from '../../json/records.js';
import { type GatewayHttpOptions, readHttpOptions } from './http-options.js';

const anyCount = count(1, Number.MAX_SAFE_INTEGER).exactOptional();
const duration = positiveMilliseconds.exactOptional();
const filledTextsList = z.array(filledText, { error: 'a list of strings' }).exactOptional();

/** The options that a file can give: all of them but the token. An editor's `$schema` may stand beside them. */
export const httpFileSchema = mapOf({
  $schema: z.string({ error: 'a string' }).exactOptional(),
  host: filledText.exactOptional(),
  port: integer(0, 65_535).exactOptional(),
  tls: mapOf({
    certfile: filledText,
    keyfile: filledText,
    caBundle: filledText.exactOptional(),
    keyfilePassword: filledText.exactOptional(),
    certReqs: z.union([z.literal(0), z.literal(1), z.literal(2)], { error: '0, 1 or 2' }),
  }).exactOptional(),
  oauth: mapOf({
    issuer: filledText,
    audience: filledText,
    jwksUrl: filledText.exactOptional(),
    requiredScopes: filledTextsList,
    resource: filledText.exactOptional(),
    userClaim: filledText.exactOptional(),
  }).exactOptional(),
  allowedHosts: filledTextsList,
  healthPort: integer(0, 65_535).exactOptional(),
  rate: mapOf({
    perSecond: z.number({ error: 'a number, more than 0' }).positive({ error: 'a number, more than 0' }),
    burst: anyCount,
  }).exactOptional(),
  limits: mapOf({
    maxSessions: anyCount,
    sessionIdleMs: duration,
    keepAliveMs: duration,
    maxMessageBytes: anyCount,
    requestTimeoutMs: duration,
    maxCalls: anyCount,
    maxSessionCalls: anyCount,
    maxHeldBytes: anyCount,
  }).exactOptional(),
});

/**
 * Reads a file of options, with comments and variables as in a servers file. Relative paths start beside the file.
 *
 * @param env what variables are taken from
 * @throws ConfigError CONFIG_UNREADABLE; CONFIG_INVALID with the place of everything that is wrong
 */
export function readHttpFile(file: string, env: NodeJS.ProcessEnv): GatewayHttpOptions {
  const path = resolve(expandHome(file));
  const json = readJsonFile(path, file);
  const folder = dirname(path);
  const variables = new Variables({
    env,
    workspaceFolder: folder,
    home: homedir(),
    files: new SmallFiles(folder, homedir()),
  });
  const problems: Problem[] = [];
  const filled = filledTexts(json.data, [], variables, (problem) => void problems.push(problem));
  if (problems.length > 0) throw refusal(json, problems);
  if (isRecord(filled) && Object.hasOwn(filled, 'token')) {
    throw refusal(json, [errorAt(['token'], 'is not taken from a file; set the variable GATECHART_TOKEN', 'key')]);
  }
  const parsed = httpFileSchema.safeParse(filled);
  if (!parsed.success) {
    reportSchemaIssues(
      parsed.error,
      (at) => valueAt(filled, at),
      (problem) => void problems.push(problem),
    );
    throw refusal(json, problems);
  }
  const options = withPaths(parsed.data, folder);
  checkMeaning(options, json);
  return options;
}

function withPaths({ $schema: _, ...options }: z.output<typeof httpFileSchema>, folder: string): GatewayHttpOptions {
  const { tls } = options;
  if (tls === undefined) return options;
  const file = (path: string): string => resolve(folder, expandHome(path));
  const { certfile, keyfile, caBundle } = tls;
  const paths = { certfile: file(certfile), keyfile: file(keyfile) };
  return { ...options, tls: { ...tls, ...paths, ...(caBundle !== undefined && { caBundle: file(caBundle) }) } };
}

/** What no schema says is told by those who check options, and gets its place here. */
function checkMeaning(options: GatewayHttpOptions, json: JsonSource): void {
  try {
    readHttpOptions(options);
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    const place = placeOf.safeParse(error.details);
    if (!place.success) throw error;
    throw refusal(json, [errorAt(place.data.path, place.data.problem)]);
  }
}

const placeOf = z.object({ path: z.array(z.string()), problem: z.string() });

function refusal(json: JsonSource, problems: readonly Problem[]): Error {
  const issues = problems.map((problem) => json.issue(problem));
  return invalidConfig(
    json.named,
    issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  );
}
