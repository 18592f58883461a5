// Sends back what it gets: on the Unix socket of the first argument bytes, on the port of the second gRPC messages.
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
if (path !== undefined && path !== '-') createServer((socket) => socket.pipe(socket)).listen(path);
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
