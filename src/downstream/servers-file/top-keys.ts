import { errorAt, type Path, type Problem, warningAt } from '../../config/problem.js';
import { suggestionFor } from '../../config/suggestion.js';
import type { Written } from '../../config/written.js';
import { isRecord } from '../../json/records.js';
import { asksForNothing } from './key-rules.js';

/** The keys of a servers file outside of its servers. */
interface TopKeys {
  readonly root: 'mcpServers' | 'servers';
  /** Undefined where there are none to be read, which is among the problems. */
  readonly servers: Written | undefined;
  readonly problems: readonly Problem[];
}

const roots = ['mcpServers', 'servers'] as const;

/** What clients keep beside their servers. */
const otherKeys: readonly string[] = ['$schema', 'inputs', 'serverDefaults'];

export function readTop(data: unknown, strict: boolean): TopKeys {
  if (!isRecord(data)) {
    const problem = errorAt([], (found) => `expected a map with \`mcpServers\`, found ${found}`);
    return { root: 'mcpServers', servers: undefined, problems: [problem] };
  }
  const problems: Problem[] = [];
  const given = roots.filter((key) => data[key] !== undefined);
  const [root = 'mcpServers', second] = given;
  if (second !== undefined) {
    problems.push(errorAt([second], `says what \`${root}\` says; put all servers under one of the two`, 'key'));
  }
  const servers = data[root];
  const path: Path = [root];
  if (given.length === 0)
    problems.push(errorAt(path, `is missing${meantBy(data)}; expected a map of servers`, 'parent'));
  else if (!isRecord(servers)) problems.push(errorAt(path, (found) => `expected a map of servers, found ${found}`));

  for (const key of Object.keys(data)) {
    if (given.some((name) => name === key)) continue;
    const problem = problemOfKey(key, data[key], strict);
    if (problem !== undefined) problems.push(problem);
  }
  return { root, servers: isRecord(servers) ? servers : undefined, problems };
}

function problemOfKey(key: string, value: unknown, strict: boolean): Problem | undefined {
  if (key === 'inputs') {
    if (asksForNothing(value)) return undefined;
    return warningAt([key], 'has no effect: nobody is asked here; set environment variables in place of `${input:ID}`');
  }
  if (key === 'serverDefaults') {
    if (asksForNothing(value)) return undefined;
    return errorAt([key], 'defaults of all servers are not supported; write its keys into each server', 'key');
  }
  if (key === '$schema') {
    return typeof value === 'string' ? undefined : errorAt([key], (found) => `expected a string, found ${found}`);
  }
  const meant = suggestionFor(key, otherKeys);
  const hint = meant === undefined ? 'nothing reads it' : `did you mean \`${meant}\`?`;
  return { ...warningAt([key], `unknown key; ${hint}`), severity: strict ? 'error' : 'warning' };
}

/** Words about a key that was probably to be `mcpServers`. */
function meantBy(data: Written): string {
  const word = Object.keys(data).find((key) => suggestionFor(key, roots) !== undefined);
  return word === undefined ? '' : `, but there is ${JSON.stringify(word)}`;
}
