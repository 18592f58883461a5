import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerWorld } from '../models/server-world.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

/** What an entry is made of: what sessions depend on, and what they do not. */
interface Edit {
  readonly version: number;
  readonly maxConcurrent: number;
}

type Step =
  | { readonly kind: 'call'; readonly name: Name; readonly ms: number }
  | { readonly kind: 'list'; readonly name: Name }
  | { readonly kind: 'reload'; readonly file: Readonly<Partial<Record<Name, Edit>>> }
  | { readonly kind: 'linkEnds'; readonly name: Name }
  | { readonly kind: 'time'; readonly ms: number };

const edits: fc.Arbitrary<Edit> = fc.record({
  version: fc.integer({ min: 1, max: 2 }),
  maxConcurrent: fc.constantFrom(1, 50),
});
const files: fc.Arbitrary<Readonly<Partial<Record<Name, Edit>>>> = fc.record(
  { a: edits, b: edits, c: edits },
  { requiredKeys: [] },
);
const someName = fc.constantFrom(...names);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('call' as const), name: someName, ms: fc.nat(4_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), name: someName }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reload' as const), file: files }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('linkEnds' as const), name: someName }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(1_500) }) },
);

function entriesOf(file: Readonly<Partial<Record<Name, Edit>>>): Record<string, ServerInput> {
  return Object.fromEntries(
    Object.entries(file).map(([name, { version, maxConcurrent }]) => [
      name,
      { command: 'server', args: [String(version)], maxConcurrent },
    ]),
  );
}

test('whatever is edited under calls, unchanged servers keep their sessions, each call is settled, and in the end nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(steps, { maxLength: 30 }), fc.nat(), async (first, plan, seed) => {
      const world = await ServerWorld.open(entriesOf(first), { drainMs: 30_000 }, seed);
      let file: Readonly<Partial<Record<Name, Edit>>> = first;
      /** Calls whose server was not hurt while they ran: they must be answered, by the version that was in force. */
      const safe: { outcome: ReturnType<ServerWorld['track']>; name: Name; version: number; hurt: boolean }[] = [];
      for (const step of plan) {
        switch (step.kind) {
          case 'call': {
            const { name, ms } = step;
            const version = file[name]?.version;
            for (const { transport } of world.of(name)) transport.requests.always({ kind: 'answers', afterMs: ms });
            world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: ms });
            const outcome = world.track(world.set.callTool(name, { name: 'echo' }));
            await world.clock.run(0);
            if (version === undefined) expect(outcome.code).toBe('SERVER_NOT_FOUND');
            else safe.push({ outcome, name, version, hurt: false });
            break;
          }
          case 'list':
            world.track(world.set.list(step.name, 'tools'));
            await world.clock.run(0);
            break;
          case 'linkEnds': {
            for (const { transport } of world.of(step.name)) transport.link?.end();
            for (const call of safe) if (call.name === step.name) call.hurt = true;
            await world.clock.run(0);
            break;
          }
          case 'reload': {
            await world.clock.run(0);
            const before = new Map(names.map((name) => [name, world.of(name).length]));
            const links = new Map(names.map((name) => [name, world.of(name).at(-1)?.transport.link]));
            const states = new Map(world.set.status().map(({ name, state }) => [name, state]));
            const report = await world.set.reload({ mcpServers: entriesOf(step.file) });
            const of = (isMeant: (name: Name) => boolean): Name[] => (Object.keys(step.file) as Name[]).filter(isMeant);
            expect(report.added).toEqual(of((name) => file[name] === undefined));
            expect(report.unchanged).toEqual(of((name) => isSame(file[name], step.file[name])));
            expect(report.changed).toEqual(
              of((name) => file[name] !== undefined && !isSame(file[name], step.file[name])),
            );
            expect(report.removed).toEqual(
              (Object.keys(file) as Name[]).filter((name) => step.file[name] === undefined),
            );
            expect(world.set.names()).toEqual(Object.keys(step.file));
            for (const name of names) {
              if (file[name]?.version !== step.file[name]?.version || file[name] === undefined) continue;
              expect(world.of(name).length, `sessions of ${name}`).toBe(before.get(name));
              expect(world.of(name).at(-1)?.transport.link, `the link of ${name}`).toBe(links.get(name));
              expect(world.set.status().find((status) => status.name === name)?.state).toBe(states.get(name));
            }
            file = step.file;
            break;
          }
          case 'time':
            await world.clock.run(step.ms);
        }
      }
      await world.clock.run(600_000);
      for (const { outcome, version, hurt } of safe) {
        if (hurt) continue;
        expect(outcome.code).toBe(undefined);
        expect(outcome.answer).toMatchObject({ version: String(version) });
      }
      expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
    }),
    { numRuns: 60 },
  );
});

function isSame(one: Edit | undefined, other: Edit | undefined): boolean {
  return one?.version === other?.version && one?.maxConcurrent === other?.maxConcurrent;
}
