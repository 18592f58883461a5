import { expect, it } from 'vitest';
import { startNode } from '../fixtures/processes/processes.js';

/** Makes a package one that is not installed. */
const hooks = `
  export async function resolve(specifier, context, next) {
    if (specifier !== '@opentelemetry/api') return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '@opentelemetry/api'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;

const program = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
  await import('gatechart');
  await import('gatechart/prometheus');
  const { createOpenTelemetry } = await import('gatechart/opentelemetry');
  await createOpenTelemetry().catch((error) => console.log(error.code + ' ' + error.message));`;

it('where the interface of OpenTelemetry is not installed, only who asks for it is told', async () => {
  const { stdout, stderr } = await startNode(['--input-type=module', '-e', program]).ended;
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(
    'CONFIG_INVALID createOpenTelemetry cannot begin: it needs the package @opentelemetry/api: npm install @opentelemetry/api',
  );
});
