const longestBytes = 4096;

// Control characters cannot be in a header, and blanks at its ends do not survive it.
// oxlint-disable-next-line no-control-regex -- they are what it is about
const unsendable = /[\u0000-\u001f\u007f]|^ | $/;

/** Whether a stream can be resumed at an event: its id must come back in a header as it was given. */
export function isSendableEventId(id: string): boolean {
  return !unsendable.test(id) && Buffer.byteLength(id) <= longestBytes;
}

/** An event id as the value of `last-event-id`: its UTF-8 bytes, one character each, which is how headers are written. */
export function eventIdHeader(id: string): string {
  return Buffer.from(id, 'utf8').toString('latin1');
}
