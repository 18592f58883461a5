import * as fc from 'fast-check';

/** Rules of the agents `a` and `b` over few servers and tools, so that rules and calls meet. */
export function plainRules(servers: readonly string[], tools: readonly string[]): fc.Arbitrary<object> {
  const names = fc.uniqueArray(fc.constantFrom(...servers, '*'), { maxLength: 2 });
  const patterns = fc.dictionary(
    fc.constantFrom(...servers),
    fc.uniqueArray(fc.constantFrom(...tools), { maxLength: 2 }),
    { maxKeys: 2, noNullPrototype: true },
  );
  const lists = fc.record({ servers: names, tools: patterns });
  const allowing = fc.record({ servers: fc.constant(['*']), tools: patterns });
  const denying = fc.record({ servers: fc.constant<string[]>([]), tools: patterns });
  const agent = fc.oneof(
    fc.record({ allow: allowing, deny: denying }),
    fc.record({ allow: lists, deny: lists }),
    fc.record({ allow: allowing }),
  );
  return fc.record({ a: agent, b: agent }).map((agents) => ({ agents }));
}
