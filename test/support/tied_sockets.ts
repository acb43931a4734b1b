import type { Socket } from 'node:net';

/** Pairs of sockets of which each ends with the other. */
export class TiedSockets {
  readonly #open = new Set<Socket>();

  tie(one: Socket, other: Socket): void {
    for (const [socket, itsOther] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => itsOther.destroy());
      socket.on('close', () => {
        this.#open.delete(socket);
        itsOther.destroy();
      });
    }
  }

  end(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
