// Publish and subscribe, as uWebSockets' own examples do it.
const uws = require('@trufflesuite/uws-js-unofficial');

const app = uws.App().ws('/*', {
  // By default what a slow client has not taken is dropped from 64 KiB on. Here everybody has to hear everything.
  maxBackpressure: 64 * 1024 * 1024,
  open: (socket) => socket.subscribe('lobby'),
  message: (_socket, message, binary) => app.publish('lobby', message, binary),
});
app.listen('127.0.0.1', Number(process.argv[2]), () => {});
