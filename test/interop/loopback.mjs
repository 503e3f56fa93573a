/**
 * For `node --import`: a server that would listen on every address listens on the loopback one, and says on which port. It
 * keeps its connections: on a busy machine, a client would write to one that is just being closed, and fail.
 */
import { Server } from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => console.log(`listening on ${this.address().port}`))
  this.keepAliveTimeout = 600_000
  return listen.call(this, Number(port), '127.0.0.1', ...rest.filter((it) => typeof it === 'function'))
}
