// The typical chat server with nodejs-websocket: each message goes to every connection.
const ws = require('nodejs-websocket');

const server = ws
  .createServer((connection) => {
    connection.on('text', (text) => {
      server.connections.forEach((other) => other.sendText(text));
    });
    connection.on('error', () => {});
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
