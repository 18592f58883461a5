import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the recordings of a test file. @returns gives the path of a new one each time */
export function recordingFolder(): (name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-recording-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  return (name = 'recording') => join(folder, `${name}-${++files}.jsonl`);
}
