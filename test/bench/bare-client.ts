import { connect } from 'node:net';

/** A protobuf field with a length: a message, a string. */
const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
};
const entry = (key: string, value: Buffer): Buffer => field(1, Buffer.concat([field(1, key), field(2, value)]));

/** `InvokeHookRequest` for the plugin that does nothing, with a frame's length in front. */
function request(): Buffer {
  const args = field(5, entry('message', field(3, 'hello')));
  const message = Buffer.concat([
    field(1, 'tool_pre_invoke'),
    field(2, 'Nothing'),
    field(3, Buffer.concat([entry('name', field(3, 'echo')), entry('args', args)])),
    field(4, field(1, field(1, 'request-1'))),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** Writes the same bytes each time and waits until a whole frame has come back: what no client can be faster than. */
export function bareClient(path: string): { readonly call: () => Promise<void>; readonly close: () => void } {
  const socket = connect({ path });
  const bytes = request();
  let answered = (): void => {};
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 4 || received.length < 4 + received.readUInt32BE()) return;
    received = Buffer.alloc(0);
    answered();
  });
  return {
    call: () =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(bytes);
      }),
    close: () => void socket.destroy(),
  };
}
