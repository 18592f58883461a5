// The examples of docs/guides/test-with-failures.md are tests; importing them runs them.
export const examples = [
  await import('../../docs/examples/testing/connection.test.js'),
  await import('../../docs/examples/testing/plugin.test.js'),
  await import('../../docs/examples/testing/properties.test.js'),
];
