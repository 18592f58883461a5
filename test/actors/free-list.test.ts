import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FreeList } from '../../src/actors/free-list.js';
import { IdTable } from '../../src/transports/mcp/id-table.js';

// `true` adds a thing; a number removes one of those that are there.
const changes = fc.array(fc.oneof(fc.constant(true as const), fc.nat()), { maxLength: 60 });

test('a free list holds what was added and not removed, and gives no index to two at a time', () => {
  fc.assert(
    fc.property(changes, (taken) => {
      const list = new FreeList<{ readonly added: number }>();
      const there = new Map<number, { readonly added: number }>();
      for (const [added, change] of taken.entries()) {
        if (change === true) {
          const thing = { added };
          const index = list.add(thing);
          expect(there.has(index)).toBe(false);
          there.set(index, thing);
        } else if (there.size > 0) {
          const index = [...there.keys()][change % there.size] ?? 0;
          list.remove(index);
          there.delete(index);
        }
        expect(list.size).toBe(there.size);
        expect(new Set(list)).toEqual(new Set(there.values()));
      }
    }),
  );
});

test('a table holds what was added under its id until it is taken, however far the ids lie apart', () => {
  fc.assert(
    fc.property(changes, fc.constantFrom(1, 2, 7, 16, 64), (taken, step) => {
      const table = new IdTable<string>();
      const there = new Map<number, string>();
      for (const [index, change] of taken.entries()) {
        const id = index * step;
        if (change === true) {
          table.add(id, `thing ${id}`);
          there.set(id, `thing ${id}`);
        } else {
          const wanted = (change % taken.length) * step;
          expect(table.take(wanted)).toBe(there.get(wanted));
          there.delete(wanted);
        }
        expect(table.size).toBe(there.size);
        expect(table.entries()).toEqual([...there]);
        for (let each = 0; each <= id; each += step) expect(table.get(each)).toBe(there.get(each));
        expect(table.get(id + 0.5)).toBeUndefined();
      }
    }),
  );
});
