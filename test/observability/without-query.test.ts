import { expect, it } from 'vitest';
import { withoutQuery } from '../../src/observability/without-query.js';

it.each([
  ['https://host/a/b?token=secret#secret', 'https://host/a/b'],
  ['https://user:secret@host/a', 'https://host/a'],
  // All before the last @ of an authority belongs to the user.
  ['https://user:secret@secret@host/a', 'https://host/a'],
  ['https:\\\\user:secret@host\\a', 'https:\\\\host\\a'],
  // What reads URIs passes over white space and control characters in front.
  [' \n\u0000https://user:secret@host/a?secret', ' \n\u0000https://host/a'],
  ['\thttps://host/a?secret', '\thttps://host/a'],
  ['file:///home/ada@example.org/a', 'file:///home/ada@example.org/a'],
  ['https://host/@a', 'https://host/@a'],
  // As many slashes as one likes, or none, where the scheme is one of the web.
  ['https:user:secret@host/a', 'https:host/a'],
  ['https:///user:secret@host/a', 'https:///host/a'],
  // White space inside is passed over too.
  ['ht\ttps://user:secret@host/a?secret', 'ht\ttps://host/a'],
  ['https:/\n/user:secret@host/a', 'https:/\n/host/a'],
  // Elsewhere a backslash is part of the password.
  ['notes://user:sec\\ret@host/a', 'notes://host/a'],
  ['mailto:ada@example.org?subject=secret', 'mailto:ada@example.org'],
])('%j is told as %j', (subject, told) => {
  expect(withoutQuery(subject)).toBe(told);
});

it.each(['what is this?', 'a#1', 'user@host', ' is it?'])('the name %j stays as it is', (name) => {
  expect(withoutQuery(name)).toBe(name);
});
