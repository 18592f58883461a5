import { ConfigError, type ConfigIssue, countOf, firstOf } from './config-issue.js';
import { anyMap } from './sections/field-schemas.js';
import type { PluginConfig } from './sections/plugin-entry.js';
import { modeTraits } from './sections/plugin-modes.js';
import { readSharedFields, sharedKeys, sharedPluginFields, sharedProperties } from './sections/shared-plugin-fields.js';
import { plainCopy } from './source/plain-data.js';
import { describeFound, isSecretPath, pathText, type Problem } from './problem.js';
import { asRecord, type Written } from './written.js';
import { isRecord } from '../json/records.js';
import { valueAt } from '../json/paths.js';
import { reportSchemaIssues } from './sections/schema-problems.js';
import { z } from 'zod';

// Other keys are left out without a word: servers of every generation send some, null for those that are not set.
// A condition we do not know is refused all the same: without it the plugin would run where it should not.
const remoteSchema = z.object({ ...sharedPluginFields, applied_to: anyMap.nullish() }, { error: 'a map' });

/**
 * The configuration of an external plugin: what is written here wins, what its server says fills the gaps. A key that is
 * null is a gap, so that a `hooks:` left empty does not take a guard out of the chain without a word. A mode that is
 * written here and carries on after errors says what `on_error` would. `name`, `kind` and the transports are only ever
 * taken from here, because they are how the plugin was reached.
 *
 * @throws ConfigError CONFIG_INVALID if the server's configuration has a key we know with a value we do not
 */
export function mergePluginConfig(local: PluginConfig, remoteWritten: object): PluginConfig {
  const problems: Problem[] = [];
  const copied = plainCopy(remoteWritten, (problem) => void problems.push(problem));
  const remote = withoutNulls(asRecord(copied));
  if (Array.isArray(remote['conditions'])) {
    remote['conditions'] = remote['conditions'].map((entry: unknown) =>
      isRecord(entry) ? withoutNulls(entry) : entry,
    );
  }
  const parsed = remoteSchema.safeParse(remote);
  if (!parsed.success)
    reportSchemaIssues(
      parsed.error,
      (path) => valueAt(remote, path),
      (problem) => void problems.push(problem),
    );
  if (!parsed.success || problems.length > 0) throw refusal(local.name, remote, problems);

  const given = withoutNulls(local.written);
  // A mode that carries on after errors was chosen for that. Servers of cpex say `fail` where nobody wrote it.
  if ('mode' in given && modeTraits[local.mode].onError === 'ignore') delete remote['on_error'];
  const theirs = readSharedFields(parsed.data);
  const taken = sharedProperties.filter((property) => {
    const key = sharedKeys[property];
    return key in remote && !(key in given) && property in theirs;
  });
  return {
    ...local,
    ...Object.fromEntries(taken.map((property) => [property, theirs[property]])),
    written: { ...local.written, ...pickShared(remote), ...given },
  };
}

function withoutNulls(map: Written): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}

function pickShared(remote: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(remote).filter(([key]) => Object.hasOwn(sharedPluginFields, key)));
}

function refusal(name: string, remote: unknown, problems: readonly Problem[]): ConfigError {
  const listed = firstOf(problems, ({ severity }) => severity);
  const issues = listed.map((problem): ConfigIssue => {
    const found = describeFound(valueAt(remote, problem.path), isSecretPath(problem.path));
    return { path: pathText(problem.path), message: problem.message(found), severity: 'error' };
  });
  const summary = `the configuration that the server of plugin ${name} sent has ${countOf(problems.length, 'error')}`;
  return new ConfigError('CONFIG_INVALID', summary, issues, { unlisted: problems.length - listed.length });
}
