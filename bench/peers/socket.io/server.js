// The broadcast of Socket.IO's guide, without the fallback to polling.
const { createServer } = require('http');
const { Server } = require('socket.io');

const http = createServer();
const io = new Server(http, { transports: ['websocket'] });
io.on('connection', (socket) => socket.on('m', (text) => io.emit('m', text)));
http.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
