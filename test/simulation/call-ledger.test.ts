import { describe, expect, it } from 'vitest';
import { Admissions } from '../../src/testing/simulation/admissions.js';
import { CallLedger } from '../../src/testing/simulation/call-ledger.js';
import { CallerSignal } from '../../src/testing/simulation/caller-signal.js';
import { ChannelCensus } from '../../src/testing/simulation/channel-census.js';
import { Journal } from '../../src/testing/simulation/journal.js';
import { callKey } from '../../src/testing/simulation/server-words.js';
import type { SimulatedCall } from '../../src/testing/simulation/simulated-call.js';
import { SimulationClock } from '../../src/testing/simulation/simulation-clock.js';
import { watchingLogger } from '../../src/testing/simulation/watching-logger.js';

const rules = { agents: { ann: { allow: { servers: ['notes'] }, deny: { tools: { notes: ['send'] } } } } };
const servers = { mcpServers: { notes: { command: 'notes', timeout: 100, maxConcurrent: 2 } } };

function world() {
  const clock = new SimulationClock();
  const journal = new Journal(clock, false);
  const admissions = new Admissions();
  admissions.ruled(rules);
  admissions.served(servers, { env: {} })();
  const ledger = new CallLedger({ clock, journal, admissions, maxStarts: 1 });
  const call = (id: string, more: Partial<SimulatedCall> = {}): SimulatedCall => {
    const made: SimulatedCall = {
      id,
      owner: 'client1',
      agent: 'ann',
      server: 'notes',
      tool: 'write',
      answers: [{ kind: 'answers', afterMs: 0 }],
      plugins: {},
      signal: new CallerSignal(),
      begunIn: 0,
      dueAt: 100,
      isSettled: false,
      sent: 0,
      executed: 0,
      requestId: undefined,
      recorded: 0,
      retries: 0,
      place: 0,
      heard: 0,
      blockedBefore: undefined,
      blockedAfter: undefined,
      hooked: undefined,
      changedBefore: new Map(),
      changedAfter: new Map(),
      since: admissions.now(),
      isLast: false,
      listing: undefined,
      ...more,
    };
    ledger.began(made);
    return made;
  };
  const params = (id: string, name = 'write', args: object = { call: id }) => ({
    name,
    arguments: args,
    _meta: { [callKey]: id },
  });
  const send = (id: string, name = 'write', args: object = { call: id }, link: object = {}, server = 'notes') =>
    ledger.sent(link, server, { method: 'tools/call', params: params(id, name, args) });
  const answered = (call: string, owner = 'client1') =>
    ({ kind: 'answered', isError: false, fields: { call, owner } }) as const;
  return { clock, journal, ledger, call, send, params, answered, broken: () => journal.violation?.invariant };
}

it('a call that is asked, sent, executed and answered breaks no promise', () => {
  const { ledger, call, send, params, answered, broken } = world();
  const made = call('c1');
  ledger.handedOn({ [callKey]: 'c1' });
  send('c1');
  ledger.reached('notes', params('c1'));
  ledger.working('notes', 1);
  ledger.settled(made, answered('c1'));
  expect(broken()).toBeUndefined();
});

describe('it is seen that', () => {
  it('a call settles twice', () => {
    const { ledger, call, answered, broken } = world();
    const made = call('c1');
    ledger.settled(made, answered('c1'));
    ledger.settled(made, answered('c1'));
    expect(broken()).toBe('settles-once');
  });

  it('a decision is written down twice', () => {
    const { ledger, call, broken } = world();
    call('c1');
    ledger.recorded({ [callKey]: 'c1' });
    ledger.recorded({ [callKey]: 'c1' });
    expect(broken()).toBe('settles-once');
  });

  it('a call settles, or is open, when its time is over', () => {
    const { clock, ledger, call, broken } = world();
    call('c1');
    clock.jumpTo(150);
    ledger.checkTimes();
    expect(broken()).toBe('in-time');
  });

  it('a jump of the clock is nobody’s fault', () => {
    const { clock, ledger, call, broken } = world();
    call('c1');
    clock.jumpTo(150);
    ledger.jumped();
    ledger.checkTimes();
    expect(broken()).toBeUndefined();
  });

  it('somebody gets the answer to another call, or to that of another', () => {
    for (const [id, owner] of [
      ['c2', 'client1'],
      ['c1', 'client2'],
    ] as const) {
      const { ledger, call, answered, broken } = world();
      ledger.settled(call('c1'), answered(id, owner));
      expect(broken()).toBe('own-answer');
    }
  });

  it('somebody is told of the failure of another call', () => {
    const { ledger, call, broken } = world();
    ledger.settled(call('c1'), { kind: 'failed', code: 'REFUSED_BY_SERVER', text: 'c2 came to nothing' });
    expect(broken()).toBe('own-answer');
  });

  it('a later call is sent first', () => {
    const { ledger, call, send, broken } = world();
    call('c1');
    call('c2');
    ledger.handedOn({ [callKey]: 'c1' });
    ledger.handedOn({ [callKey]: 'c2' });
    const link = {};
    send('c2', 'write', { call: 'c2' }, link);
    send('c1', 'write', { call: 'c1' }, link);
    expect(broken()).toBe('order');
  });

  it('more servers start, and more calls are in flight, than may be', () => {
    const { ledger, broken } = world();
    const over = ledger.starting();
    over();
    over();
    ledger.starting();
    expect(broken()).toBeUndefined();
    ledger.starting();
    expect(broken()).toBe('bounded');
    const busy = world();
    busy.ledger.working('notes', 2);
    expect(busy.broken()).toBeUndefined();
    busy.ledger.working('notes', 3);
    expect(busy.broken()).toBe('bounded');
  });

  it.each([
    ['that the rules deny', { tool: 'send' }, 'send', 'notes'],
    ['of another tool', {}, 'other', 'notes'],
    ['of another server', {}, 'write', 'mail'],
  ])('a server gets a call %s', (_what, more, name, server) => {
    const { call, send, broken } = world();
    call('c1', more);
    send('c1', name, { call: 'c1' }, {}, server);
    expect(broken()).toBe('admitted');
  });

  it('a server gets what nobody asked for', () => {
    const { send, broken } = world();
    send('c9');
    expect(broken()).toBe('admitted');
  });

  it('what is blocked goes on', () => {
    const before = world();
    before.call('c1', { blockedBefore: 'guard' });
    before.send('c1');
    expect(before.broken()).toBe('blocked');
    const after = world();
    after.ledger.settled(after.call('c1', { blockedAfter: 'guard' }), after.answered('c1'));
    expect(after.broken()).toBe('blocked');
  });

  it('what was changed is lost, and who may not change something does', () => {
    const lost = world();
    lost.call('c1', { changedBefore: new Map([['masker', true]]) });
    lost.send('c1');
    expect(lost.broken()).toBe('modified');
    const answer = world();
    answer.ledger.settled(answer.call('c1', { changedAfter: new Map([['masker', true]]) }), answer.answered('c1'));
    expect(answer.broken()).toBe('modified');
    const forbidden = world();
    forbidden.call('c1', { plugins: { auditor: {} } });
    forbidden.send('c1', 'write', { call: 'c1', auditor: true });
    expect(forbidden.broken()).toBe('modified');
    const other = world();
    other.call('c1', { hooked: '{"call":"c1","more":1}' });
    other.send('c1');
    expect(other.broken()).toBe('modified');
  });

  it('what is listed cannot be called, and what is not can', () => {
    const listed = world();
    const call = listed.call('c1', { listing: { is: 'listed', at: 0 } });
    listed.ledger.settled(call, { kind: 'failed', code: 'TOOL_NOT_FOUND', text: '' });
    expect(listed.broken()).toBe('listed-usable');
    const unlisted = world();
    unlisted.call('c1', { listing: { is: 'unlisted', at: 0 } });
    unlisted.send('c1');
    expect(unlisted.broken()).toBe('listed-usable');
  });

  it('a call is executed twice, or sent when it has settled', () => {
    const twice = world();
    twice.call('c1');
    twice.ledger.reached('notes', twice.params('c1'));
    twice.ledger.reached('notes', twice.params('c1'));
    expect(twice.broken()).toBe('executions');
    const late = world();
    late.ledger.settled(late.call('c1'), late.answered('c1'));
    late.send('c1');
    expect(late.broken()).toBe('executions');
  });

  it('a server cannot be called though all is well', () => {
    const { ledger, call, broken } = world();
    ledger.settled(call('c1', { isLast: true }), { kind: 'failed', code: 'TIMEOUT', text: '' });
    expect(broken()).toBe('recovers');
  });

  it('a connection has two links', () => {
    const { journal, broken } = world();
    const connection = new ChannelCensus('notes', journal).connection();
    const retired = { isRetired: true };
    connection.came(retired);
    connection.came({ isRetired: false });
    expect(broken()).toBeUndefined();
    connection.came({ isRetired: false });
    expect(broken()).toBe('one-link');
    expect(connection.living).toBe(3);
  });

  it('a machine breaks off', () => {
    const { journal, broken } = world();
    watchingLogger(journal).error({ err: new Error('no'), actor: 'x' }, 'actor failed');
    expect(broken()).toBe('unbroken');
  });
});
