import { Writable } from 'node:stream';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { LineWriter } from '../../src/transports/stdio/line-writer.js';

/** A pipe that keeps what is written to it, write by write. */
function newPipe(): { readonly pipe: Writable; readonly writes: string[] } {
  const writes: string[] = [];
  const pipe = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      writes.push(chunk);
      done();
    },
  });
  return { pipe, writes };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const line = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', '')) },
  { weight: 1, arbitrary: fc.nat(300_000).map((length) => 'x'.repeat(length)) },
);

describe('the writer of lines', () => {
  test.prop([fc.array(fc.array(line, { maxLength: 40 }), { maxLength: 5 })], { numRuns: 50 })(
    'writes each line once, in order, and has nothing left when a turn is over',
    async (turns) => {
      const { pipe, writes } = newPipe();
      const writer = new LineWriter(pipe);
      for (const lines of turns) {
        for (const one of lines) writer.write(one);
        await turn();
        expect(writer.waitingLength).toBe(0);
      }
      expect(writes.join('')).toBe(
        turns
          .flat()
          .map((one) => `${one}\n`)
          .join(''),
      );
    },
  );

  it('writes the first line of a turn at once, and those that follow in the same turn together', async () => {
    const { pipe, writes } = newPipe();
    const writer = new LineWriter(pipe);
    for (let round = 1; round <= 2; round++) {
      writer.write('first');
      expect(writes).toHaveLength(2 * round - 1);
      void Promise.resolve().then(() => writer.write('second'));
      void Promise.resolve().then(() => writer.write('third'));
      await turn();
      expect(writes.slice(-2)).toEqual(['first\n', 'second\nthird\n']);
    }
  });

  it('has no more than sixteen lines wait, so that the other side has something to do', async () => {
    const { pipe, writes } = newPipe();
    const writer = new LineWriter(pipe);
    for (let i = 0; i < 34; i++) writer.write('line');
    expect(writes.map((written) => written.split('\n').length - 1)).toEqual([1, 16, 16]);
    await turn();
    expect(writes).toHaveLength(4);
  });

  it('joins no more than 256 KiB', async () => {
    const { pipe, writes } = newPipe();
    const writer = new LineWriter(pipe);
    writer.write('first');
    for (let i = 0; i < 3; i++) writer.write('x'.repeat(200_000));
    await turn();
    expect(writes.map(({ length }) => length)).toEqual([6, 200_001, 200_001, 200_001]);
  });

  it('writes nothing to a pipe that has ended', async () => {
    const { pipe, writes } = newPipe();
    const errors: Error[] = [];
    pipe.on('error', (error) => errors.push(error));
    const writer = new LineWriter(pipe);
    writer.write('first');
    writer.write('second');
    pipe.end();
    await turn();
    expect(writes).toEqual(['first\n']);
    expect(errors).toEqual([]);
  });
});
