// The broadcast of Socket.IO's guide, without its fallback to polling.
const { Server } = require('socket.io');

const io = new Server({ transports: ['websocket'] });
io.on('connection', (socket) => socket.on('m', (text) => io.emit('m', text)));
io.listen(Number(process.argv[2]));
