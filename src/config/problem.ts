import { countOf } from './config-issue.js';

export type Path = readonly (string | number)[];

/** An issue before it has a position in a file. */
export interface Problem {
  readonly path: Path;
  /** Which end of a `key: value` the issue points at; `parent` where there is no such key but should be. */
  readonly at: 'key' | 'value' | 'parent';
  readonly severity: 'error' | 'warning';
  /** Given a description of the value at `path`, which is free of secrets. */
  readonly message: (found: string) => string;
}

export type Report = (problem: Problem) => void;

export function errorAt(
  path: Path,
  message: string | ((found: string) => string),
  at: Problem['at'] = 'value',
): Problem {
  return { path, at, severity: 'error', message: typeof message === 'string' ? () => message : message };
}

export function warningAt(
  path: Path,
  message: string | ((found: string) => string),
  at: Problem['at'] = 'key',
): Problem {
  return { ...errorAt(path, message, at), severity: 'warning' };
}

/** `plugins[2].mcp.url`; keys that are not plain words are quoted. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (!/^[\w-]+$/.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text === '' ? segment : `${text}.${segment}`;
  }, '');
}

const secretKey = /pass|secret|token|key|credential|cookie|^authorization$|^env$/i;

/** Whether a value at this path may be a secret, by the names on the way to it. `keyfile` only names a file. */
export function isSecretPath(path: Path): boolean {
  return path.some((segment) => typeof segment === 'string' && segment !== 'keyfile' && secretKey.test(segment));
}

const longestEcho = 60;

/** What was found, for a message. Of a hidden value only the type and the length are told. */
export function describeFound(value: unknown, hidden: boolean): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') {
    if (value === '') return 'an empty string';
    if (hidden) return `a string of ${countOf(value.length, 'character')}`;
    const echo = value.length > longestEcho ? `${value.slice(0, longestEcho)}…` : value;
    return `the string ${JSON.stringify(echo)}`;
  }
  return hidden ? `a ${typeof value}` : `the ${typeof value} ${JSON.stringify(value)}`;
}
