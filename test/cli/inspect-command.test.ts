import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { inspect, type InspectCommand } from '../../src/cli/inspect.js';
import { readInspectFlags } from '../../src/cli/inspect-flags.js';
import { rejection } from '../fixtures/waiting.js';

const address = 'http://127.0.0.1:4983/#t=h2ZPkWxuRsq0w7vUPyCkXg';

async function run(
  what: string,
  command: InspectCommand = {},
  open = (_address: string) => Promise.resolve<unknown>(0),
) {
  const said = { stdout: '', stderr: '' };
  const opened: string[] = [];
  const code = await inspect(what, command, {
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
    env: {},
    signals: new EventEmitter(),
    open: (url) => {
      opened.push(url);
      return open(url);
    },
  });
  return { ...said, code, opened };
}

describe('gatechart inspect', () => {
  it('opens the address that a process has printed, and uses it for nothing else', async () => {
    expect(await run(address)).toEqual({ code: 0, opened: [address], stdout: '', stderr: '' });
  });

  it('prints it where no browser is to be opened', async () => {
    const { code, opened, stdout } = await run(address, { browser: false });
    expect([code, opened, stdout]).toEqual([0, [], `Open this address in a browser:\n  ${address}\n`]);
  });

  it('says where there is no browser', async () => {
    const { code, stderr } = await run(address, {}, () => Promise.reject(new Error('spawn xdg-open ENOENT')));
    expect([code, stderr]).toEqual([0, 'No browser: spawn xdg-open ENOENT\n']);
  });

  it.each([
    ['http://127.0.0.1:4983/', {}, 'there is no token behind #t='],
    ['https://gateway.example/#t=secret', {}, 'it begins with https:'],
    ['http://gateway.example/#t=secret', {}, 'an inspector is on this machine, and not on gateway.example'],
    [address, { port: '5000' }, '--port is for a recording'],
  ])('opens nothing else: %s %j', async (what, command, why) => {
    const error = await rejection(run(what, command));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) });
    expect(String(error)).not.toContain('secret');
  });

  it('serves a recording on a port only', async () => {
    expect(await rejection(run('call.jsonl', { port: 'http' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '--port http: expected a port, a number from 0 to 65535',
    });
  });
});

describe('the flags of what can be inspected', () => {
  it('say how', () => {
    expect(readInspectFlags({})).toBeUndefined();
    expect(readInspectFlags({ inspect: true })).toEqual({ control: false, payloads: 'redacted' });
    expect(readInspectFlags({ inspect: '0', inspectControl: true, inspectPayloads: true })).toEqual({
      port: 0,
      control: true,
      payloads: 'shown',
    });
  });

  it.each([
    [{ inspectControl: true }, '--inspect-control is for --inspect, which is not given'],
    [{ inspectPayloads: true }, '--inspect-payloads is for --inspect, which is not given'],
    [{ inspect: '127.0.0.1:4983' }, '--inspect 127.0.0.1:4983: expected a port, a number from 0 to 65535'],
    [{ inspect: '65536' }, '--inspect 65536: expected a port, a number from 0 to 65535'],
    [{ inspect: '' }, '--inspect : expected a port, a number from 0 to 65535'],
  ])('are refused where they say nothing: %j', (flags, message) => {
    expect(() => readInspectFlags(flags)).toThrow(message);
  });
});
