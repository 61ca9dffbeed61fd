// Publish and subscribe of Bun, whose WebSockets are a recent version of uWebSockets.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('a WebSocket', { status: 426 })),
  websocket: {
    // The same as for uWebSockets.
    backpressureLimit: 64 * 1024 * 1024,
    open: (socket) => socket.subscribe('lobby'),
    message: (_socket, message) => server.publish('lobby', message),
  },
});
