import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.js';
import { ConfigError, type ConfigIssue, countOf, firstOf } from '../config-issue.js';
import { renderTemplate, TemplateError } from '../template/template.js';
import { shownPath } from './shown-path.js';
import { YamlSource } from './yaml-source.js';

const largestFile = 1_048_576;

/** The text of a file. @throws ConfigError CONFIG_UNREADABLE, or CONFIG_INVALID for what is not text or too large */
export function readTemplate(file: string, named: string): string {
  let bytes: Buffer | undefined;
  try {
    // A pipe shows its size only when it is read.
    bytes = statSync(file).size > largestFile ? undefined : readFileSync(file);
  } catch (error) {
    const summary = `${shownFile(named)} cannot be read: ${whyUnreadable(error)}; give the path of a configuration file`;
    throw new ConfigError('CONFIG_UNREADABLE', summary, [], { cause: error });
  }
  return textOf(bytes, named);
}

/** What a stream brings, as the text of a file. @throws ConfigError CONFIG_INVALID for what is not text or too large */
export async function readTemplateFrom(stream: AsyncIterable<unknown>, named: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.alloc(0);
    chunks.push(bytes);
    size += bytes.length;
    if (size > largestFile) return textOf(undefined, named);
  }
  return textOf(Buffer.concat(chunks), named);
}

/** @param bytes undefined for more than a configuration may have */
function textOf(bytes: Buffer | undefined, named: string): string {
  if (bytes === undefined || bytes.length > largestFile) {
    const message = `expected at most ${largestFile} bytes, found more`;
    throw invalidConfig(named, [{ file: named, path: '', message, severity: 'error' }]);
  }
  return decodedText(bytes, named);
}

/** @throws ConfigError CONFIG_INVALID for bytes that are no text */
export function decodedText(bytes: Buffer, named: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidConfig(named, [
      { file: named, path: '', message: 'expected text in UTF-8, found other bytes', severity: 'error' },
    ]);
  }
}

const reasons = new Map<unknown, string>([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'permission is denied'],
]);

/** A path in a message, where one that is empty has to be seen. */
export function shownFile(named: string): string {
  return named === '' ? '""' : named;
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return reasons.get(code) ?? messageOf(error);
}

/** Fills in the template and reads the YAML it makes. @throws ConfigError CONFIG_INVALID */
export function parseYaml(template: string, file: string, env: NodeJS.ProcessEnv): YamlSource {
  try {
    const rendered = renderTemplate(template, env);
    if (rendered.text.length <= largestFile) {
      const yaml = new YamlSource(template, rendered);
      if (yaml.problems.length === 0) return yaml;
      throw invalidConfig(
        file,
        yaml.problems.map(({ message, line, column, path = [] }) => ({
          file,
          ...(line === undefined ? {} : { line }),
          ...(column === undefined ? {} : { column }),
          path: shownPath(path),
          message,
          severity: 'error',
        })),
      );
    }
    throw new TemplateError(0, `the template expands to more than ${largestFile} characters`);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const before = template.slice(0, error.offset).split('\n');
    const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    throw invalidConfig(file, [{ file, ...position, path: '', message: error.message, severity: 'error' }]);
  }
}

/** The error that tells these issues, to be thrown. */
export function invalidConfig(
  named: string,
  issues: readonly ConfigIssue[],
  errors: number = errorsAmong(issues),
): ConfigError {
  const listed = firstOf(issues, ({ severity }) => severity);
  const unlisted = errors - errorsAmong(listed);
  return new ConfigError('CONFIG_INVALID', `${named} has ${countOf(errors, 'error')}`, listed, { unlisted });
}

function errorsAmong(issues: readonly { readonly severity: ConfigIssue['severity'] }[]): number {
  return issues.filter(({ severity }) => severity === 'error').length;
}
