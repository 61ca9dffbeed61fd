// Publish and subscribe, as in uWebSockets' own examples.
const uws = require('@trufflesuite/uws-js-unofficial');

const app = uws.App().ws('/*', {
  // By default, messages to a slow client are dropped beyond a backlog of 64 KiB. In this bench every client
  // must receive everything.
  maxBackpressure: 64 * 1024 * 1024,
  open: (socket) => socket.subscribe('lobby'),
  message: (_socket, message, binary) => app.publish('lobby', message, binary),
});
app.listen('127.0.0.1', Number(process.argv[2]), () => {});
