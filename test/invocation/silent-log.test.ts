import { expect, test, vi } from 'vitest';
import { createLogger, isHeard, silentLogger, unfailingLogger } from '../../src/observability/logger.js';

test('a line is put together where somebody may hear it, and not where nobody can', () => {
  const mine = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  expect(isHeard(mine, 'warn')).toBe(true);
  expect(isHeard(unfailingLogger(unfailingLogger(mine)), 'warn')).toBe(true);
  expect(isHeard(silentLogger, 'warn')).toBe(false);
  expect(isHeard(unfailingLogger(unfailingLogger(silentLogger)), 'error')).toBe(false);
  const errors = unfailingLogger(createLogger('error'));
  expect([isHeard(errors, 'warn'), isHeard(errors, 'error')]).toEqual([false, true]);
});

test('a logger that begins to speak is heard, and one that cannot be asked', () => {
  const changing = { ...silentLogger };
  const logger = unfailingLogger(changing);
  expect(isHeard(logger, 'warn')).toBe(false);
  changing.warn = vi.fn();
  expect(isHeard(logger, 'warn')).toBe(true);
  const throwing = new Proxy(silentLogger, {
    get() {
      throw new Error('no');
    },
  });
  expect(isHeard(unfailingLogger(throwing), 'warn')).toBe(true);
});
