import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs/light.js';
import { describe, expect, inject, it } from 'vitest';
import { types } from '../../src/wire/protobuf/descriptor.js';

const python = inject('python');
const script = fileURLToPath(new URL('python/describe_messages.py', import.meta.url));

type Messages = Record<string, Record<string, readonly [number, string]>>;

/** Messages that stand as bytes here, because codecs of their own read them. */
const asBytes = new Set(['Struct', 'DenialMetric']);
const elementOf = (type: string): string => /^map<string, (.+)>$/.exec(type)?.[1] ?? type.replace('[]', '');

/** Every message that is reached from the requests and answers. */
function ourMessages(): Messages {
  const found: Messages = {};
  const visit = (type: protobuf.Type): void => {
    if (type.name in found) return;
    found[type.name] = Object.fromEntries(
      type.fieldsArray.map((field) => [field.name, [field.id, described(field)] as const]),
    );
    for (const field of type.fieldsArray) if (field.resolvedType instanceof protobuf.Type) visit(field.resolvedType);
  };
  for (const type of Object.values(types)) visit(type);
  return found;
}

/** One field there, which may come in several parts: here all of them are read. */
const inParts = new Set(['InvokeHookResponse.result']);

function described(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType}, ${field.type}>`;
  if (inParts.has(`${field.parent?.name}.${field.name}`)) return field.type;
  return field.repeated ? `${field.type}[]` : field.type;
}

describe.skipIf(python === null)('the messages in protobuf', () => {
  it('have the fields that theirs have, with their numbers and types', () => {
    const theirs = JSON.parse(execFileSync(python ?? '', [script], { encoding: 'utf8' })) as Messages;
    const expected = Object.entries(theirs).filter(([name]) => !asBytes.has(name));
    const translated = expected.map(([name, fields]) => [
      name,
      Object.fromEntries(
        Object.entries(fields).map(([field, [id, type]]) => {
          const element = elementOf(type);
          return [field, [id, asBytes.has(element) ? type.replace(element, 'bytes') : type]];
        }),
      ),
    ]);
    expect(theirs).toHaveProperty('DenialMetric');
    expect(ourMessages()).toEqual(Object.fromEntries(translated));
  });
});
