import { errorAt, pathText, type Path, type Report, warningAt } from '../../config/problem.js';
import { isRecord } from '../../json/records.js';
import { readPattern, patternDoubt, patternFault, type Pattern } from './pattern.js';
import { reportUnknownKeys } from './unknown-keys.js';

/** One rule, and where it stands. */
export interface Rule {
  readonly pattern: Pattern;
  /** As in {@link RuleDecision.rule}. */
  readonly path: string;
}

/** Rules on the tools of every server that matches. */
export interface ToolRules {
  readonly servers: Pattern;
  readonly path: Path;
  readonly rules: readonly Rule[];
}

/** What is allowed, or what is denied. */
export interface RuleLists {
  readonly servers: readonly Rule[];
  readonly tools: readonly ToolRules[];
}

/** The rules of one agent. */
export interface AgentEntry {
  readonly name: string;
  readonly allow: RuleLists;
  readonly deny: RuleLists;
  /** A key that is not known and may have been meant as a rule. The agent may use nothing while it is there. */
  readonly unknownKey: string | undefined;
}

/** What a rules file says. */
export interface RulesFile {
  readonly agents: readonly AgentEntry[];
  readonly denyOnMissingAgent: boolean;
}

/** What is read, and where problems go. */
export interface Reading {
  readonly report: Report;
  /** Whether keys that are not known are errors. */
  readonly strict: boolean;
}

/** Takes everything that it can and reports the rest. */
export function readRulesFile(data: unknown, reading: Reading): RulesFile {
  const root = recordAt([], data, reading);
  reportUnknownKeys([], root, ['agents', 'defaults'], reading);
  const { $schema } = root;
  if ($schema !== undefined && typeof $schema !== 'string')
    reading.report(errorAt(['$schema'], (found) => `expected a string, found ${found}`));
  const agents = Object.entries(recordAt(['agents'], root['agents'], reading));
  return {
    agents: agents.map(([name, value]) => readAgent(name, value, reading)),
    denyOnMissingAgent: readDefaults(root['defaults'], reading),
  };
}

function readDefaults(value: unknown, reading: Reading): boolean {
  const path = ['defaults'];
  const key = 'deny_on_missing_agent';
  const defaults = recordAt(path, value, reading);
  reportUnknownKeys(path, defaults, [key], reading);
  const denies = defaults[key];
  if (denies === undefined) return true;
  if (typeof denies === 'boolean') return denies;
  reading.report(errorAt([...path, key], (found) => `expected true or false, found ${found}`));
  return true;
}

function readAgent(name: string, value: unknown, reading: Reading): AgentEntry {
  const path = ['agents', name];
  if (!/^[\w.-]+$/.test(name)) {
    reading.report(errorAt(path, 'expected a name of letters, digits, `_`, `.` and `-` for an agent', 'key'));
  }
  const agent = recordAt(path, value, reading, 'required');
  const unknown = reportUnknownKeys(path, agent, ['allow', 'deny'], reading);
  const allow = readLists([...path, 'allow'], agent['allow'], reading);
  const deny = readLists([...path, 'deny'], agent['deny'], reading);
  return { name, allow: allow.lists, deny: deny.lists, unknownKey: unknown ?? deny.unknown ?? allow.unknown };
}

function readLists(
  path: Path,
  value: unknown,
  reading: Reading,
): { readonly lists: RuleLists; readonly unknown: string | undefined } {
  const record = recordAt(path, value, reading);
  const unknown = reportUnknownKeys(path, record, ['servers', 'tools'], reading);
  const servers = readList([...path, 'servers'], record['servers'], reading);
  const toolsPath = [...path, 'tools'];
  const tools = Object.entries(recordAt(toolsPath, record['tools'], reading)).map(([server, list]): ToolRules => {
    const at = [...toolsPath, server];
    return { servers: patternAt(at, server, reading, 'key'), path: at, rules: readList(at, list, reading, 'required') };
  });
  return { lists: { servers, tools }, unknown };
}

function readList(path: Path, value: unknown, { report }: Reading, presence?: 'required'): Rule[] {
  if (value === undefined && presence === undefined) return [];
  if (!Array.isArray(value)) {
    report(errorAt(path, (found) => `expected a list of names and patterns, found ${found}`));
    return [];
  }
  return value.flatMap((item: unknown, index): Rule[] => {
    const at = [...path, index];
    if (typeof item === 'string') return [{ pattern: patternAt(at, item, { report }, 'value'), path: pathText(at) }];
    report(errorAt(at, (found) => `expected a name or a pattern, found ${found}`));
    return [];
  });
}

function patternAt(path: Path, text: string, { report }: Pick<Reading, 'report'>, at: 'key' | 'value'): Pattern {
  const fault = patternFault(text);
  if (fault !== undefined) report(errorAt(path, fault, at));
  const doubt = patternDoubt(text);
  if (doubt !== undefined) report(warningAt(path, doubt, at));
  return readPattern(text);
}

function recordAt(
  path: Path,
  value: unknown,
  { report }: Pick<Reading, 'report'>,
  presence?: 'required',
): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  const optional = path.length > 0 && presence === undefined;
  if (value !== undefined || !optional) report(errorAt(path, (found) => `expected an object, found ${found}`));
  return {};
}
