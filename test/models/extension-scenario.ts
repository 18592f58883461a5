import * as fc from 'fast-check';
import { capabilityNames } from '../../src/config/sections/capabilities.js';
import type { Extensions } from '../../src/extensions/extensions.js';

const word = fc.constantFrom('a', 'b', 'c', 'd');
const words = fc.uniqueArray(word, { maxLength: 4 });
const textMap = fc.dictionary(fc.constantFrom('x', 'Y', 'z'), word);
const header = fc.constantFrom('Accept', 'accept', 'Authorization', 'X-Trace', 'x-trace', 'Cookie');
// Minus nought has no place in JSON.
const jsonValue = fc.jsonValue({ maxDepth: 1 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const anyMap = fc.dictionary(fc.oneof(word, fc.constant('__proto__')), fc.oneof(jsonValue, word), {
  maxKeys: 3,
});

/** Every field of an object, or not. */
function some<Fields extends Record<string, unknown>>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) {
  return fc.record<Fields, never>(fields, { requiredKeys: [] });
}

const hop = fc.record(
  { subjectId: word, subjectType: fc.constantFrom('user', 'agent'), scopesGranted: words, ttlSeconds: fc.nat(60) },
  { requiredKeys: ['subjectId', 'subjectType'] },
);

const subject = fc.record(
  {
    id: word,
    type: fc.constantFrom('user' as const, 'agent' as const),
    roles: words,
    permissions: words,
    teams: words,
    claims: textMap,
  },
  { requiredKeys: ['id', 'type'] },
);

/** Extensions in which any slot and any field may be there or not. */
export const anyExtensions: fc.Arbitrary<Extensions> = some({
  request: some({ environment: word, requestId: word, traceId: word, spanId: word }),
  agent: some({ input: word, sessionId: word, turn: fc.nat(3), conversation: some({ summary: word, topics: words }) }),
  http: some({ headers: fc.dictionary(header, word) }),
  security: some({
    labels: words,
    classification: word,
    subject,
    objects: fc.dictionary(word, some({ managedBy: word, permissions: words })),
    data: fc.dictionary(word, some({ applyLabels: words, retention: some({ policy: word }) })),
  }),
  delegation: some({
    chain: fc.array(hop, { maxLength: 3 }),
    depth: fc.nat(3),
    originSubjectId: word,
    actorSubjectId: word,
    delegated: fc.boolean(),
    ageSeconds: fc.nat(9),
  }),
  mcp: some({ tool: fc.record({ name: word, inputSchema: anyMap }, { requiredKeys: ['name'] }) }),
  completion: some({ model: word, latencyMs: fc.nat(9) }),
  provenance: some({ source: word }),
  llm: some({ modelId: word, capabilities: words }),
  framework: some({ framework: word, metadata: anyMap }),
  meta: some({ tags: words, properties: textMap }),
  custom: anyMap,
});

export const anyCapabilities = fc.subarray([...capabilityNames]);
