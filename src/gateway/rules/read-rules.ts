import { fileURLToPath } from 'node:url';
import type { ConfigIssue } from '../../config/config-issue.js';
import type { Problem } from '../../config/problem.js';
import { invalidConfig } from '../../config/source/config-file.js';
import { jsonFromData, type JsonSource, readJsonFile } from '../../config/source/json-source.js';
import { expandHome } from '../../config/source/path-base.js';
import { createRules } from './decisions.js';
import { namesOfServers, ruleWarnings, unconfiguredServers } from './rule-warnings.js';
import type { Rules } from './rules.js';
import { readRulesFile } from './rules-file.js';
import type { RulesInput } from './rules-input.js';

/** Options of {@link readRules}. */
export interface ReadRulesOptions {
  /** Keys that are not known are errors. Default false: they are warnings, and close what they stand in. */
  readonly strict?: boolean | undefined;
}

/** Rules that can be used, and what in them does less or more than it seems to. */
export interface ReadRules {
  readonly rules: Rules;
  /** Warnings, in the order of the file. */
  readonly issues: readonly ConfigIssue[];
  /** Servers that the rules name, patterns apart. */
  readonly servers: readonly string[];
  /** Servers that the rules name and that are not among these, as warnings. */
  unconfigured(servers: readonly string[]): ConfigIssue[];
}

/**
 * Reads the rules of agents: a JSON file in the format of agent-mcp-gateway, comments allowed, or the same as a plain
 * object.
 *
 * @param source the path or `file:` URL of a file, or the data
 * @throws ConfigError CONFIG_UNREADABLE if the file cannot be read; CONFIG_INVALID with every issue otherwise
 */
export function readRules(source: string | URL | RulesInput, { strict = false }: ReadRulesOptions = {}): ReadRules {
  const json = sourceOf(source);
  const problems: Problem[] = [];
  const file = readRulesFile(json.data, { report: (problem) => void problems.push(problem), strict });
  const told = issuesOf(problems, json);
  if (problems.some(({ severity }) => severity === 'error')) throw invalidConfig(json.named, told);
  return {
    rules: createRules(file),
    issues: issuesOf([...problems, ...ruleWarnings(file)], json),
    servers: namesOfServers(file),
    unconfigured: (servers) => issuesOf(unconfiguredServers(file, servers), json),
  };
}

function sourceOf(source: string | URL | RulesInput): JsonSource {
  if (typeof source === 'string') return readJsonFile(expandHome(source), source);
  if (!(source instanceof URL)) return jsonFromData(source, 'the rules');
  const path = fileURLToPath(source);
  return readJsonFile(path, path);
}

/** In the order of the file. Rules hold nothing secret, so that what was found is shown. */
function issuesOf(problems: readonly Problem[], json: JsonSource): ConfigIssue[] {
  return problems
    .map((problem) => json.issue(problem, false))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
