import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, createManager, definePlugin, silentLogger } from '../../src/index.js';
import { sectionProblems } from '../../src/config/section-problems.js';
import { rejection } from '../fixtures/waiting.js';

const schema = z.strictObject({
  words: z.array(z.string()).default([]),
  limits: z.strictObject({ per_minute: z.number().min(1), burst: z.int().optional() }).optional(),
  rules: z.array(z.strictObject({ name: z.string(), action: z.enum(['block', 'warn']) })).optional(),
  by_tool: z.record(z.string(), z.strictObject({ token: z.string() })).optional(),
  either: z.union([z.strictObject({ left: z.string() }), z.strictObject({ right: z.string() })]).optional(),
  even: z
    .int()
    .refine((value) => value % 2 === 0, 'an odd one is of no use')
    .optional(),
});

/** What a manager says of a `config` section that is given in code. */
async function refusalOf(config: object): Promise<string[]> {
  const plugin = definePlugin({ config: schema, hooks: { tool_pre_invoke: () => undefined } });
  const entry = { name: 'a', kind: 'k', hooks: ['tool_pre_invoke'], config };
  const started = createManager({ config: { plugins: [entry] }, kinds: { k: plugin }, logger: silentLogger, env: {} });
  const error = await rejection(started);
  expect(error).not.toBeInstanceOf(ConfigError);
  const message = (error as Error).message.replace('Plugin a (k) cannot be loaded: ', '');
  return message.replace(/\.$/, '').split('; plugins').join('\nplugins').split('\n');
}

describe('what a schema refuses of the config of a plugin', () => {
  it.each([
    [{ wrds: [] }, 'plugins[0].config.wrds: unknown key; did you mean `words`?'],
    [{ zzz: 1 }, 'plugins[0].config.zzz: unknown key; expected one of words, limits, rules, by_tool, either, even'],
    [{ words: ['a', 5] }, 'plugins[0].config.words[1]: expected string, found the number 5'],
    [{ limits: {} }, 'plugins[0].config.limits.per_minute: is missing; expected number'],
    [
      { limits: { per_minute: 0 } },
      'plugins[0].config.limits.per_minute: expected number to be >=1, found the number 0',
    ],
    [{ limits: { per_minute: 1, brst: 2 } }, 'plugins[0].config.limits.brst: unknown key; did you mean `burst`?'],
    [
      { rules: [{ name: 'a', action: 'blck' }] },
      'plugins[0].config.rules[0].action: expected one of "block"|"warn", found the string "blck"',
    ],
    [
      { rules: [{ nme: 'a', name: 'a', action: 'warn' }] },
      'plugins[0].config.rules[0].nme: unknown key; did you mean `name`?',
    ],
    [
      { by_tool: { t: { tokn: 1, token: 'a' } } },
      'plugins[0].config.by_tool.t.tokn: unknown key; did you mean `token`?',
    ],
    [{ even: 3 }, 'plugins[0].config.even: an odd one is of no use'],
  ])('%j', async (config, message) => {
    expect(await refusalOf(config)).toEqual([message]);
  });

  it('does not show what may be a secret', async () => {
    const [message] = await refusalOf({ by_tool: { t: { token: 12_345 } } });
    expect(message).toBe('plugins[0].config.by_tool.t.token: expected string, found a number');
  });

  it('is one problem for each thing that is wrong', () => {
    const given = { words: 5, limits: { per_minute: 'x' }, zzz: 1 };
    const { error } = schema.safeParse(given);
    const paths = error === undefined ? [] : sectionProblems(schema, error, given, ['config']).map(({ path }) => path);
    expect(paths).toEqual([
      ['config', 'words'],
      ['config', 'limits', 'per_minute'],
      ['config', 'zzz'],
    ]);
  });
});
