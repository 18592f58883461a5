import { describe, expect, it } from 'vitest';
import { Cancellation } from '../../src/time/cancellation.js';
import { ChannelOwners } from '../../src/transports/mcp/channel-owners.js';
import { UnansweredRequests } from '../../src/transports/mcp/unanswered-requests.js';
import { RecordingListener } from '../fixtures/transports/talking-links.js';
import { rejection } from '../fixtures/waiting.js';

/** The requests of a link that are never answered unless the test says so. */
function requests() {
  const pending = new UnansweredRequests({ gaveUp: (request) => owners.gaveUp(request), ended: () => {} });
  const owners: ChannelOwners = new ChannelOwners(pending);
  const make = (on: RecordingListener | undefined, method = 'tools/call') => {
    const signal = new Cancellation();
    let id = 0;
    const answer = pending.start({ method }, on === undefined ? { signal } : { signal, on }, (given) => {
      id = given;
    });
    return {
      id,
      giveUp: async () => {
        signal.abort(new Error('enough'));
        await rejection(answer);
      },
      answer: async () => {
        pending.answer({ jsonrpc: '2.0', id, result: {} });
        await answer;
      },
    };
  };
  return { owners, make };
}

describe('a message on a link with one channel', () => {
  const [a, b] = [new RecordingListener({}), new RecordingListener({})];

  it('belongs to the newest of requests that are all of one owner', async () => {
    const { owners, make } = requests();
    expect(owners.belonging()).toEqual({ kind: 'none' });
    const first = make(a);
    const newer = new RecordingListener(a.owner);
    make(newer);
    expect(owners.belonging()).toEqual({ kind: 'requests', listener: newer, ids: [1, 2] });
    await first.answer();
    expect(owners.belonging()).toEqual({ kind: 'requests', listener: newer, ids: [2] });
    const other = make(b);
    expect(owners.belonging()).toEqual({ kind: 'none' });
    await other.answer();
    expect(owners.belonging()).toMatchObject({ kind: 'requests' });
  });

  it.each(['ping', 'logging/setLevel', 'tools/list', 'resources/subscribe'])(
    'does not belong to a request of ours about the link: %s',
    async (method) => {
      const { owners, make } = requests();
      make(a);
      await make(undefined, method).giveUp();
      make(undefined, method);
      expect(owners.belonging()).toMatchObject({ kind: 'requests', ids: [1] });
    },
  );

  it('belongs to nobody while one is open, or was given up, that has no listener', async () => {
    const { owners, make } = requests();
    make(a);
    const other = make(undefined, 'prompts/get');
    expect(owners.belonging()).toEqual({ kind: 'none' });
    await other.giveUp();
    expect(owners.belonging()).toEqual({ kind: 'none' });
    owners.answeredLate(other.id);
    expect(owners.belonging()).toMatchObject({ kind: 'requests', ids: [1] });
  });

  it('may belong to one that another owner gave up, until its late answer', async () => {
    const { owners, make } = requests();
    const given = make(b);
    await given.giveUp();
    make(a);
    expect(owners.belonging()).toEqual({ kind: 'none' });
    owners.answeredLate(given.id);
    expect(owners.belonging()).toMatchObject({ kind: 'requests', listener: a });
  });

  it('belongs to nobody any more when one of another owner was forgotten that was given up', async () => {
    const { owners, make } = requests();
    const given = make(b);
    await given.giveUp();
    for (let n = 0; n < 1000; n++) await make(a).giveUp();
    owners.answeredLate(given.id);
    make(a);
    expect(owners.belonging()).toEqual({ kind: 'none' });
  });

  it('still belongs to the one owner when its own were forgotten', async () => {
    const { owners, make } = requests();
    for (let n = 0; n < 1100; n++) await make(a).giveUp();
    make(a);
    expect(owners.belonging()).toMatchObject({ kind: 'requests', listener: a });
    make(b);
    expect(owners.belonging()).toEqual({ kind: 'none' });
  });
});
