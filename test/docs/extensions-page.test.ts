import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { capabilityNames } from '../../src/config/sections/capabilities.js';
import { extensionsSchema } from '../../src/extensions/extension-schemas.js';
import { type ExtensionPart, extensionTable, type PartRule } from '../../src/extensions/extension-table.js';

const page = readFileSync('docs/reference/extensions.md', 'utf8');

function fieldsOf(part: string): string[] {
  let schema: z.core.$ZodType = extensionsSchema();
  for (const key of part.split('.')) {
    if (schema instanceof z.ZodOptional) schema = schema.def.innerType;
    if (schema instanceof z.ZodObject) schema = schema.shape[key] as z.core.$ZodType;
  }
  if (schema instanceof z.ZodOptional) schema = schema.def.innerType;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).map((field) => `\`${field}\``) : [];
}

function written({ write }: PartRule): string {
  if (write === 'immutable') return 'nothing';
  if (write === 'free') return 'all of it';
  return 'grows' in write ? `more, with \`${write.grows}\`` : `all of it, with \`${write.guarded}\``;
}

it('the table of the page is the table of the code', () => {
  const rows = (Object.entries(extensionTable) as [ExtensionPart, PartRule][]).map(([part, rule]) => {
    const fields = fieldsOf(part).join(', ');
    const seen = rule.read === 'free' ? 'everyone' : `with \`${rule.read}\``;
    return `| \`${part}\` | ${fields === '' ? '' : `${fields} `}| ${seen} | ${written(rule)} |`;
  });
  const table = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(table).toEqual(rows);
});

it('the page says of every capability what it is for', () => {
  for (const name of capabilityNames) expect(page).toContain(`\`${name}\``);
});

it('the configuration names every capability', () => {
  const row = /^\| `capabilities` \|.*$/m.exec(readFileSync('docs/reference/configuration.md', 'utf8'))?.[0];
  for (const name of capabilityNames) expect(row).toContain(`\`${name}\``);
});
