import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyBindings, keyName } from '../../../src/inspect/live/page/keys/key-bindings.js';
import { parseRoute, printRoute, type Route, viewNames } from '../../../src/inspect/live/page/routes/route.js';

const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => value.isWellFormed());
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const route = fc
  .record({
    view: fc.constantFrom(...viewNames),
    id: optional(text),
    seq: optional(fc.nat()),
    tab: optional(text),
    chart: optional(fc.constantFrom('map', 'full')),
    filter: optional(text),
  })
  .map(
    (fields): Route =>
      Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as Route,
  );

describe('an address', () => {
  it('is read as what was printed', () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(printRoute(one))).toEqual(one);
      }),
    );
  });

  it('is short and can be read by people', () => {
    expect(printRoute({ view: 'connections', id: 'connection:github', seq: 1207, chart: 'full' })).toBe(
      '#/connections/connection:github@1207?chart=full',
    );
    expect(printRoute({ view: 'events', filter: 'actor:git -odd' })).toBe('#/events?f=actor%3Agit+-odd');
  });

  it.each(['', '#', '#/', '#/overview'])('%j is the overview', (hash) => {
    expect(parseRoute(hash)).toEqual({ view: 'overview' });
  });

  it.each([
    ['#/nowhere', 'There is no view “nowhere”.'],
    ['#main', 'There is no view “#main”.'],
    ['#/events@12x', '“12x” is not the number of an event.'],
    ['#/events@', '“” is not the number of an event.'],
    ['#/connections/a?chart=huge', 'A chart is drawn as map or full, not as “huge”.'],
  ])('%j leads nowhere, and says why', (hash, problem) => {
    expect(parseRoute(hash)).toEqual({ problem });
  });

  it('with an id that is not encoded as it should be takes it as it stands', () => {
    expect(parseRoute('#/plugins/100%')).toEqual({ view: 'plugins', id: '100%' });
  });
});

describe('keys', () => {
  const press = { key: 'j', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

  it('are those of the browser with Ctrl, Cmd and Alt', () => {
    const keys = new KeyBindings();
    keys.add([{ key: 'j', does: 'next', run: () => undefined }]);
    expect(keys.find(press)?.does).toBe('next');
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey'] as const) {
      expect(keys.find({ ...press, [modifier]: true })).toBeUndefined();
    }
  });

  it('do what the view on top says, until it is left', () => {
    const keys = new KeyBindings();
    keys.add([
      { key: 'Escape', does: 'back', run: () => undefined },
      { key: 't', does: 'theme', run: () => undefined },
    ]);
    const leave = keys.add([{ key: 'Escape', does: 'close', run: () => undefined }]);
    expect(keys.find({ ...press, key: 'Escape' })?.does).toBe('close');
    expect(keys.all().map(({ does }) => does)).toEqual(['close', 'theme']);
    leave();
    expect(keys.find({ ...press, key: 'Escape' })?.does).toBe('back');
  });

  it('with Shift are others only where they have a name: ? is typed with it', () => {
    const keys = new KeyBindings();
    keys.add([
      { key: '?', does: 'help', run: () => undefined },
      { key: 'Shift+ArrowLeft', does: 'ten back', run: () => undefined },
      { key: 'ArrowLeft', does: 'back', run: () => undefined },
    ]);
    expect(keys.find({ ...press, key: '?', shiftKey: true })?.does).toBe('help');
    expect(keys.find({ ...press, key: 'ArrowLeft', shiftKey: true })?.does).toBe('ten back');
    expect(keys.find({ ...press, key: 'ArrowLeft' })?.does).toBe('back');
  });

  it.each([
    [' ', 'Space'],
    ['Shift+ArrowRight', 'Shift →'],
    ['Escape', 'Esc'],
    ['/', '/'],
  ])('%j is written as %s', (key, name) => {
    expect(keyName(key)).toBe(name);
  });
});
