import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { resolveAgent } from '../../../src/gateway/identity/agent.js';
import { patternFault, readPattern } from '../../../src/gateway/rules/pattern.js';
import { readRules } from '../../../src/gateway/rules/read-rules.js';
import type { Rules } from '../../../src/gateway/rules/rules.js';
import { agentNames, type Question, rulesFiles, serverNames, toolNames } from '../../models/rules-generator.js';
import type { ModelRules } from '../../models/rules-model.js';
import {
  type DeliberateChange,
  deliberateChanges,
  hasWiderPatterns,
  rows,
  withoutWiderPatterns,
} from './deliberate-changes.js';
import { type PolicyAnswer, startTheirPolicy, type TheirPolicy } from './their-policy.js';

const python = inject('gatewayPython');
const runs = 2_000;
const askedAgents = [...agentNames, 'nobody'];

/** Files, most of which the other one takes, some of them with a key that nobody knows. */
const files = fc.tuple(rulesFiles(), fc.nat(9), fc.nat(9)).map(([any, wide, spoilt]): ModelRules => {
  const file = wide === 0 ? any : withoutWiderPatterns(any);
  const [first, ...rest] = Object.entries(file.agents ?? {});
  if (first === undefined || spoilt > 0) return file;
  return { ...file, agents: Object.fromEntries([[first[0], { ...first[1], deney: { servers: ['*'] } }], ...rest]) };
});
const claims = fc.array(
  fc.tuple(fc.constantFrom(null, '', ...agentNames, 'nobody'), fc.constantFrom(null, '', ...agentNames, 'nobody')),
  { minLength: 2, maxLength: 2 },
);
/** All that there is to decide. */
const everything = askedAgents.flatMap((agent) =>
  serverNames.flatMap((server) => [undefined, ...toolNames].map((tool): Question => ({ agent, server, tool }))),
);

describe.skipIf(python === null)('rules, beside agent-mcp-gateway', () => {
  let theirs: TheirPolicy;
  beforeAll(() => {
    theirs = startTheirPolicy(python ?? '');
  });
  afterAll(() => theirs.close());

  it(`${runs} files: what is different is on the page`, async () => {
    const seen = new Map<string, number>();
    const see = (row: string): void => void seen.set(row, (seen.get(row) ?? 0) + 1);
    let compared = 0;

    const compare = async (file: ModelRules, claimed: readonly [string | null, string | null][]) => {
      const answer = await theirs.answer({
        rules: file,
        questions: everything.map(({ agent, server, tool }) => [agent, server, tool ?? null]),
        agents: askedAgents,
        claims: claimed,
        servers: serverNames,
      });
      const { rules } = readRules(file);
      expect(answer.refused !== undefined, answer.refused).toBe(hasWiderPatterns(file));
      if (answer.refused !== undefined) {
        see(rows.widerPatterns);
        return;
      }
      // What the other one reads, written for this one, is decided alike.
      const undone = undoing(file, deliberateChanges);
      const wrong = everything.filter((question, index) => ask(undone(question), question) !== answer.decisions[index]);
      expect(wrong).toEqual([]);
      const different = everything.filter((question, index) => ask(rules, question) !== answer.decisions[index]);
      for (const row of whyDifferent(file, different)) see(row);
      for (const [index, agent] of askedAgents.entries()) if (isOddlyListed(answer, agent, index)) see(rows.lists);
      for (const [index, [claim, fallback]] of claimed.entries()) {
        const ours = resolveAgent({ claimed: claim, fallback: fallback ?? undefined, rules });
        expect('agent' in ours ? ours : { error: ours.error.message }).toEqual(answer.agents[index]);
      }
      compared++;
    };

    await fc.assert(fc.asyncProperty(files, claims, compare), { numRuns: runs });
    expect(compared).toBeGreaterThan(runs * 0.8);
    const expected = [...deliberateChanges.map(({ row }) => row), rows.lists, rows.widerPatterns];
    expect([...seen.keys()].toSorted()).toEqual(expected.toSorted());
  }, 120_000);

  it('patterns match as in `fnmatch`', async () => {
    const character = fc.constantFrom(
      'a',
      'b',
      'c',
      '*',
      '?',
      '[',
      ']',
      '!',
      '-',
      '^',
      '\\',
      '&',
      '~',
      '|',
      '\n',
      '\u{1f600}',
    );
    const text = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(''));
    const pairs = fc
      .sample(fc.tuple(text, text), 20_000)
      // A rule matches its own text, too.
      .filter(([name, pattern]) => name !== pattern)
      .filter(([, pattern]) => pattern === '' || patternFault(pattern) === undefined);
    const ours = pairs.map(([name, pattern]) => readPattern(pattern).matches(name));
    const answers = await theirs.fnmatch(pairs);
    const wrong = pairs.filter((_, index) => ours[index] !== answers[index]);
    expect(wrong).toEqual([]);
    expect(ours.filter(Boolean).length).toBeGreaterThan(100);
  });

  it('files that are wrong are wrong for both, but for what is on the page', async () => {
    const odd = fc.constantFrom<unknown>(null, 1, true, 'x', '', '[z-a]', [], {}, ['x'], [1], [null], { x: 1 });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(rulesFiles(), odd, fc.infiniteStream(fc.nat()), async (file, value, choices) => {
        const spoilt = replacedIn(file, value, choices);
        const { refused } = await theirs.answer({ rules: spoilt, questions: [], agents: [], claims: [], servers: [] });
        const ours = isRefused(spoilt);
        if (ours === (refused !== undefined)) return;
        if (ours) {
          expect(JSON.stringify(spoilt)).toMatch(/"(\[z-a\])?"/);
          seen.add(rows.emptyRules);
        } else expect(refused).toMatch(/wildcard/);
      }),
      { numRuns: 1_000 },
    );
    expect([...seen]).toEqual([rows.emptyRules]);
  });

  it.each<[string, object, readonly [string, string, string | null], boolean, boolean | 'refused']>([
    [rows.unknownAgent, { defaults: { deny_on_missing_agent: false } }, ['nobody', 'db', 'drop'], true, false],
    [
      rows.wideKeys,
      { agents: { a: { allow: { servers: ['*'] }, deny: { tools: { '*': ['*'] } } } } },
      ['a', 'db', 'drop'],
      true,
      false,
    ],
    [
      rows.literals,
      { agents: { a: { allow: { servers: ['db'], tools: { db: ['get_use?'] } } } } },
      ['a', 'db', 'get_user'],
      false,
      true,
    ],
    [
      rows.unknownKeys,
      { agents: { a: { allow: { servers: ['db'] }, deney: { servers: ['db'] } } } },
      ['a', 'db', null],
      true,
      false,
    ],
    [
      rows.emptyRules,
      { agents: { a: { allow: { servers: ['db'] }, deny: { tools: { db: ['[z-a]'] } } } } },
      ['a', 'db', 'z'],
      true,
      'refused',
    ],
    [
      rows.misplacedRules,
      { deny: { servers: ['db'] }, agents: { a: { allow: { servers: ['db'] } } } },
      ['a', 'db', null],
      true,
      'refused',
    ],
  ])('%s: the old outcome and the new one', async (_, rules, question, old, now) => {
    const answer = await theirs.answer({ rules, questions: [question], agents: [], claims: [], servers: [] });
    expect(answer).toMatchObject({ decisions: [old] });
    const [agent, server, tool] = question;
    if (now === 'refused') expect(() => readRules(rules)).toThrow(/has 1 error/);
    else expect(ask(readRules(rules).rules, { agent, server, tool: tool ?? undefined })).toBe(now);
  });

  it('the same servers are named that are not configured, patterns apart', async () => {
    const rules = {
      agents: { a: { allow: { servers: ['p', 'q', '*'], tools: { q: ['x'] } }, deny: { servers: ['r'] } } },
    };
    const answer = await theirs.answer({ rules, questions: [], agents: [], claims: [], servers: ['p'] });
    expect(answer).toMatchObject({ warnings: readRules(rules).unconfigured(['p']).length });
  });
});

function ask(rules: Rules, { agent, server, tool }: Question): boolean {
  return (tool === undefined ? rules.server(agent, server) : rules.tool(agent, server, tool)).allowed;
}

/** The rules as they have to be written here, for each question: what is undone is the same for all tools. */
function undoing(file: ModelRules, changes: readonly DeliberateChange[]): (question: Question) => Rules {
  const made = new Map<string, Rules>();
  return (question) => {
    const key = `${question.agent} ${question.server}`;
    const rules =
      made.get(key) ?? readRules(changes.reduce((written, change) => change.undo(written, question), file)).rules;
    made.set(key, rules);
    return rules;
  };
}

/** The fewest changes that, taken together, explain each of the decisions that differ. */
function whyDifferent(file: ModelRules, different: readonly Question[]): Set<string> {
  const sets = deliberateChanges
    .reduce<DeliberateChange[][]>((all, change) => [...all, ...all.map((some) => [...some, change])], [[]])
    .toSorted((a, b) => a.length - b.length)
    .map((changes) => ({ changes, undone: undoing(file, changes) }));
  const { rules } = readRules(file);
  const found = different.map((question) => {
    const fewest = sets.find(({ undone }) => ask(undone(question), question) !== ask(rules, question));
    if (fewest === undefined) throw new Error(`not explained: ${JSON.stringify({ file, question })}`);
    return fewest.changes.map(({ row }) => row);
  });
  return new Set(found.flat());
}

/** Whether the other one lists servers that it does not let an agent use, leaves some out, or lists some twice. */
function isOddlyListed(answer: PolicyAnswer, agent: string, index: number): boolean {
  if (answer.refused !== undefined) return false;
  const all = answer.listed[index] ?? [];
  const listed: readonly string[] = all.includes('*')
    ? serverNames
    : all.filter((name) => serverNames.some((server) => server === name));
  const usable = everything.filter(
    (question, at) => question.agent === agent && question.tool === undefined && answer.decisions[at] === true,
  );
  return !isDeepStrictEqual(usable.map(({ server }) => server).toSorted(), listed.toSorted());
}

function isRefused(file: object): boolean {
  try {
    readRules(file);
    return false;
  } catch {
    return true;
  }
}

/** The data with another value somewhere in it. */
function replacedIn(data: object, value: unknown, choices: Iterator<number>): object {
  const keys = Object.keys(data);
  const key = keys[(choices.next().value ?? 0) % keys.length];
  if (key === undefined) return data;
  const inner: unknown = Reflect.get(data, key);
  const deeper = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
  const replaced = deeper && (choices.next().value ?? 0) % 4 > 0 ? replacedIn(inner, value, choices) : value;
  if (Array.isArray(data)) return data.map((item: unknown, index) => (String(index) === key ? replaced : item));
  return { ...data, [key]: replaced };
}
