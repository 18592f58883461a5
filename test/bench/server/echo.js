// Sends back what it gets: frames on the Unix socket of the first argument, on the port of the second gRPC messages.
import { createServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [path, port] = process.argv.slice(2);
const asIs = (/** @type {Buffer} */ bytes) => bytes;
const bytes = {
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};
/**
 * Answers frames: each begins with how many bytes it has and how many its answer has, and the answer with the number of
 * the call, which is in the four bytes behind those. Nothing else of a frame is looked at.
 *
 * @param {import('node:net').Socket} socket
 */
function answerFrames(socket) {
  /** @type {Buffer[]} */
  let chunks = [];
  let bytes = 0;
  let needed = 0;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < Math.max(needed, 12)) return;
    const coming = chunks.length === 1 ? chunk : Buffer.concat(chunks, bytes);
    let at = 0;
    let answers = 0;
    for (let next = at; bytes - next >= 12 && bytes - next >= coming.readUInt32BE(next); ) {
      answers += coming.readUInt32BE(next + 4);
      next += coming.readUInt32BE(next);
    }
    const answer = Buffer.allocUnsafe(answers);
    for (let written = 0; written < answers; ) {
      answer.writeUInt32BE(coming.readUInt32BE(at + 8), written);
      written += coming.readUInt32BE(at + 4);
      at += coming.readUInt32BE(at);
    }
    if (answers > 0) socket.write(answer);
    bytes -= at;
    chunks = bytes === 0 ? [] : [coming.subarray(at)];
    needed = bytes < 4 ? 0 : coming.readUInt32BE(at);
  });
}

if (path !== undefined && path !== '-') createServer(answerFrames).listen(path);
if (port !== undefined) {
  const server = new Server();
  server.addService(
    { echo: { path: '/Echo/Echo', ...bytes } },
    {
      echo: (
        /** @type {import('@grpc/grpc-js').ServerUnaryCall<Buffer, Buffer>} */ call,
        /** @type {import('@grpc/grpc-js').sendUnaryData<Buffer>} */ callback,
      ) => callback(null, call.request),
    },
  );
  server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), () => {});
}
